"""What the panel needs of the notebook it stands beside."""

from collections.abc import Callable
from typing import Protocol

from claude_magic.asking import Standing
from claude_magic.content.blocks import Block
from claude_magic.content.message import Message
from claude_magic.content.wire import Json
from claude_magic.engine import Engine
from claude_magic.panel.attachments import Attachment
from claude_magic.panel.choices import Choices


class Notebook(Protocol):
    """The notebook, whoever it is made by."""

    engine: Engine

    def ask(self, question: Message, choices: Choices, standing: Standing) -> None:
        """Ask; what comes of it is told by the engine."""

    def filled(self, text: str) -> tuple[Block, ...]:
        """Return the blocks of a text, its `{{ expressions }}` evaluated."""

    def attachment(self, name: str, data: bytes) -> Attachment:
        """Return what a file becomes."""

    def pictures(self) -> list[Json]:
        """Return what the notebook displayed lately, newest first: `id`, `name`, `small`."""

    def picture(self, name: str) -> Attachment:
        """Return what the picture with this `id` becomes.

        Raises
        ------
        BadInput: it is not there any more.
        """

    def last_picture(self) -> tuple[Block, ...]:
        """Return the blocks of the picture that was displayed last, if there is one."""

    def names(self, prefix: str) -> list[Json]:
        """Return the variables that begin so: `name`, `kind`."""

    def defaults(self) -> Json:
        """Return what holds where nothing is chosen: `models`, `model`, `system`, `practice`."""

    def when_defaults_change(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have `tell` called, on any thread, after each change; call what is returned to end it."""

    def context(self, model: str) -> int:
        """Return how many tokens a model can hold in mind."""

    def conversations(self) -> list[Json]:
        """Return those that can be chosen: `id`, `name`, `when`, `turns`, `current`."""

    def use(self, conversation: str) -> None:
        """Go on with another conversation; "" begins a new one."""

    def insert(self, source: str) -> None:
        """Offer `source` as a new cell where the page has no notebook to put it into."""

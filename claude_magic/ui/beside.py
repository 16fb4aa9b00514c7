"""The notebook as the chat panel needs it: its questions, its variables, its conversations."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from claude_magic.api.catalogue import Catalogue
from claude_magic.api.estimate import estimated_tokens
from claude_magic.api.models import MODELS
from claude_magic.api.request import Options
from claude_magic.asking import Standing
from claude_magic.content.blocks import Block, write_block
from claude_magic.content.message import Message
from claude_magic.content.wire import Json
from claude_magic.encode.document import document_of
from claude_magic.encode.kind import kind_of
from claude_magic.encode.picture import is_picture_file, picture_block
from claude_magic.encode.sight import SHARP
from claude_magic.encode.thumbnail import small
from claude_magic.errors import BadInput
from claude_magic.panel.attachments import Attachment
from claude_magic.panel.choices import Choices
from claude_magic.ui.between import run_between_cells
from claude_magic.ui.offering import NOTHING
from claude_magic.ui.strip import Strip
from claude_magic.ui.telling import telling

if TYPE_CHECKING:
    from claude_magic.panel.widget import ChatPanel
    from claude_magic.ui.desk import Desk

_MOST_NAMES = 50


class Beside:
    """What the panel asks of the notebook whose `desk` this is."""

    def __init__(self, desk: "Desk") -> None:
        self.engine = desk.engine
        self._desk = desk
        self._strip = Strip(desk)

    def ask(self, question: Message, choices: Choices, standing: Standing) -> None:
        """Ask; what comes of it is told by the engine.

        Raises
        ------
        ClaudeMagicError: nothing was sent.
        """
        with telling():
            self._desk.stay()
            settings = self._desk.settings
            options = self._options(choices)
            tools = self._desk.offering.toolbox(NOTHING, settings)
            request = self.engine.prepare(
                question, options, settings, standing=standing, tools=tools
            )
            growing = self.engine.ask(request)
            if tools is not None:
                run_between_cells(self._desk.shell, growing)

    def filled(self, text: str) -> tuple[Block, ...]:
        """Return the blocks of a text, its `{{ expressions }}` evaluated."""
        with telling():
            return self._desk.filled(text)

    def attachment(self, name: str, data: bytes) -> Attachment:
        """Return what a file becomes.

        Raises
        ------
        BadInput: it is neither a picture nor a PDF nor text, or damaged.
        """
        with telling():
            if is_picture_file(data):
                block: Block = picture_block(data, **SHARP._asdict(), name=name)
            else:
                block = document_of(data, title=name)
            tokens = estimated_tokens(write_block(block))
            return Attachment((block,), name, len(data), tokens, small(data))

    def pictures(self) -> list[Json]:
        """Return what the notebook displayed lately, newest first."""
        return self._strip.offered()

    def picture(self, name: str) -> Attachment:
        """Return what a displayed picture becomes."""
        with telling():
            return self._strip.attachment(name)

    def last_picture(self) -> tuple[Block, ...]:
        """Return the blocks of the picture that was displayed last, if there is one."""
        with telling():
            return self._strip.last()

    def names(self, prefix: str) -> list[Json]:
        """Return the variables that begin so, with their kinds."""
        space: Mapping[str, object] = self._desk.shell.user_ns
        hidden = getattr(self._desk.shell, "user_ns_hidden", {})
        begin = prefix.lower()
        found = [
            name
            for name, value in list(space.items())
            if name.lower().startswith(begin)
            and not name.startswith("_")
            and hidden.get(name, _nothing) is not value
        ]
        return [{"name": n, "kind": kind_of(space[n])} for n in sorted(found)[:_MOST_NAMES]]

    def defaults(self) -> Json:
        """Return what holds where nothing is chosen."""
        settings, catalogue = self._desk.settings, self._catalogue()
        return {
            "models": [model.id for model in catalogue.listed or MODELS],
            "model": catalogue.named(settings.model).id,
            "system": settings.system,
            "practice": settings.practice,
        }

    def when_defaults_change(self, tell: Callable[[], None]) -> Callable[[], None]:
        """Have `tell` called, on any thread, after each change; call what is returned to end it."""
        traits = self._desk.traits

        def changed(change: object) -> None:
            tell()

        traits.observe(changed)
        return lambda: traits.unobserve(changed)

    def context(self, model: str) -> int:
        """Return how many tokens a model can hold in mind."""
        return self._catalogue().named(model).context

    def conversations(self) -> list[Json]:
        """Return the conversations that can be chosen, the newest first."""
        current = self.engine.conversation.id
        return [
            {
                "id": one.id,
                "name": one.name,
                "turns": len(one.turns),
                "when": one.turns[-1].asked if one.turns else None,
                "current": one.id == current,
            }
            for one in reversed(self.engine.conversations.here())
            if one.turns or one.id == current
        ]

    def use(self, conversation: str) -> None:
        """Go on with another conversation; "" begins a new one."""
        if conversation:
            self.engine.conversations.use(self.engine.conversations.get(conversation))
        else:
            self.engine.reset()

    def insert(self, source: str) -> None:
        """Offer `source` as the next cell: it comes with the reply to the next cell that runs."""
        self._desk.shell.set_next_input(source)

    def _catalogue(self) -> Catalogue:
        """What the server that is asked has told of its models so far."""
        servers = self.engine.servers
        try:
            return servers.catalogue(servers.chosen(self._desk.settings))
        except BadInput:  # it is told when one asks
            return Catalogue()

    def _options(self, choices: Choices) -> Options:
        settings = self._desk.settings
        return Options(
            model=choices.model or settings.model,
            system=choices.system or settings.system,
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            think=choices.think or settings.think,
            effort=choices.effort or settings.effort,
            web=choices.web,
            run_code=choices.run_code,
            cache=settings.cache,
        )


_nothing = object()


def panel_of(desk: "Desk") -> "ChatPanel":
    """Return the panel of a notebook: the same one each time.

    Raises
    ------
    BadInput: this is no notebook, or the widget library is missing.
    """
    if not hasattr(desk.shell, "kernel"):
        raise BadInput(
            "the chat panel needs a notebook; this is a terminal.",
            hint="Ask here with %%claude, or open JupyterLab.",
        )
    if desk.panel is None:
        try:
            from claude_magic.panel.widget import ChatPanel
        except ImportError as error:
            raise BadInput(
                f"the chat panel needs anywidget ({error}).", hint="%pip install anywidget"
            ) from error
        desk.panel = ChatPanel(Beside(desk), desk.shell.display_pub.publish)
    return desk.panel

"""A growing answer -> the screen, and the variable that was asked for."""

from dataclasses import dataclass
from typing import Any

from claude_magic.content.growing import Growing, Look
from claude_magic.engine import Request, spent
from claude_magic.errors import BadInput
from claude_magic.render.answer import Answer
from claude_magic.render.notices import usage_line
from claude_magic.render.show import show
from claude_magic.ui.prompt import Prompt
from claude_magic.ui.screens import screen_for

_WHOLE = ("end_turn", "stop_sequence")


@dataclass(frozen=True)
class Showing:
    """How the answer to `request` is shown in a shell, and where it is put."""

    shell: Any
    request: Request
    prompt: Prompt
    usage: bool

    def show(self, growing: Growing) -> None:
        """Show the answer until its end; the variable holds it however that comes.

        Raises
        ------
        ClaudeMagicError, Interrupted: as `render.show` says.
        BadInput: the answer is whole, but not of the form asked for.
        """
        try:
            show(growing, screen_for(self.shell, self._footer))
        finally:
            look = growing.look()
            self._put(Answer(look, spent(self.request, look.message)))

    def _footer(self, look: Look) -> str:
        line = usage_line(look, spent(self.request, look.message))
        practice = "practice model · " if self.request.server.is_practice else ""
        return practice + line if self.usage else ""

    def _put(self, answer: Answer) -> None:
        if self.prompt.out and (answer.blocks or answer.complete):
            self.shell.user_ns[self.prompt.out] = answer
            self.shell.user_ns[self.prompt.out] = self._value(answer)

    def _value(self, answer: Answer) -> object:
        """The object asked for, or the answer where it has none.

        One that was cut or refused holds no whole object (Messages API, structured outputs).
        """
        schema = self.prompt.schema
        if schema is None or not answer.complete or answer.stop_reason not in _WHOLE:
            return answer
        try:
            return schema.read(answer.text)
        except ValueError as error:
            raise BadInput(
                f"the answer is not of the form asked for: {error}",
                hint="Not every server knows structured output; the words are in the cell.",
            ) from error

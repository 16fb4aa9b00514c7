"""One shell and its engine: a cell's question is asked, and its answer shown."""

from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from traitlets import HasTraits

from claude_magic.engine import Engine, Request, spent
from claude_magic.errors import BadInput
from claude_magic.render.answer import Answer
from claude_magic.render.notices import usage_line
from claude_magic.render.show import show
from claude_magic.settings import Settings
from claude_magic.ui.preview import preview
from claude_magic.ui.prompt import Prompt, Reader, environment
from claude_magic.ui.screens import screen_for

if TYPE_CHECKING:
    from claude_magic.content.growing import Look


class Desk:
    """Asks for the cells of one shell.

    `traits` are the notebook's settings, which `%config` changes; `parser` knows the options; the
    engine holds the conversation.
    """

    def __init__(
        self, shell: Any, traits: HasTraits, parser: ArgumentParser, engine: Engine | None = None
    ) -> None:
        self.shell = shell
        self.traits = traits
        self.engine = engine or Engine()
        self._reader = Reader(parser, environment(shell))

    @property
    def settings(self) -> Settings:
        """The notebook's defaults as they stand now."""
        return Settings(*(getattr(self.traits, name) for name in Settings._fields))

    def ask(self, line: str, cell: str) -> None:
        """Ask what a `%%claude` cell says, and show the answer in it.

        Raises
        ------
        ClaudeMagicError: nothing was sent, or the answer did not come whole; see `errors`.
        Interrupted: the person stopped it.
        """
        settings = self.settings
        prompt = self._reader.read(line, cell, settings)
        if prompt.synthetic:
            self.engine.add(prompt.question)
            print(f"Put into the conversation as the {prompt.question.role}'s; nothing was sent.")
            return
        request = self.engine.prepare(prompt.question, prompt.options, settings, once=prompt.once)
        if prompt.dry_run:
            print(preview(request, self.engine))
        else:
            self._show(request, settings, prompt)

    def _show(self, request: Request, settings: Settings, prompt: Prompt) -> None:
        def footer(look: "Look") -> str:
            line = usage_line(look, spent(request, look.message))
            practice = "practice model · " if request.server.is_practice else ""
            return practice + line if settings.show_usage else ""

        growing = self.engine.ask(request)
        try:
            show(growing, screen_for(self.shell, footer))
        finally:
            answer = Answer(growing.look(), spent(request, growing.look().message))
            if prompt.out:
                self.shell.user_ns[prompt.out] = answer
                self.shell.user_ns[prompt.out] = _value(answer, prompt)


def _value(answer: Answer, prompt: Prompt) -> object:
    """What goes into the variable: the object asked for, or the answer where it has none.

    An answer that was cut or refused holds no whole object (Messages API, structured outputs).
    """
    if prompt.schema is None or not answer.complete or answer.stop_reason not in _WHOLE:
        return answer
    try:
        return prompt.schema.read(answer.text)
    except ValueError as error:
        raise BadInput(
            f"the answer is not of the form asked for: {error}.",
            hint="Not every server knows structured output; the words are in the cell.",
        ) from error


_WHOLE = ("end_turn", "stop_sequence")

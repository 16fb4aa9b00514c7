"""One shell and its engine: a cell's question is asked, and its answer shown."""

from argparse import ArgumentParser
from typing import Any

from traitlets import HasTraits

from claude_magic.engine import Engine, Request
from claude_magic.errors import Interrupted
from claude_magic.settings import Settings
from claude_magic.ui.prompt import Prompt, Reader, environment

# Seconds for the first request to leave, before what shows its answer is imported: that takes as
# long as a request does, and would hold it up.
_TO_LEAVE = 0.05


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
            from claude_magic.ui.preview import preview

            print(preview(request, self.engine))
        else:
            self._show(request, settings, prompt)

    def _show(self, request: Request, settings: Settings, prompt: Prompt) -> None:
        growing = self.engine.ask(request)
        try:
            growing.wait(0, _TO_LEAVE)
            from claude_magic.ui.showing import Showing

            Showing(self.shell, request, prompt, settings.show_usage).show(growing)
        except KeyboardInterrupt:
            growing.stop()  # had it been shown, it would have ended already
            raise Interrupted from None

"""Cells -> questions: `%%claude` asks, `%claude` manages.

Declarations only: this module is what `%load_ext` imports, so the rest waits for the first cell.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from traitlets import Bool, Enum, Float, Int, TraitError, Unicode, default

from claude_magic.capture.cells import Cells
from claude_magic.capture.displays import Displays
from claude_magic.capture.running import Running
from claude_magic.errors import BadInput
from claude_magic.settings import Settings, named_in

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from claude_magic.ui.desk import Desk

_DEFAULTS = Settings()


def _told_by(help_text: Callable[[], str]) -> Callable[[Any], Any]:
    """Let `?` show a help that is written out only then: it takes as long as loading."""

    def decorated(magic: Any) -> Any:
        magic.getdoc = help_text  # IPython asks for it
        return magic

    return decorated


def _options() -> str:
    from claude_magic.ui.parser import PARSER

    return str(PARSER.format_help())


def _commands() -> str:
    from claude_magic.ui.commands import help_text

    return help_text()


@magics_class
class ClaudeMagics(Magics):
    """Claude in this notebook. Each setting is a default that a cell's options override."""

    model = Unicode(_DEFAULTS.model, help="The model: opus, sonnet, haiku, fable, or a full id.")
    system = Unicode(_DEFAULTS.system, help="The system prompt.")
    max_tokens = Int(
        None, allow_none=True, help="The longest answer, in tokens; None: the model's own limit."
    )
    temperature = Float(None, allow_none=True, help="From 0 to 1, for models that take one.")
    think = Unicode(_DEFAULTS.think, help="Thinking: adaptive, off, or a number of tokens.")
    effort = Unicode(_DEFAULTS.effort, help="low, medium, high, xhigh or max.")
    cache = Bool(_DEFAULTS.cache, help="Use the prompt cache, so that what repeats costs less.")
    private = Bool(help="Keep nothing on disk.")
    keep_days = Int(
        None, allow_none=True, min=1, help="Remove conversations not asked in for so many days."
    )
    keep_megabytes = Int(
        None, allow_none=True, min=1, help="The most that is kept on disk; the oldest make room."
    )
    context = Unicode(_DEFAULTS.context, help="The cells above that go along: a number, or all.")
    context_tokens = Int(_DEFAULTS.context_tokens, min=1, help="The most tokens of cells above.")
    history_tokens = Int(
        None, allow_none=True, min=1, help="The most tokens of earlier turns; None: no limit."
    )
    base_url = Unicode(
        _DEFAULTS.base_url, help="Another server that speaks the Messages API; %claude connect."
    )
    send_key = Bool(_DEFAULTS.send_key, help="Send the key to base_url as well.")
    api_version = Enum(
        ["2023-06-01", "2026-10-21"], _DEFAULTS.api_version, help="The anthropic-version header."
    )
    retries = Int(_DEFAULTS.retries, min=0, help="How often a request that failed is sent again.")
    timeout = Float(_DEFAULTS.timeout, min=1.0, help="The longest silence, in seconds.")
    tool_timeout = Float(
        None,
        allow_none=True,
        min=0.0,
        help="The longest a tool may run, in seconds; None: no limit.",
    )
    show_usage = Bool(_DEFAULTS.show_usage, help="Show tokens, cost and seconds under an answer.")
    reuse = Bool(
        None,
        allow_none=True,
        help="Show the kept answer when an unchanged cell runs again; None: only in replays.",
    )
    practice = Bool(help="Let the practice model answer: no key, no network.")
    pace = Float(min=0.0, help="The pauses of the practice model and of replays; 0: none.")
    tutor = Unicode(
        _DEFAULTS.tutor, help="How much is given away: hints, guide, explain, or a text file."
    )
    language = Unicode(_DEFAULTS.language, help="The language of the tutor: en, es, zh.")
    lesson = Unicode(help="The file that says what this lesson allows (TOML).")
    record = Unicode(help="Keep every question and answer in this file.")
    replay = Unicode(help="Answer from this file: no key, no network.")
    instant = Bool(_DEFAULTS.instant, help="Replay without the recorded pauses.")
    unrecorded = Enum(
        ["error", "practice", "ask"],
        _DEFAULTS.unrecorded,
        help="In a replay, who answers what is not recorded; ask: the server, recording it.",
    )
    any_model = Bool(_DEFAULTS.any_model, help="In a replay, let the model differ.")
    any_picture = Bool(_DEFAULTS.any_picture, help="In a replay, let pictures differ a little.")

    for _trait in (
        *(model, system, max_tokens, temperature, think, effort, cache, private, api_version),
        *(base_url, send_key),
        *(context, context_tokens, history_tokens, keep_days, keep_megabytes),
        *(retries, timeout, tool_timeout, show_usage, reuse, practice, pace),
        *(tutor, language, lesson),
        *(record, replay, instant, unrecorded, any_model, any_picture),
    ):
        _trait.tag(config=True)
    del _trait

    @default("practice")
    def _practice_named(self) -> bool:
        return bool(_named("practice"))

    @default("private")
    def _private_named(self) -> bool:
        return bool(_named("private"))

    @default("pace")
    def _pace_named(self) -> float:
        return float(_named("pace"))

    @default("lesson")
    def _lesson_named(self) -> str:
        return str(_named("lesson"))

    @default("record")
    def _record_named(self) -> str:
        return str(_named("record"))

    @default("replay")
    def _replay_named(self) -> str:
        return str(_named("replay"))

    @cached_property
    def desk(self) -> "Desk":
        """What does the work; built when the first cell runs."""
        with _uncollected():
            from claude_magic.ui.desk import Desk

        return Desk(
            *(self.shell, self),
            running=self.running,
            cells=self.cells,
            displays=self.displays,
        )

    @property
    def settings(self) -> Settings:
        """The defaults as they stand now."""
        return Settings(*(getattr(self, name) for name in Settings._fields))

    @cached_property
    def running(self) -> Running:
        """Which cell runs; followed from loading to unloading."""
        return Running(self.shell, noting=(self.cells, self.displays))

    @cached_property
    def cells(self) -> Cells:
        """What the cells that ran showed."""
        return Cells(self.shell, _traceback)

    @cached_property
    def displays(self) -> Displays:
        """The pictures that the notebook displayed; watched from loading to unloading."""
        return Displays(self.shell)

    @_told_by(_options)
    @no_var_expand
    @cell_magic("claude")
    def ask(self, line: str, cell: str) -> None:
        """Ask Claude: the cell is the prompt. `%%claude?` lists the options."""
        from claude_magic.ui.telling import telling

        with telling():
            self.desk.ask(line, cell)

    @_told_by(_commands)
    @no_var_expand
    @line_magic("claude")
    def manage(self, line: str) -> None:
        """Look after the conversation and more: `%claude help` lists the words."""
        from claude_magic.ui.telling import telling

        with telling():
            from claude_magic.ui.commands import run

            run(self.desk, line)


def _named(setting: str) -> Any:
    """The value of a setting: that of its environment variable, else the usual one."""
    return getattr(_DEFAULTS._replace(**named_in(os.environ)), setting)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile, nor right after: the first request would wait for it.

    What is imported stays. Freezing and thawing puts it, unseen, among what is old.
    """
    usual, frozen = gc.isenabled(), gc.get_freeze_count()
    gc.disable()
    try:
        yield
    finally:
        if not frozen:
            gc.freeze()
            gc.unfreeze()
        if usual:
            gc.enable()


def _traceback(error: BaseException) -> str:
    from claude_magic.encode.words import words_of

    return words_of(error)


def add(shell: "InteractiveShell") -> None:
    """Register the magics and their completions."""
    from claude_magic.capture import letting_through
    from claude_magic.store.home import NAME, home
    from claude_magic.ui import completion

    try:
        shell.register_magics(ClaudeMagics)
    except TraitError as error:
        raise _misconfigured(error) from None
    magics = shell.magics_manager.registry["ClaudeMagics"]
    magics.running.watch()
    magics.displays.watch(magics.running.run, magics.running.is_deleted)
    completion.add(shell)
    letting_through.add(shell)
    if (home() / NAME).exists():
        _greet(shell, magics.settings.answers)


def _misconfigured(error: TraitError) -> BadInput:
    """What IPython kept of a `%config` that failed would stop each later loading, too."""
    return BadInput(
        f"a setting of ClaudeMagics cannot be used: {error}",
        hint="Mend it in ipython_config.py, or forget what `%config` set in this kernel:\n"
        "  get_ipython().config.pop('ClaudeMagics')",
    )


def _greet(shell: Any, answers: str) -> None:
    from claude_magic.ui.greeting import greeting

    if said := greeting(shell, answers):
        print(said)


def remove(shell: "InteractiveShell") -> None:
    """Undo `add`."""
    from claude_magic.capture import letting_through
    from claude_magic.ui import completion

    manager: Any = shell.magics_manager
    magics = manager.registry.pop("ClaudeMagics", None)
    for kind in ("line", "cell"):
        manager.magics[kind].pop("claude", None)
    if magics:
        magics.running.unwatch()
    if magics and "desk" in magics.__dict__:
        magics.desk.close()
    if magics in shell.configurables:
        shell.configurables.remove(magics)
    completion.remove(shell)
    letting_through.remove(shell)

"""Claude for scripts and functions: the same engine and answers, without cells."""

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from claude_magic.api.request import Options
from claude_magic.asking import Request, Standing, spent
from claude_magic.content.blocks import Text
from claude_magic.content.growing import Growing
from claude_magic.content.look import Look
from claude_magic.content.message import Message
from claude_magic.content.turn import Ending
from claude_magic.encode.document import document_of
from claude_magic.encode.pictures import Blocks, Pictures
from claude_magic.encode.words import words_of
from claude_magic.engine import Engine
from claude_magic.errors import BadInput, Interrupted
from claude_magic.render.answer import Answer
from claude_magic.settings import Settings, named_in
from claude_magic.tools.tool import checked, tool_of
from claude_magic.tools.toolbox import MOST_CALLS, Bench, Toolbox
from claude_magic.ui.given import OPTIONS, options_given, settings_given
from claude_magic.ui.telling import telling

if TYPE_CHECKING:
    from claude_magic.encode.schema import Schema
    from claude_magic.ui.desk import Desk

_OF_THE_LESSON = (
    *("practice", "pace", "record", "replay", "instant", "unrecorded", "any_model", "any_picture"),
    *("lesson", "tutor", "language"),
)
_LOOK_EVERY = 0.1  # seconds; waiting for longer would hold an interrupt up


class Claude:
    """Asks Claude from Python, with a conversation of its own.

    `defaults` are settings (`model`, `system`, `max_tokens`, `practice`, `base_url`, …). With
    `shared`, the conversation, the connection and all other settings are those of the notebook
    this runs in; `engine` names one of your own. It raises BadInput where there is no such setting,
    or its value is none.

    >>> claude = Claude(practice=True, pace=0.0)
    >>> claude.ask("What is a p-value?").stop_reason
    'end_turn'
    """

    def __init__(
        self, *, shared: bool = False, engine: Engine | None = None, **defaults: Any
    ) -> None:
        self._defaults = settings_given(defaults)
        self._desk = desk_of_notebook() if shared and engine is None else None
        self._bench: Bench | None = None
        self._beside = None if engine else _desk_at_hand()
        shares = self._desk.engine if self._desk else None
        tapes = self._beside.engine.servers.tapes if self._beside else None
        self._engine = engine or shares or Engine(tapes=tapes)

    @property
    def _settings(self) -> Settings:
        """What holds where a question does not say otherwise; a notebook's may change."""
        usual = self._desk.settings if self._desk else self._of_the_lesson()
        return usual._replace(**self._defaults)

    def _of_the_lesson(self) -> Settings:
        """Who answers in the notebook beside, and how the lesson is taught; all else is open."""
        usual = Settings(**named_in(os.environ))
        if self._beside is None:
            return usual
        there = self._beside.settings
        return usual._replace(**{name: getattr(there, name) for name in _OF_THE_LESSON})

    def ask(self, *parts: object, once: bool = False, **options: Any) -> Answer:
        """Ask, wait for the end, and return the answer.

        `parts` are words, pictures (images, figures, paths of pictures and more), paths of PDFs and
        texts as documents to cite, data frames and other values, in the order in which Claude reads
        them. `options` are those of a request:
        `model`, `system`, `max_tokens`, `temperature`, `stop_sequences`, `prefill`, `schema`,
        `think`, `effort`, `web`, `run_code`, `cache`, `extra`. With a `schema`, `.value` is the
        object asked for. `tools` are functions that Claude may call, at most `max_calls` times;
        they run on the thread that asks.

        Raises
        ------
        ClaudeMagicError: nothing was sent, or the answer did not come whole; see `errors`.
        Interrupted: the person stopped it.
        """
        with telling():
            schema = _schema(options.pop("schema", None))
            request = self._request(parts, options, schema, once)
            try:
                growing = self._engine.ask(request)
                _wait(growing)
            except KeyboardInterrupt:  # perhaps before `ask` returned
                self._engine.stop(request)
                raise
            return _answer(request, _ended(growing), schema)

    def stream(self, *parts: object, once: bool = False, **options: Any) -> "Stream":
        """Ask, and return the words as they come; leaving the loop early stops the answer.

        Raises as `ask` does.
        """
        with telling():
            schema = _schema(options.pop("schema", None))
            request = self._request(parts, options, schema, once)
            return Stream(request, self._engine.ask(request), schema)

    def _request(
        self,
        parts: tuple[object, ...],
        options: dict[str, Any],
        schema: "Schema | None",
        once: bool,
    ) -> Request:
        timeout = self._settings.tool_timeout
        tools = self._tools(timeout, options.pop("tools", ()), options.pop("max_calls", MOST_CALLS))
        settings = self._settings
        defaults = {n: getattr(settings, n) for n in OPTIONS & set(Settings._fields)}
        given = {**options_given(defaults), **options_given(options)}
        chosen = Options(**given, schema=schema.json if schema else None)
        pictures = self._engine.pictures
        blocks = tuple(block for part in parts for block in _blocks(part, pictures))
        if not any(block.text.strip() for block in blocks if isinstance(block, Text)):
            raise BadInput("there is nothing to ask: give some words.")
        question = Message("user", blocks)
        standing = self._desk.standing(question) if self._desk and not once else Standing()
        return self._engine.prepare(
            question, chosen, settings, once=once, standing=standing, tools=tools
        )

    def _tools(
        self, timeout: float | None, functions: Iterable[object], most: int
    ) -> Toolbox | None:
        if most < 1:
            raise BadInput(f"max_calls is {most}; it takes at least 1.")
        tools = checked(map(tool_of, (functions,) if callable(functions) else functions))
        bench = self._bench or bench_here(timeout)
        self._bench = bench
        return Toolbox(tools, bench, most=most) if tools else None


class Stream(Iterator[str]):
    """The words of an answer, piece by piece; `answer` is the whole of it."""

    def __init__(self, request: Request, growing: Growing, schema: "Schema | None") -> None:
        self._request, self._growing, self._schema = request, growing, schema
        self._pieces = _pieces_until_left(growing)

    def __next__(self) -> str:
        return next(self._pieces)

    @property
    def answer(self) -> Answer:
        """The answer, once its end has come, for which this waits.

        Raises as `Claude.ask` does.
        """
        with telling():
            _wait(self._growing)
            return _answer(self._request, _ended(self._growing), self._schema)


def _pieces_until_left(growing: Growing) -> Iterator[str]:
    with telling():
        try:
            yield from _pieces(growing)
        finally:
            growing.stop()
        _ended(growing)


def _blocks(part: object, pictures: Pictures) -> Blocks:
    found = pictures.among_words(part)
    if found is not None:
        return found
    return (document_of(part),) if isinstance(part, os.PathLike) else (Text(words_of(part)),)


def _schema(given: object) -> "Schema | None":
    if given is None:
        return None
    from claude_magic.encode.schema import schema_of

    return schema_of(given)


def _wait(growing: Growing) -> None:
    try:
        while not growing.wait_for_end(_LOOK_EVERY):
            growing.work()
    except KeyboardInterrupt:
        growing.stop()
        raise


def _pieces(growing: Growing) -> Iterator[str]:
    """What is new of the words, each time something is."""
    shown, look = 0, growing.look()
    while True:
        if piece := look.message.text[shown:]:
            shown += len(piece)
            yield piece
        if look.ending is not None:
            return
        if not growing.work():
            growing.wait(look.number, _LOOK_EVERY)
        look = growing.look()


def _ended(growing: Growing) -> Look:
    look = growing.look()
    if look.error is not None:
        raise look.error
    if look.ending is Ending.INTERRUPTED:
        raise Interrupted
    return look


def _answer(request: Request, look: Look, schema: "Schema | None") -> Answer:
    """The answer, with the object that was asked for where it is whole."""
    answer = Answer(look, spent(request, look.message))
    return answer.with_value_of(schema.read) if schema else answer


def bench_here(timeout: float | None) -> Bench:
    """Where functions run that are called from Python: in a notebook, what they show is noted."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        return Bench(timeout=timeout)
    from claude_magic.ui.bench import Workplace

    return Workplace(shell).bench(timeout)


def desk_of_notebook() -> "Desk":
    """What asks for the notebook's cells.

    Raises
    ------
    BadInput: there is no notebook, or the extension is not loaded.
    """
    desk = _desk_at_hand()
    if desk is None:
        raise BadInput(
            "there is no notebook to share a conversation with.",
            hint="Run `%load_ext claude_magic` first, or leave `shared` out.",
        )
    return desk


def _desk_at_hand() -> "Desk | None":
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    magics = shell.magics_manager.registry.get("ClaudeMagics") if shell else None
    return magics.desk if magics else None

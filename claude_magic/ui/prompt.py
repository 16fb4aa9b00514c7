"""The text of a `%%claude` cell -> a question and its options."""

import keyword
from argparse import Namespace
from collections.abc import Mapping
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from claude_magic.api.request import Options
from claude_magic.capture.fill import Evaluate, fill
from claude_magic.content.message import Message
from claude_magic.encode.pictures import Blocks
from claude_magic.errors import BadInput
from claude_magic.settings import Settings
from claude_magic.ui.attached import Attached, Found, words
from claude_magic.ui.offering import NOTHING, Offered
from claude_magic.ui.options import options_in, parsed

if TYPE_CHECKING:
    from claude_magic.encode.schema import Schema

_LONGEST_NAME = 80
# Their values are Python; in all others braces are filled in.
_EXPRESSIONS = ("--schema", "--extra", "--doc", "--image", "-i", "--tools")


class Prompt(NamedTuple):
    """What a cell asks, and where: `synthetic` words only join the conversation.

    `conversation` names the one to ask in, `branch` one that goes on from here; `append` asks as a
    new turn, `fresh` though an answer is kept, `last` is the most earlier turns that go along;
    `context` which of the cells above; `pictures` what those of the question are called; `upload`
    sends them as files; `tools` what the cell says of tools. `fix` sends the last error along,
    `code` puts the answer's code into the next cell.
    """

    question: Message
    options: Options
    schema: "Schema | None" = None
    out: str | None = None
    once: bool = False
    dry_run: bool = False
    synthetic: bool = False
    conversation: str = ""
    branch: str = ""
    append: bool = False
    fresh: bool = False
    last: int | None = None
    context: str = ""
    pictures: tuple[str, ...] = ()
    upload: bool = False
    tools: Offered = NOTHING
    fix: bool = False
    code: bool = False


class Reader(NamedTuple):
    """Reads cells. `attached` reads what goes along."""

    attached: Attached

    def read(self, line: str, cell: str, settings: Settings) -> Prompt:
        """Return what the cell asks.

        Raises
        ------
        BadInput: an option or an expression cannot be read, or there is nothing to ask.
        """
        given, first_words = self._options(line)
        check_name(given.out)
        _check_standing(given)
        _check_tools(given)
        text = "\n".join(filter(None, (first_words, cell.strip("\n"))))
        attached = self.attached.fetching() if given.fetch else self.attached
        images = attached.images(given.picture or (), given.image or ())
        words = self._words(text, may_be_empty=given.fix)
        if given.role:
            return self._synthetic(given, words.blocks)
        schema = None if given.schema is None else self._schema(given.schema)
        documents = self.attached.documents(given.doc or (), given.title or ())
        return Prompt(
            question=Message("user", (*images.blocks, *documents, *words.blocks)),
            pictures=(*images.names, *words.names),
            options=_request_options(given, settings, schema)._replace(
                extra=self._extra(given.extra)
            ),
            schema=schema,
            out=given.out,
            once=given.once,
            dry_run=given.dry_run,
            upload=given.upload,
            fresh=given.fresh,
            last=given.last,
            context=settings.context if given.context is None else given.context,
            tools=self._tools(given),
            fix=given.fix,
            code=given.code,
            **_where(given),
        )

    def blocks(self, text: str) -> Blocks:
        """Return what a text becomes, its expressions filled in.

        Raises
        ------
        BadInput: an expression fails, or there are no words.
        """
        return self._words(text).blocks

    def _words(self, text: str, *, may_be_empty: bool = False) -> Found:
        words = self.attached.among(fill(text, self.attached.evaluate))
        if not may_be_empty:
            _check_something(words.blocks)
        return words

    def _tools(self, given: Namespace) -> Offered:
        names = [name.strip() for text in given.tools or () for name in text.split(",")]
        if given.tools and not any(names):
            raise BadInput("--tools names no function.", hint="Write it as `--tools f,g`.")
        functions = tuple(self.attached.value(name, "--tools") for name in names if name)
        ask = False if given.no_ask else True if given.ask else None
        return Offered(functions, given.python, ask, given.max_calls)

    def _options(self, line: str) -> tuple[Namespace, str]:
        arguments, rest = options_in(line)
        filled = [self._option(argument) for argument in arguments]
        return parsed(filled), rest

    def _option(self, argument: str) -> str:
        return argument if argument.startswith(_EXPRESSIONS) else self._filled(argument)

    def _synthetic(self, given: Namespace, words: Blocks) -> Prompt:
        """Words of one's own: an option that asks for something makes no sense with them."""
        fine = ("role", "conversation", "branch", "append")
        asked = [name for name, value in vars(given).items() if value and name not in fine]
        if asked:
            named = ", ".join(f"--{name.replace('_', '-')}" for name in asked)
            raise BadInput(
                f"--as puts words into the conversation and asks nothing, so it excludes {named}.",
                hint="Leave one of them out.",
            )
        question = Message(given.role, words)
        return Prompt(question, Options(""), synthetic=True, **_where(given))

    def _schema(self, text: str) -> "Schema":
        if not text.strip():
            raise BadInput("--schema is empty.", hint="Name a class, or a dict with a schema.")
        from claude_magic.encode.schema import schema_of

        return schema_of(self.attached.value(text, "--schema"))

    def _extra(self, text: str | None) -> dict[str, Any]:
        """Fields of the request that have no option of their own."""
        extra = {} if text is None else self.attached.value(text, "--extra")
        if not isinstance(extra, Mapping) or not all(isinstance(name, str) for name in extra):
            raise BadInput(
                f"--extra is a value of type {type(extra).__name__}, not a dict of fields.",
                hint="As in `--extra \"{'service_tier': 'standard_only'}\"`.",
            )
        return dict(extra)

    def _filled(self, text: str) -> str:
        parts = fill(text, self.attached.evaluate)
        return "".join(part if isinstance(part, str) else words(part) for part in parts)


def _check_something(words: Blocks) -> None:
    if not words:
        raise BadInput(
            "there is nothing to ask: the cell is empty.",
            hint="Write the prompt below the line with %%claude.",
        )


def _request_options(given: Namespace, settings: Settings, schema: "Schema | None") -> Options:
    """The cell's options, or else the notebook's defaults."""

    def either(name: str) -> Any:
        option = getattr(given, name)
        return getattr(settings, name) if option is None else option

    return Options(
        model=either("model"),
        system=either("system"),
        max_tokens=either("max_tokens"),
        temperature=either("temperature"),
        stop_sequences=tuple(given.stop or ()),
        prefill=given.prefill or "",
        schema=schema.json if schema else None,
        think=either("think"),
        effort=either("effort"),
        web=given.web,
        run_code=given.run_code,
        cache=settings.cache and not given.no_cache,
    )


def _where(given: Namespace) -> dict[str, Any]:
    """In which conversation a cell asks, and how."""
    return {
        "conversation": given.conversation or "",
        "branch": given.branch or "",
        "append": given.append,
    }


def _check_tools(given: Namespace) -> None:
    if given.ask and given.no_ask:
        raise BadInput("--ask and --no-ask exclude each other.", hint="Leave one of them out.")
    if given.max_calls is not None and given.max_calls < 1:
        raise BadInput(f"--max-calls is {given.max_calls}; it takes at least 1.")


def _check_standing(given: Namespace) -> None:
    where = {"-c": given.conversation, "--branch": given.branch}
    named = [option for option, name in where.items() if name is not None]
    for option in named:
        check_conversation_name(where[option], option)
    if len(named) > 1:
        raise BadInput("-c and --branch exclude each other.", hint="Leave one of them out.")
    more = [*named, *(["--append"] if given.append else [])]
    more += ["--last"] if given.last is not None else []
    if given.once and more:
        raise BadInput(f"--once asks outside the conversation, so it excludes {more[0]}.")
    if given.last is not None and given.last < 0:
        raise BadInput(f"--last is {given.last}; it takes how many turns go along, from 0 on.")


def check_conversation_name(name: str, where: str) -> None:
    """Refuse what could not be typed again after `use`.

    Raises
    ------
    BadInput: the name is empty, too long, or has signs that no name has.
    """
    fits = name == name.strip() and name.isprintable() and 0 < len(name) <= _LONGEST_NAME
    if not fits or name.startswith("-"):
        raise BadInput(
            f"{where} {name!r} is no name for a conversation.",
            hint=f"Choose a word or a few, of at most {_LONGEST_NAME} signs.",
        )


def check_name(name: str | None) -> None:
    """Refuse what is no name for a variable; None is none at all.

    Raises
    ------
    BadInput: nothing could be called so.
    """
    taken = ("In", "Out", "get_ipython")
    if name is not None and (not name.isidentifier() or keyword.iskeyword(name) or name in taken):
        raise BadInput(
            f"--out {name!r} is no name for a variable.", hint="Choose one like `-o answer`."
        )


def environment(shell: Any) -> Evaluate:
    """Return how an expression is evaluated in the namespace of `shell`."""

    def evaluate(code: CodeType) -> object:
        return eval(code, shell.user_global_ns, shell.user_ns)

    return evaluate

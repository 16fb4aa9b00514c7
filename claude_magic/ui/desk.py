"""One shell and its engine: where a cell's text becomes a question, and its answer is shown."""

import json
import keyword
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from traitlets import HasTraits

from claude_magic.api.request import Options
from claude_magic.capture.fill import fill
from claude_magic.capture.firstline import split_options
from claude_magic.content.blocks import Text
from claude_magic.content.message import Message
from claude_magic.encode.words import words_of
from claude_magic.engine import Engine, Request, spent
from claude_magic.errors import BadInput
from claude_magic.render.answer import Answer
from claude_magic.render.notices import usage_line
from claude_magic.render.show import show
from claude_magic.settings import Settings
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
        self._parser = parser

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
        given, first_words = self._options(line)
        question = self._question(first_words, cell)
        options = _request_options(given, settings)
        request = self.engine.prepare(question, options, settings, once=given.once)
        if given.dry_run:
            print(request_shown(request))
        else:
            self._show(request, settings, given.out)

    def _options(self, line: str) -> tuple[Namespace, str]:
        actions = self._parser._option_string_actions
        arguments, rest = split_options(line, {n: a.nargs != 0 for n, a in actions.items()})
        filled = [self._filled(argument) for argument in arguments]
        try:
            given = self._parser.parse_args(filled)
        except UsageError as error:
            raise BadInput(str(error), hint="`%%claude?` lists the options.") from error
        _check_name(given.out)
        return given, rest

    def _question(self, first_words: str, cell: str) -> Message:
        text = self._filled("\n".join(filter(None, (first_words, cell.strip("\n")))))
        if not text.strip():
            raise BadInput(
                "there is nothing to ask: the cell is empty.",
                hint="Write the prompt below the line with %%claude.",
            )
        return Message("user", (Text(text.strip()),))

    def _filled(self, text: str) -> str:
        parts = fill(text, self._evaluate)
        return "".join(part if isinstance(part, str) else words_of(part.value) for part in parts)

    def _evaluate(self, code: Any) -> object:
        return eval(code, self.shell.user_global_ns, self.shell.user_ns)

    def _show(self, request: Request, settings: Settings, out: str | None) -> None:
        def footer(look: "Look") -> str:
            line = usage_line(look, spent(request, look.message))
            practice = "practice model · " if request.server.is_practice else ""
            return practice + line if settings.show_usage else ""

        growing = self.engine.ask(request)
        try:
            show(growing, screen_for(self.shell, footer))
        finally:
            look = growing.look()
            if out:
                self.shell.user_ns[out] = Answer(look, spent(request, look.message))


def request_shown(request: Request) -> str:
    """Return the request as text: the key never, picture data shortened."""
    server = request.server
    headers = {"anthropic-version": server.api_version, **server.headers}
    lines = [f"POST {server.base_url}/v1/messages"]
    lines += [f"{name}: {_header(server.key_source, name, headers)}" for name in headers]
    body = json.dumps(_shortened(request.body), indent=2, ensure_ascii=False)
    return server.hide("\n".join([*lines, "content-type: application/json", "", body]))


def _header(source: str, name: str, headers: Mapping[str, str]) -> str:
    """Headers of one's own may hold secrets as well, so only the version is shown."""
    if name == "anthropic-version":
        return headers[name]
    form = "Bearer $" if headers[name].startswith("Bearer ") else "$"
    return form + (source if name in ("x-api-key", "authorization") else "ANTHROPIC_CUSTOM_HEADERS")


def _shortened(value: Any) -> Any:
    match value:
        case {"type": "base64", "data": str(data), **rest} if len(data) > 64:
            return {"type": "base64", **rest, "data": f"{data[:32]}… ({len(data):,} characters)"}
        case dict():
            return {key: _shortened(item) for key, item in value.items()}
        case list() | tuple():
            return [_shortened(item) for item in value]
    return value


def _request_options(given: Namespace, settings: Settings) -> Options:
    """The cell's options, or else the notebook's defaults."""

    def either(option: Any, default: Any) -> Any:
        return default if option is None else option

    return Options(
        model=either(given.model, settings.model),
        system=either(given.system, settings.system),
        max_tokens=either(given.max_tokens, settings.max_tokens),
        temperature=either(given.temperature, settings.temperature),
        stop_sequences=tuple(given.stop or ()),
    )


def _check_name(name: str | None) -> None:
    if name is not None and (not name.isidentifier() or keyword.iskeyword(name)):
        raise BadInput(
            f"--out {name!r} is no name for a variable.", hint="Choose one like `-o answer`."
        )

"""The words after `%claude` about recordings: making one, and playing it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from claude_magic.content.counting import counted
from claude_magic.content.message import is_replayed
from claude_magic.errors import BadInput
from claude_magic.server import ANTHROPIC, PRACTICE
from claude_magic.ui.command_of import Command, CommandParser, words_after

if TYPE_CHECKING:
    from claude_magic.recording.file import Exchange
    from claude_magic.ui.desk import Desk


_EARLIER = "The conversation has turns that are not in it: run the cells from the top."


def _record(desk: "Desk", rest: str) -> str:
    parser = CommandParser("%claude record", add_help=False)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--fresh", action="store_true")
    given = parser.parse_args(words_after(rest))
    if given.file is None:
        return _state(desk)
    if given.file == "off":
        return _off(desk, "record", "Nothing is recorded any more.")
    path = Path(given.file).expanduser()
    _check_place(path)
    if path.exists():
        _read(path)
    if given.fresh:
        _begin_anew(path)
    _set(desk, record=str(path), replay="")
    said = f"Questions and answers are recorded in {path.name}{_by(desk)}."
    before = desk.engine.conversation.turns
    return f"{said}\n{_EARLIER}" if before else said


def _replay(desk: "Desk", rest: str) -> str:
    parser = CommandParser("%claude replay", add_help=False)
    parser.add_argument("file", nargs="?")
    parser.add_argument("--instant", action="store_true")
    parser.add_argument("--without-key", action="store_true")
    parser.add_argument("--any-model", action="store_true")
    parser.add_argument("--any-picture", action="store_true")
    parser.add_argument("--unrecorded", choices=["error", "practice", "ask"])
    given = parser.parse_args(words_after(rest))
    if given.file is None:
        return _state(desk)
    if given.file == "off":
        return _off(desk, "replay", "Nothing is replayed any more.")
    if given.without_key and (reason := _not_needed(desk, given.file)):
        return reason
    exchanges = _read(Path(given.file).expanduser())
    named = ("instant", "any_model", "any_picture", "unrecorded")
    chosen = {name: getattr(given, name) for name in named if getattr(given, name)}
    _set(desk, replay=given.file, record="", **chosen)
    if not all(turn.cell and is_replayed(turn.answer) for turn in desk.engine.conversation.turns):
        desk.engine.reset()
    return f"Answers are replayed from {Path(given.file).name}: {_count(exchanges)}."


def _not_needed(desk: "Desk", file: str) -> str:
    """Why a replay that is meant for those without a key does not begin, or ""."""
    settings = desk.settings
    if settings.record or settings.replay not in ("", file):
        return _state(desk)
    if settings.replay:
        return ""
    server = desk.engine.servers.chosen(settings)
    if server.base_url == PRACTICE:
        return "The practice model answers."
    if not server.lacks_key:
        named = "Claude" if server.base_url == ANTHROPIC else server.hide(server.base_url)
        return f"There is a key, so {named} answers; questions are sent and may cost money."
    return ""


def _set(desk: "Desk", **values: object) -> None:
    """Change settings, and begin at the beginning of the recording."""
    for name, value in values.items():
        desk.traits.set_trait(name, value)
    desk.engine.servers.rewind()
    desk.arrive()


def _off(desk: "Desk", name: str, said: str) -> str:
    _set(desk, **{name: ""})
    return said


def _state(desk: "Desk") -> str:
    """What is recorded or replayed, and in a replay what was not asked yet."""
    settings = desk.settings
    if settings.record:
        return f"Questions and answers are recorded in {Path(settings.record).name}{_by(desk)}."
    if not settings.replay:
        return "Nothing is recorded or replayed. Begin with `%claude record FILE`."
    desk.engine.servers.client(desk.engine.servers.chosen(settings))
    tape = desk.engine.servers.tape
    left = tape.unplayed() if tape else []
    said = f"Answers are replayed from {Path(settings.replay).name}"
    if not left:
        return f"{said}: every question was asked."
    return "\n".join([f"{said}. Not asked yet:", *map(_row, left)])


def _row(exchange: "Exchange") -> str:
    from claude_magic.recording.difference import first_words

    return f"  {exchange.number:>3}  {first_words(exchange.question)}"


def _check_place(path: Path) -> None:
    from claude_magic.recording.file import check_place

    check_place(path)


def _read(path: Path) -> "list[Exchange]":
    from claude_magic.recording.file import read

    return read(path)


def _begin_anew(path: Path) -> None:
    from claude_magic.recording.file import write

    try:
        write(path, [])
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}).") from error


def _by(desk: "Desk") -> str:
    practice = desk.engine.servers.chosen(desk.settings).is_practice
    return " (of the practice model, not of Claude)" if practice else ""


def _count(exchanges: "list[Exchange]") -> str:
    by = {exchange.answer.get("by") for exchange in exchanges if "content" in exchange.answer}
    whose = " of the practice model, which is not Claude" if by == {"practice"} else ""
    return counted(len(exchanges), "answer") + whose


COMMANDS: Mapping[str, Command] = {
    "record": Command(_record, "keep every question and answer in a file", "[FILE|off]"),
    "replay": Command(_replay, "answer from such a file: no key, no network", "[FILE|off]"),
}

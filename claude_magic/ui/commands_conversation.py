"""The words after `%claude` about the conversation: which one, its turns, asking them again."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from claude_magic.api.models import model_named
from claude_magic.api.own import usual_options, with_own
from claude_magic.asking import Standing, is_kept
from claude_magic.content.blocks import Text
from claude_magic.content.counting import counted
from claude_magic.content.message import Message
from claude_magic.content.money import dollars
from claude_magic.content.turn import NOWHERE, PANEL, Conversation, Ending, Place, Turn
from claude_magic.content.window import fingerprint
from claude_magic.errors import BadInput
from claude_magic.render.transcript import as_html, as_markdown, transcript
from claude_magic.store.values import Listed
from claude_magic.ui import conversation_files as files
from claude_magic.ui import reports
from claude_magic.ui.command_of import Command
from claude_magic.ui.greeting import told
from claude_magic.ui.prompt import check_conversation_name
from claude_magic.ui.screens import tell

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk

_LISTED = "`%claude conversations` lists them."
_HANDLE = 6  # signs of an id that are enough to name a conversation
_MOST_LISTED = 30
_QUOTED = 300  # characters of a cut answer; enough to go on from
_UNFINISHED = ("max_tokens", "model_context_window_exceeded", "pause_turn")
_GO_ON = (
    "Your last answer was cut off before its end. It ended with these words:\n\n{tail}\n\n"
    "Go on exactly where it stopped. Do not repeat what was said, and do not comment on the cut."
)
_SUMMARISE = (
    "Summarise our conversation so far, so that we can go on from your summary alone: what was "
    "asked and answered, what was decided, names, numbers and code that still matter, and what is "
    "open. Answer with the summary only."
)


def _use(desk: "Desk", rest: str) -> str:
    name = _unquoted(rest)
    conversations = desk.engine.conversations
    if not rest:
        return f"Questions go to {conversations.current.name!r}."
    check_conversation_name(name, "%claude use")
    there = conversations.named(name)
    if there is None and (other := _of_another_notebook(desk, name)):
        adopted = desk.adopt(other)
        return f"Questions go to a copy of it now, {adopted.name!r}: {_size(adopted)}."
    conversations.use(there or conversations.begin(name))
    if there is None:
        return f"A new conversation, {name!r}, begins with the next question."
    return f"Questions go to {name!r} now: {_size(there)}."


def _unquoted(name: str) -> str:
    """A name may be quoted, as after `-c`, and as we show it."""
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"" else name


def _list(desk: "Desk", rest: str) -> str:
    conversations = desk.engine.conversations
    current = conversations.current.id
    rows = {
        f"{'→' if one.id == current else ' '} {one.name}": _size(one)
        for one in conversations.here()
        if one.turns or one.id == current
    }
    others = {
        f"  {one.heading.id[:_HANDLE]}": f"{_title(one)}, {one.heading.name}: {told(one)}"
        for one in conversations.elsewhere()[:_MOST_LISTED]
    }
    if not others:
        return reports.aligned(rows)
    head = "Of other notebooks; `%claude use CODE` goes on here with a copy:"
    return "\n\n".join([reports.aligned(rows), f"{head}\n{reports.aligned(others)}"])


def _of_another_notebook(desk: "Desk", code: str) -> Listed | None:
    if len(code) < _HANDLE or not set(code) <= set("0123456789abcdef"):
        return None
    others = desk.engine.conversations.elsewhere()
    return next((one for one in others if one.heading.id.startswith(code)), None)


def _title(listed: Listed) -> str:
    return listed.heading.known.title or "no notebook"


def _purge(desk: "Desk", rest: str) -> str:
    rest = _unquoted(rest)
    conversations = desk.engine.conversations
    only = conversations.named(rest) if rest and rest != "--all" else None
    if rest and rest != "--all" and only is None:
        raise BadInput(f"there is no conversation {rest!r} here.", hint=_LISTED)
    what = {"": "This notebook's conversations are", "--all": "All conversations are"}
    gone = desk.engine.purge(only, all_of_it=rest == "--all")
    said = f"{what.get(rest, f'{rest!r} is')} removed for good."
    late = (
        " The file cannot be written at the moment; what was removed leaves the disk as soon as "
        "it can be."
    )
    return said if gone else said + late


def _reset(desk: "Desk", rest: str) -> str:
    kept = desk.engine.reset()
    said = "A new conversation begins with the next question."
    return f"{said} The old one is kept: `%claude use {kept}` brings it back." if kept else said


def _undo(desk: "Desk", rest: str) -> str:
    turn = _last(desk)
    desk.engine.conversations.hide(lambda other, since: other.id == turn.id)
    if turn.summary:
        return "The summary is left out; the turns it stood for are sent again."
    of_cell = turn.cell and not turn.cell.startswith(PANEL)
    back = " Run its cell to ask it again." if of_cell else ""
    return f"The last turn is left out: {_glimpse(turn)}.{back}"


def _retry(desk: "Desk", rest: str) -> str:
    turn = _asked_last(desk)
    if turn.synthetic:
        raise BadInput("the last turn was put there by you, so there is nothing to ask again.")
    standing = Standing(turn=turn.id, summary=turn.summary)
    desk.put(turn.messages[0], with_own(desk.settings, turn.asked_with), standing)
    return ""


def _continue(desk: "Desk", rest: str) -> str:
    standing = desk.standing(Message("user", ()))
    turn = _last(desk, standing.place)  # its cell may have gone on with it before
    said = turn.answer.text.rstrip()
    if turn.ending is Ending.COMPLETE and turn.answer.stop_reason not in _UNFINISHED:
        return "The last answer came to its own end: there is nothing to continue."
    if turn.synthetic or not said:
        raise BadInput("no words of the last answer came.", hint="Ask again: `%claude retry`.")
    options = with_own(desk.settings, turn.asked_with)
    engine = desk.engine
    if engine.servers.model(options.model, engine.servers.chosen(desk.settings)).prefill:
        words = options._replace(prefill=said, schema=None, think="")
        desk.put(turn.messages[0], words, Standing(turn=turn.id, goes_on=True))
    else:
        quoted = _GO_ON.format(tail="> " + said[-_QUOTED:].replace("\n", "\n> "))
        desk.put(Message("user", (Text(quoted),)), options, standing)
    return ""


def _compact(desk: "Desk", rest: str) -> str:
    if not desk.engine.conversation.turns:
        raise BadInput("the conversation has no turns yet.")
    words = f"{_SUMMARISE}\n\nGive special weight to: {rest}" if rest else _SUMMARISE
    question = Message("user", (Text(words),))
    standing = desk.standing(question)._replace(summary=True)
    desk.put(question, usual_options(desk.settings), standing)
    if desk.engine.last and is_kept(*desk.engine.last):
        return "The summary is sent in place of the turns before it; `%claude undo` takes it back."
    return "The summary did not come whole, so nothing was changed."


def _history(desk: "Desk", rest: str) -> str:
    if rest and not rest.isdecimal():
        raise BadInput(
            f"%claude history cannot take {rest!r}.",
            hint="A number shows so many of the last turns: `%claude history 5`.",
        )
    parts = list(transcript(_whole(desk), last=int(rest) if rest else None))
    tell(desk.shell, as_markdown(parts), html=as_html(parts, files.shown_address))
    return ""


def _export(desk: "Desk", rest: str) -> str:
    inline, name = _file_in(rest)
    if not name:
        raise BadInput("%claude export needs a file.", hint="As in `%claude export lesson.md`.")
    model = model_named(desk.settings.model)
    system = {"system": desk.settings.system} if desk.settings.system.strip() else {}
    head = {"model": model.id, "max_tokens": desk.settings.max_tokens or model.output, **system}
    return files.export(_whole(desk), name, head, inline=inline)


def _file_in(rest: str) -> tuple[bool, str]:
    """Whether pictures are to be within the file, and its name, which may have spaces."""
    given = f" {rest} "
    inline = given.startswith(" --inline ") or given.endswith(" --inline ")
    name = _unquoted(given.removeprefix(" --inline ").removesuffix(" --inline ").strip())
    if name.startswith("--"):
        raise BadInput(
            f"%claude export knows no {name.split()[0]!r}.",
            hint=f"It has --inline; a file of such a name is `./{name}`.",
        )
    return inline, name


def _import(desk: "Desk", rest: str) -> str:
    if not rest:
        raise BadInput("%claude import needs a file.", hint="As in `%claude import lesson.json`.")
    path = Path(_unquoted(rest))
    turns = files.read(_unquoted(rest))
    conversations = desk.engine.conversations
    known = conversations.named(path.stem)
    if known and _shares_turns(known, turns):
        conversations.use(known)
        return f"{path.name} was taken in before; {known.name!r} goes on: {_size(known)}."
    begun = conversations.begin(conversations.free_name(path.stem), turns)
    conversations.use(begun)
    return f"Questions go to {begun.name!r} now: {_size(begun)} from {path.name}."


def _shares_turns(known: Conversation, turns: tuple[Turn, ...]) -> bool:
    """Whether a conversation was begun with these turns; some may have been asked again since."""
    held = {fingerprint(turn) for turn in known.turns}
    return any(fingerprint(turn) in held for turn in turns)


def _last(desk: "Desk", before: Place = NOWHERE) -> Turn:
    """The last turn that is shown, of those that stand before a place."""
    return desk.engine.conversations.whole(_shown(desk, before)[-1:])[0]


def _asked_last(desk: "Desk") -> Turn:
    """The turn whose question was asked last, wherever it stands."""
    turn = max(_shown(desk), key=lambda one: one.asked)
    return desk.engine.conversations.whole([turn])[0]


def _shown(desk: "Desk", before: Place = NOWHERE) -> list[Turn]:
    shown = [turn for turn in desk.engine.conversation.until(before) if not turn.hidden]
    if not shown:
        raise BadInput("the conversation has no turns yet.")
    return shown


def _whole(desk: "Desk") -> Conversation:
    """The conversation with its pictures, which lie in the store."""
    now = desk.engine.conversation
    return replace(now, turns=desk.engine.conversations.whole(now.turns))


def _size(conversation: Conversation) -> str:
    turns = [turn for turn in conversation.turns if not turn.hidden]
    known = [turn.cost for turn in turns if turn.cost is not None]
    cost = f", {dollars(sum(known))}" if known else ""
    return counted(len(turns), "turn") + cost


def _glimpse(turn: Turn) -> str:
    words = " ".join(turn.messages[0].text.split())
    return f"“{words[:60]}…”" if len(words) > 60 else f"“{words}”"


COMMANDS: Mapping[str, Command] = {
    "reset": Command(_reset, "begin a new conversation; the old one is kept"),
    "history": Command(_history, "the turns as they will be sent", "[NUMBER]"),
    "export": Command(_export, "write it to a file: .md, .json or .ipynb", "[--inline] FILE"),
    "import": Command(_import, "take a conversation in from .json or .ipynb", "FILE"),
    "use": Command(_use, "which conversation questions go to", "[NAME]"),
    "conversations": Command(_list, "the conversations of this notebook, and of others"),
    "purge": Command(_purge, "remove this notebook's conversations for good", "[NAME|--all]"),
    "undo": Command(_undo, "leave the last turn out"),
    "retry": Command(_retry, "ask the last question again"),
    "continue": Command(_continue, "go on with an answer that was cut off"),
    "compact": Command(_compact, "let a summary stand for the turns so far", "[WORDS]"),
}

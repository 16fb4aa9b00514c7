"""A growing message -> pieces that will not change any more, and the live rest.

What is final is shown once; only the rest is drawn again.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, TypeGuard

from claude_magic.content.blocks import (
    Block,
    Opaque,
    RedactedThinking,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
)
from claude_magic.content.counting import counted
from claude_magic.content.look import Look
from claude_magic.content.message import seconds_taken
from claude_magic.content.wire import Json
from claude_magic.render.begun import as_if_whole
from claude_magic.render.calls import call_piece, result_piece
from claude_magic.render.citations import Flow, Footnotes, flow_of
from claude_magic.render.links import Link, link_to, one_line
from claude_magic.render.markdown import split
from claude_magic.render.piece import Code, Kind, Piece, code_of


class Cutter:
    """Follows one growing message and remembers how much of it is final."""

    def __init__(self) -> None:
        self._block = 0
        self._offset = 0  # within the words that begin at that block
        self._ended = False

    def cut(self, look: Look) -> tuple[list[Piece], list[Piece]]:
        """Return the pieces that have become final since the last call, and the live rest.

        At the end all is final and the rest is empty.
        """
        message = _Parts(look)
        final: list[Piece] = []
        while (stop := message.stop(self._block)) and message.is_final(self._block, stop):
            final += message.pieces(self._block, self._offset)
            self._block, self._offset = stop, 0
        if look.ending is None:
            return self._open(message, final)
        final += [] if self._ended else message.footnotes()
        self._ended = True
        return final, []

    def _open(self, message: "_Parts", final: list[Piece]) -> tuple[list[Piece], list[Piece]]:
        """Cut the part that still grows: only words can be final in part."""
        if flow := message.flow(self._block):
            finished, _ = split(flow.text[self._offset :])
            start, self._offset = self._offset, self._offset + len(finished)
            final += _words(flow.cut(start, self._offset))
        return final, _as_if_whole(message.rest(self._block, self._offset))


def pieces_of(look: Look) -> list[Piece]:
    """Return a whole message as pieces."""
    message = _Parts(look)
    return message.rest(0, 0) + message.footnotes()


def piece_of(block: Block) -> Piece:
    """Return what is shown of a block that stands for itself."""
    match block:
        case Text():
            return Piece(Kind.WORDS, flow_of([block], Footnotes([block])).cut(0))
        case Thinking(thinking=thinking):
            return Piece(Kind.THINKING, thinking)
        case RedactedThinking():
            return Piece(Kind.THINKING, "")
        case ToolUse():
            return call_piece(block, None, 0.0, ended=True)
        case ToolResult():
            return result_piece(block)
        case Opaque(json=block_json):
            return Piece(Kind.NOTE, f"a block of type {block_json.get('type', 'unknown')}")
        case _:
            return Piece(Kind.NOTE, "a picture")


class _Parts:
    """A message in parts that are shown apart: words, which may be many blocks, or one block.

    A call of a server's tool is shown with its result, wherever that stands.
    """

    def __init__(self, look: Look) -> None:
        self._blocks = look.message.content
        self._ended = look.ending is not None
        self._notes = Footnotes(self._blocks)
        objects = [block.json for block in self._blocks if isinstance(block, Opaque)]
        self._results = {str(one["tool_use_id"]): one for one in objects if "tool_use_id" in one}
        self._calls = {str(one["id"]) for one in objects if _is_call(one) and "id" in one}
        own = [block for block in self._blocks if isinstance(block, ToolResult)]
        self._own_results = {result.tool_use_id: result for result in own}
        self._own_calls = {block.id for block in self._blocks if isinstance(block, ToolUse)}
        self._took = seconds_taken([look.message])

    def stop(self, start: int) -> int:
        """Return the first block behind the part that begins at `start`; 0 if there is none."""
        texts = _texts(self._blocks[start:])
        return 0 if start >= len(self._blocks) else start + max(1, len(texts))

    def is_final(self, start: int, stop: int) -> bool:
        """Whether nothing that may still come changes the part."""
        if self._ended:
            return True
        match self._blocks[start]:
            case Opaque(json=call) if _is_call(call):
                return str(call.get("id")) in self._results
            case ToolUse(id=own):
                return own in self._own_results
        return stop < len(self._blocks)

    def flow(self, start: int) -> Flow | None:
        """Return the words that begin at block `start`, if there are any."""
        texts = _texts(self._blocks[start:])
        return flow_of(texts, self._notes) if texts else None

    def pieces(self, start: int, offset: int = 0) -> list[Piece]:
        """Return the part that begins at `start`, without the words before `offset`."""
        if flow := self.flow(start):
            return _words(flow.cut(offset))
        match self._blocks[start]:
            case Opaque(json=call) if _is_call(call):
                result = self._results.get(str(call.get("id")))
                return [_told(call, result, ended=self._ended)]
            case Opaque(json=result) if str(result.get("tool_use_id")) in self._calls:
                return []
            case ToolUse() as use:
                took = self._took.get(use.id, 0.0)
                return [call_piece(use, self._own_results.get(use.id), took, ended=self._ended)]
            case ToolResult(tool_use_id=own) if own in self._own_calls:
                return []
            case Opaque(json=result) if tool := _tool_of(result):
                return [_told({"name": tool}, result, ended=True)]
            case block:
                return _filled(piece_of(block))

    def rest(self, start: int, offset: int) -> list[Piece]:
        """Return all parts from `start` on."""
        found: list[Piece] = []
        while stop := self.stop(start):
            found += self.pieces(start, offset)
            start, offset = stop, 0
        return found

    def footnotes(self) -> list[Piece]:
        """Return the list of footnotes, if there are any."""
        notes = self._notes.all()
        return [Piece(Kind.FOOTNOTES, "", notes)] if notes else []


def _texts(blocks: Iterable[Block]) -> list[Text]:
    """The text blocks that `blocks` begins with: with citations, one paragraph comes in several."""
    leading = takewhile(lambda block: isinstance(block, Text), blocks)
    return [block for block in leading if isinstance(block, Text)]


def _as_if_whole(rest: list[Piece]) -> list[Piece]:
    """The live rest, its last words without signs that are still open."""
    if not rest or rest[-1].kind is not Kind.WORDS:
        return rest
    return [*rest[:-1], *_words(as_if_whole(rest[-1].source))]


def _words(source: str) -> list[Piece]:
    return _filled(Piece(Kind.WORDS, source))


def _filled(piece: Piece) -> list[Piece]:
    return [piece] if piece.source.strip(" \t\r\n") else []


# What a tool of the server is doing, what it has done, and how what it was asked goes into that.
_DOINGS: Mapping[str, tuple[str, str, str]] = {
    "web_search": ("Searching the web{}", "Searched the web{}", " for “{}”"),
    "web_fetch": ("Reading{}", "Read{}", " {}"),
    "code_execution": ("Running Python code", "Ran Python code", ""),
    "bash_code_execution": ("Running a shell command", "Ran a shell command", ""),
    "text_editor_code_execution": ("Working on a file{}", "Worked on a file{}", ", {}"),
    "tool_search": ("Looking for tools{}", "Looked for tools{}", " for “{}”"),
}
_FAILURES: Mapping[str, str] = {
    "content_too_large": "there was too much on the page",
    "execution_time_exceeded": "it ran for too long",
    "file_not_found": "there is no such file",
    "invalid_tool_input": "what was asked was not valid",
    "max_uses_exceeded": "it was used as often as allowed",
    "output_file_too_large": "a file it made is too large",
    "query_too_long": "the query was too long",
    "request_too_large": "what was asked was too large",
    "too_many_requests": "there were too many requests",
    "unavailable": "the tool is not available now",
    "unsupported_content_type": "this kind of content cannot be read",
    "url_not_accessible": "the page could not be reached",
    "url_not_allowed": "this address is not allowed",
    "url_not_in_prior_context": "this address did not come up before",
    "url_too_long": "the address was too long",
}


def _is_call(block: Json) -> bool:
    return block.get("type") == "server_tool_use"


def _tool_of(block: Json) -> str:
    """The tool of a result whose call stands in an earlier message; "" if it is no result."""
    name = str(block.get("type")).removesuffix("_tool_result")
    return name if name in _DOINGS else ""


def _told(call: Json, result: Json | None, *, ended: bool) -> Piece:
    """What a tool of the server does or did, in one line, with code, output and sources below."""
    name = str(call.get("name"))
    given = call["input"] if isinstance(call.get("input"), dict) else {}
    doing, done = _doing(name, given)
    asked = _asked(name, given)
    if result is None:
        return Piece(Kind.RESULT, f"{done}: no result came" if ended else f"{doing} …", asked)
    outcome, details = _outcome(result.get("content"))
    return Piece(Kind.RESULT, f"{done}: {outcome}", (*asked, *details))


def _doing(name: str, given: Json) -> tuple[str, str]:
    name = "tool_search" if name.startswith("tool_search") else name
    if name not in _DOINGS:
        words = f" the server’s tool {one_line(name)}"
        return f"Using{words}", f"Used{words}"
    doing, done, about = _DOINGS[name]
    subjects = (given.get(key) for key in ("query", "pattern", "url", "path"))
    subject = next((one_line(one) for one in subjects if _is_filled(one)), "")
    asked = about.format(subject) if subject else " a page" * (name == "web_fetch")
    return doing.format(asked), done.format(asked)


def _asked(name: str, given: Json) -> tuple[Code, ...]:
    """The code that a call runs, or the text it writes."""
    if name in ("code_execution", "bash_code_execution"):
        languages = {"code": "python", "command": "bash"}
    else:
        languages = {"file_text": "", "old_str": "", "new_str": ""}
    found = ((given.get(key), language) for key, language in languages.items())
    return tuple(code_of(text, language) for text, language in found if _is_filled(text))


def _outcome(content: Any) -> tuple[str, Sequence[Link | Code]]:
    """How a call went, in a few words, and what it brought."""
    match content:
        case list():
            found = [link_to(i.get("title"), i.get("url")) for i in content if isinstance(i, dict)]
            return counted(len(found), "result"), [link for link in found if link.title]
        case {"error_code": code}:
            known = _FAILURES.get(str(code)) or one_line(str(code)).replace("_", " ")
            return f"failed, {known}", ()
        case {"type": "web_fetch_result", "url": url}:
            title = _title(content)
            return (one_line(title) if _is_filled(title) else "done"), [link_to(title, url)]
        case {"return_code": code}:
            return f"return code {one_line(str(code))}", _printed(content)
        case {"tool_references": list(tools)}:
            names = [one.get("tool_name") for one in tools if isinstance(one, dict)]
            return counted(len(names), "tool"), [link_to(name) for name in names]
        case {"is_file_update": bool(updated)}:
            return "changed it" if updated else "wrote it", ()
        case {"lines": list(lines)}:
            return "changed it", [code_of("\n".join(map(str, lines)), "diff")]
        case {"content": str(text)}:
            return "read it", [code_of(text)]
    return "done", ()


def _title(page: Json) -> object:
    document = page.get("content")
    return document.get("title") if isinstance(document, dict) else ""


def _printed(run: Json) -> list[Link | Code]:
    """What a run of code printed, and the files it made."""
    labels = {"stdout": "Output", "stderr": "Errors"}
    printed = [code_of(run[n], label=labels[n]) for n in labels if _is_filled(run.get(n))]
    hidden = [Link("Its output came encrypted, for Claude alone.")] * ("encrypted_stdout" in run)
    made = run.get("content") if isinstance(run.get("content"), list) else None
    files = [link_to(f"File {i.get('file_id')}") for i in made or () if isinstance(i, dict)]
    return [*printed, *hidden, *files]


def _is_filled(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and bool(text.strip())

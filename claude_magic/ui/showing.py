"""A growing answer -> the screen, and the variable that was asked for."""

from dataclasses import dataclass, replace
from typing import Any

from claude_magic.asking import Request, spent
from claude_magic.content.blocks import Text
from claude_magic.content.growing import Growing
from claude_magic.content.look import Look
from claude_magic.content.message import Message, is_replayed
from claude_magic.content.turn import Ending
from claude_magic.errors import Told
from claude_magic.render.answer import Answer
from claude_magic.render.notices import usage_line
from claude_magic.render.show import Screen, show
from claude_magic.render.small_print import NO_HEADER, Header
from claude_magic.ui.next_cell import NextCell, code_in
from claude_magic.ui.prompt import Prompt
from claude_magic.ui.screens import screen_for

_NEARLY_FULL = 0.8  # of the model's context


@dataclass(frozen=True)
class AsCode:
    """A screen for answers that are JSON: as Markdown its signs would be taken for emphasis."""

    screen: Screen

    def draw(self, look: Look) -> None:
        """Show how far the answer has come."""
        self.screen.draw(_fenced(look))

    def pause(self) -> None:
        """Leave the screen to a tool."""
        self.screen.pause()

    def finish(self, look: Look) -> None:
        """Show the whole answer."""
        self.screen.finish(_fenced(look))


@dataclass(frozen=True)
class Showing:
    """How the answer to `request` is shown in a shell, and where it is put."""

    shell: Any
    request: Request
    prompt: Prompt
    usage: bool
    next_cell: NextCell
    header: Header = NO_HEADER  # what went along with the question

    def show(self, growing: Growing) -> None:
        """Show the answer until its end; the variable holds it however that comes.

        Raises
        ------
        ClaudeMagicError, Interrupted: as `render.show` says.
        BadInput: the answer is whole, but not of the form asked for.
        """
        try:
            wire = self.request.server.shows_wire
            screen = screen_for(self.shell, self._footer, self.header, beside=wire)
            look = show(growing, AsCode(screen) if self.prompt.schema else screen)
            if code := self._code(look):
                self.next_cell.put(code)
        except Told as told:
            self._advise(told, growing.look())
            raise
        finally:
            look = growing.look()
            self._put(Answer(look, spent(self.request, look.message)))

    def _advise(self, told: Told, look: Look) -> None:
        """Say how to go on from words that came, where they stand in a conversation."""
        if self.request.kept and look.ending is not Ending.COMPLETE and look.message.text.strip():
            told.hint = f"{told.hint.removesuffix('.')}; `%claude continue` goes on from there."

    def _footer(self, look: Look) -> str:
        parts = [_asked_again(self.request), _carried(self.request), self._fullness(look)]
        parts += [self._told_code(look)] if self.prompt.code else []
        if self.usage:
            parts.append(_who(self.request, look.message))
            parts.append(usage_line(look, spent(self.request, look.message)))
        return " · ".join(filter(None, parts))

    def _code(self, look: Look) -> str:
        """The code that goes into the next cell: none of an answer that is not whole."""
        return code_in(look.answer.text) if self.prompt.code and _is_whole(look) else ""

    def _told_code(self, look: Look) -> str:
        """Where the code is."""
        if code := self._code(look):
            there = self.next_cell.has(code)
            return "a cell has its code already" if there else "its code is in the next cell"
        return "it holds no code" if _is_whole(look) else "its code is not whole"

    def _fullness(self, look: Look) -> str:
        """A warning before the model's context is full."""
        usage, model = look.answer.usage, self.request.model
        share = (usage.whole_input + usage.output_tokens) / model.context
        if not self.request.kept or not model.known or share < _NEARLY_FULL:
            return ""
        return f"the context is {share:.0%} full: `%claude compact` or --last N makes room"

    def _put(self, answer: Answer) -> None:
        """Fill the variable that was asked for, if anything came; first with the answer itself."""
        name, schema = self.prompt.out, self.prompt.schema
        if name and (answer.blocks or answer.complete):
            self.shell.user_ns[name] = answer
            if schema is not None:
                read = answer.with_value_of(schema.read)
                self.shell.user_ns[name] = answer if read is answer else read.value


def _is_whole(look: Look) -> bool:
    return look.ending is Ending.COMPLETE and look.answer.stop_reason in ("end_turn", "")


def _who(request: Request, answer: Message) -> str:
    """Who answered, unless it was Claude just now."""
    if is_replayed(answer):
        by = answer.rest["replayed"].get("by", "")
        return f"{by} model, replayed" if by else "replayed"
    return "practice model" if request.server.is_practice else ""


def _carried(request: Request) -> str:
    """How many of the earlier turns went along, where not all did."""
    sent, there = request.carried
    left = request.kept and sent < there
    return f"{sent} of {there} earlier turns sent" if left else ""


def _asked_again(request: Request) -> str:
    """Which turn was asked again, or that it was not; a replayed one says itself that it is."""
    if request.again is None:
        return ""
    if request.kept_answer:
        return "" if is_replayed(request.kept_answer) else "unchanged, so its kept answer is shown"
    turns = request.conversation.turns
    shown = [turn.id for turn in turns if not turn.hidden or turn.id == request.again.id]
    return f"asked again, turn {shown.index(request.again.id) + 1} of {len(shown)}"


def _fenced(look: Look) -> Look:
    """The same look with its words in a code block, closed once they are whole."""
    end = "\n```" if look.ending is not None else ""
    content = tuple(
        replace(block, text=f"```json\n{block.text}{end}") if isinstance(block, Text) else block
        for block in look.message.content
    )
    return look._replace(message=replace(look.message, content=content))

"""Turns -> what a notebook keeps of them, to be read without a kernel."""

from collections.abc import Sequence
from html import escape

from claude_magic.content.counting import counted
from claude_magic.content.turn import Turn
from claude_magic.panel.turns import html_of, look_of, words_in
from claude_magic.render.answer import bundle
from claude_magic.render.markdown import wrap
from claude_magic.render.notices import notices
from claude_magic.render.small_print import small_print

_MOST_TURNS = 50
_LARGEST = 200_000  # characters; a notebook is saved often


class Transcript:
    """Remembers what each turn looks like: a long conversation changes by one turn at a time."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Turn, str, str]] = {}

    def of(self, turns: Sequence[Turn]) -> dict[str, str]:
        """Return the last turns for an output: safe HTML first, then Markdown, then a line.

        The class is what the live panel hides by.
        """
        last = _last(turns)
        made = [self._of(turn) for turn in last]
        self._made = {turn.id: one for turn, one in zip(last, made, strict=True)}
        left_out = len(turns) - len(last)
        told = f"{left_out:,} earlier turns are not kept in this file." if left_out else ""
        html = small_print(told) + "".join(html for _, html, _ in made)
        shown = wrap(html).replace('class="', 'class="claude-transcript ', 1)
        markdown = "\n\n".join(filter(None, [told, *(words for _, _, words in made)]))
        plain = f"A conversation with Claude, {counted(len(turns), 'turn')}."
        return {"text/html": shown, "text/markdown": markdown or plain, "text/plain": plain}

    def _of(self, turn: Turn) -> tuple[Turn, str, str]:
        known = self._made.get(turn.id)
        return known if known and known[0] is turn else (turn, _html(turn), _markdown(turn))


def _last(turns: Sequence[Turn]) -> Sequence[Turn]:
    """The last turns that fit, at least one."""
    size = 0
    for number, turn in enumerate(reversed(turns)):
        size += sum(len(message.text) for message in turn.messages)
        if number == _MOST_TURNS or (number and size > _LARGEST):
            return turns[-number:]
    return turns


def _asked(turn: Turn) -> str:
    return "\n\n".join(words_in(turn.messages[0])) if turn.messages[0].role == "user" else ""


def _is_answered(turn: Turn) -> bool:
    return turn.answer.role == "assistant"


def _markdown(turn: Turn) -> str:
    """The question quoted, so that none of its signs has a meaning; the answer as it is."""
    lines = [f"> {escape(line, quote=False)}".rstrip() for line in _asked(turn).splitlines()]
    asked = ["**You**", "\n".join(lines)] if lines else []
    said = ["**Claude**", bundle(look_of(turn))["text/markdown"]] if _is_answered(turn) else []
    return "\n\n".join([*asked, *said])


def _html(turn: Turn) -> str:
    """Question and answer, each read as its first letter is."""
    lines = escape(_asked(turn), quote=False).replace("\n", "<br>\n")
    asked = f'<p><strong>You</strong></p><p dir="auto">{lines}</p>' if lines else ""
    if not _is_answered(turn):
        return asked
    look = look_of(turn)
    told = "".join(map(small_print, notices(look)))
    said = f'<p><strong>Claude</strong></p><div dir="auto">{html_of(look)}</div>'
    return f"{asked}{said}{told}<hr>"

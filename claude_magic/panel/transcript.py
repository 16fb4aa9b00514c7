"""Turns -> what a notebook keeps of them, to be read without a kernel."""

from collections.abc import Sequence
from html import escape

from claude_magic.content.turn import Turn
from claude_magic.panel.turns import html_of, look_of, words_in
from claude_magic.render.answer import bundle
from claude_magic.render.markdown import wrap
from claude_magic.render.notices import notices

_MOST_TURNS = 50
_LARGEST = 200_000  # characters; a notebook is saved often


def kept(turns: Sequence[Turn]) -> dict[str, str]:
    """Return the last turns for an output: safe HTML first, then Markdown, then plain text.

    The class is what the live panel hides by.
    """
    last = _last(turns)
    left_out = len(turns) - len(last)
    told = f"{left_out:,} earlier turns are not kept in this file." if left_out else ""
    first = [f"*{told}*"] if told else []
    markdown = "\n\n".join([*first, *map(_markdown, last)])
    html = (f"<p><em>{told}</em></p>" if told else "") + "".join(map(_html, last))
    shown = wrap(html).replace('class="', 'class="claude-transcript ', 1)
    return {"text/html": shown, "text/markdown": markdown, "text/plain": markdown}


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
    asked = [f"**You:** {line}" if not n else line for n, line in enumerate(_quoted(turn))]
    said = (
        [f"**Claude:**\n\n{bundle(look_of(turn))['text/markdown']}"] if _is_answered(turn) else []
    )
    return "\n\n".join(["\n".join(asked), *said]).strip()


def _quoted(turn: Turn) -> list[str]:
    """The question's lines, in which no sign has a meaning."""
    return [escape(line, quote=False) for line in _asked(turn).splitlines()]


def _html(turn: Turn) -> str:
    lines = escape(_asked(turn), quote=False).replace("\n", "<br>\n")
    asked = f"<p><strong>You</strong><br>{lines}</p>" if lines else ""
    if not _is_answered(turn):
        return asked
    look = look_of(turn)
    told = "".join(f"<p><small><em>{escape(line)}</em></small></p>" for line in notices(look))
    return f"{asked}<p><strong>Claude</strong></p>{html_of(look)}{told}<hr>"

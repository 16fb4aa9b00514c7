"""The words after `%claude` about pictures: what the notebook displayed lately."""

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from claude_magic.api.models import model_named
from claude_magic.ui.command_of import Command
from claude_magic.ui.glimpses import Glimpse, glimpse
from claude_magic.ui.screens import tell

if TYPE_CHECKING:
    from claude_magic.ui.desk import Desk

_MOST = 20
_COLUMNS = ("number", "cell", "kind", "size", "tokens")
_HOW = "`%%claude -p` takes the last one along, `-p 3` the last three, `-p #{}` this one."


def _images(desk: "Desk", rest: str) -> str:
    lately = desk.displays.lately()
    if not lately:
        return "No picture was displayed yet in this kernel."
    sight = model_named(desk.settings.model).sight
    shown = [glimpse(display, desk.engine.pictures, sight) for display in lately[-_MOST:]]
    how = _HOW.format(lately[-1].number)
    older = len(lately) - len(shown)
    how += f" {older} older ones are kept as well." if older else ""
    if not hasattr(desk.shell, "kernel"):
        return f"{_as_text(shown)}\n{how.replace('`', '')}"
    tell(desk.shell, f"{_as_markdown(shown)}\n\n{how}", html=_as_html(shown, how))
    return ""


def _row(one: Glimpse) -> tuple[str, ...]:
    width, height = one.size
    size = f"{width} × {height}" if width else "drawn when asked about"
    tokens = f"{one.tokens:,}" if one.tokens else ""
    cell = "" if one.display.origin.count is None else one.display.name
    return f"#{one.display.number}", cell, one.display.kind, size, tokens


def _as_text(shown: Sequence[Glimpse]) -> str:
    rows = [_COLUMNS, *map(_row, shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [[f"{word:<{width}}" for word, width in zip(row, widths, strict=True)] for row in rows]
    return "\n".join("  ".join(line).rstrip() for line in lines)


def _as_markdown(shown: Sequence[Glimpse]) -> str:
    lines = [_COLUMNS, ("---",) * len(_COLUMNS), *map(_row, shown)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _as_html(shown: Sequence[Glimpse], how: str) -> str:
    from claude_magic.render.markdown import to_html, wrap
    from claude_magic.render.small_print import small_picture

    heads = "".join(f"<th>{name}</th>" for name in (*_COLUMNS, ""))
    rows = []
    for one in shown:
        picture = small_picture(one.small, f"#{one.display.number}", side=64)
        cells = "".join(f"<td>{html.escape(word)}</td>" for word in _row(one))
        rows.append(f"<tr>{cells}<td>{picture}</td></tr>")
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return wrap(table + to_html(how))


COMMANDS: Mapping[str, Command] = {
    "images": Command(_images, "what was displayed lately, with numbers for -p"),
}

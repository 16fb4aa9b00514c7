"""Which screen an answer is shown on: a notebook's cell or a terminal."""

import html as markup
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from claude_magic.render.cell import CellScreen
from claude_magic.render.markdown import to_html, wrap
from claude_magic.render.show import Screen
from claude_magic.render.small_print import NO_HEADER, Header

if TYPE_CHECKING:
    from claude_magic.content.look import Look


def tell(shell: Any, text: str, *, markdown: bool = False, html: str = "") -> None:
    """Show what a command says: as plain text, or as Markdown where it is formatted.

    `html` is the Markdown already rendered.
    """
    if not markdown and not html:
        print(text)
    elif hasattr(shell, "kernel"):
        rendered = html or wrap(to_html(text))
        shown = {"text/html": rendered, "text/markdown": text, "text/plain": text}
        shell.display_pub.publish(shown)
    else:
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(text))


def tell_table(shell: Any, title: str, rows: Sequence[Sequence[str]]) -> None:
    """Show a table, its first row the heads: as HTML in a notebook, aligned in a terminal."""
    widths = [max(map(len, column)) + 2 for column in zip(*rows, strict=True)]
    lines = ("".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)
    text = "\n".join([f"{title}\n", *map(str.rstrip, lines)])
    if not hasattr(shell, "kernel"):
        print(text)
        return
    head, *body = (_row_html(row, "td" if at else "th") for at, row in enumerate(rows))
    table = f"<table><thead>{head}</thead><tbody>{''.join(body)}</tbody></table>"
    shown = {"text/html": wrap(f"<p>{markup.escape(title)}</p>{table}"), "text/plain": text}
    shell.display_pub.publish(shown)


def _row_html(row: Sequence[str], tag: str) -> str:
    style = ' style="text-align: left"'
    return f"<tr>{''.join(f'<{tag}{style}>{markup.escape(cell)}</{tag}>' for cell in row)}</tr>"


def _is_alone(shell: Any) -> bool:
    """Whether nothing but the answer can be in the cell's output.

    A cell that calls the magic from Python, or evaluates expressions, may show other things.
    """
    code = str(shell.get_parent().get("content", {}).get("code", "")).lstrip()
    calls = "{{" in code or "(" in code.partition("\n")[0]
    return code.startswith("%%claude") and not calls


def screen_for(
    shell: Any,
    footer: Callable[["Look"], str],
    header: Header = NO_HEADER,
    *,
    beside: bool = False,
) -> Screen:
    """Return the screen of `shell`: a shell with a kernel is a notebook's.

    `header` and `footer` are lines above and below the answer; `beside` says that something else
    is printed meanwhile.
    """
    if not hasattr(shell, "kernel"):
        from claude_magic.render.terminal import TerminalScreen

        return TerminalScreen(header=header, footer=footer)
    from IPython.core.displaypub import CapturingDisplayPublisher

    return CellScreen(
        shell.display_pub,
        # VS Code renders Markdown safely itself, and says which notebook it has open.
        html_shown="__vsc_ipynb_file__" not in shell.user_ns,
        # Under %%capture only the end is kept, not each stage.
        live=not isinstance(shell.display_pub, CapturingDisplayPublisher),
        alone=_is_alone(shell) and not beside,
        header=header,
        footer=footer,
    )

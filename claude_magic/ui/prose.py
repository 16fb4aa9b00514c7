"""A notebook -> the same with its prompts as prose and its answers as answers.

It is what nbconvert's exporters and Jupyter Book are given. The source of a `%%claude` cell is
hidden, and an output that says the same in words comes first in it, as safe HTML and as Markdown.
"""

import re
from argparse import Namespace
from collections.abc import Iterator
from copy import deepcopy
from html import escape
from typing import Any

from claude_magic.capture.fill import fill
from claude_magic.errors import BadInput
from claude_magic.render.markdown import to_html, to_markdown, wrap
from claude_magic.ui.options import options_or_words

_ASKS = re.compile(r"\s*%%claude(?=\s|$)")
_BOX = (
    "border-left: 3px solid #d97757; background: rgba(217, 119, 87, 0.08); "
    "padding: 0.4em 1em; margin: 0.6em 0; border-radius: 0 4px 4px 0"
)
_HIDDEN = "remove-input"  # the tag by which Jupyter Book hides the source of a cell
_SAYS = {"user": "Prompt", "assistant": "Put into Claude's mouth"}


def prose(notebook: Any) -> Any:
    """Return a notebook (of nbformat) as it reads without magics; what is given stays as it is."""
    told = deepcopy(notebook)
    for cell in told.cells:
        if cell.cell_type == "code" and _ASKS.match(cell.source):
            _tell(cell)
    return told


def _tell(cell: Any) -> None:
    from nbformat.v4 import new_output

    line, _, words = _ASKS.sub("", cell.source, count=1).partition("\n")
    given, rest = options_or_words(line)
    text = "".join(_parts("\n".join(filter(str.strip, (rest, words))).strip("\n")))
    label = _label(given)
    box = f'<div class="claude-prompt" style="{_BOX}"><small>{escape(label)}</small>'
    said = {
        "text/html": wrap(f"{box}{to_html(text)}</div>"),
        "text/markdown": _quoted(f"*{label}*\n\n{to_markdown(text)}"),
        "text/plain": f"{label}: {text}",
    }
    cell.outputs = [new_output("display_data", said), *map(_safe, cell.outputs)]
    cell.metadata.transient = {"remove_source": True}  # what nbconvert knows
    cell.metadata.tags = [*cell.metadata.get("tags", []), _HIDDEN]


def _parts(text: str) -> Iterator[str]:
    """The words, with each expression as code in their midst."""
    try:
        parts = list(fill(text, lambda code: None))
    except BadInput:
        parts = [text]
    for part in parts:
        yield part if isinstance(part, str) else _as_code(part.expression)


def _as_code(expression: str) -> str:
    code = " ".join(expression.split())
    return f"`` {code} ``" if "`" in code else f"`{code}`"


def _label(given: Namespace) -> str:
    """Whose words they are, whom they ask, and what goes along."""
    label = _SAYS[getattr(given, "role", None) or "user"]
    if model := getattr(given, "model", None):
        label += f" to {model}"
    files = [*(getattr(given, "image", None) or ()), *(getattr(given, "doc", None) or ())]
    return f"{label}, with {', '.join(files)}" if files else label


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _safe(output: Any) -> Any:
    """An answer that holds only Markdown, as some front ends save it, with HTML that runs nothing.

    Left to themselves, exporters let HTML in Markdown through.
    """
    data = output.get("data", {})
    if "text/markdown" in data and "text/html" not in data:
        words = data["text/markdown"]
        text = words if isinstance(words, str) else "".join(words)
        output.data = {"text/html": wrap(to_html(text)), **data}
    return output


def read(text: str) -> Any:
    """Return the notebook that `text` holds, as prose: a reader for Jupyter Book."""
    import nbformat

    return prose(nbformat.reads(text, as_version=4))

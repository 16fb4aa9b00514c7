"""A data frame (pandas or polars) -> a compact Markdown table with its shape and types."""

from collections.abc import Mapping
from itertools import chain
from types import ModuleType
from typing import Any

_MOST_ROWS, _MOST_COLUMNS = 20, 24
_LONGEST_CELL = 80  # characters


def is_frame(value: object, modules: Mapping[str, ModuleType]) -> bool:
    """Whether `value` is a data frame or series of a library that is already imported."""
    kinds = [
        getattr(modules[name], kind, None)
        for name in ("pandas", "polars")
        if name in modules
        for kind in ("DataFrame", "Series")
    ]
    return isinstance(value, tuple(kind for kind in kinds if isinstance(kind, type)))


def table(frame: Any) -> str:
    """Return the frame as Markdown: a line with its shape, then its rows, the middle left out.

    The head of each column names its type. Of more than 20 rows the first 10 and the last 10 are
    given, of more than 24 columns likewise.
    """
    kind = f"{type(frame).__name__} of {type(frame).__module__.split('.')[0]}"
    if not hasattr(frame, "columns"):
        frame = frame.to_frame()
    count, width = frame.shape
    rows, columns = _ends(count, _MOST_ROWS), _ends(width, _MOST_COLUMNS)
    indexed = hasattr(frame, "iloc")
    heads = [_head(frame, i) for i in columns]
    lines = [_line(([""] if indexed else []) + heads, columns, width, indexed)]
    lines += ["|" + "---|" * (lines[0].count(" | ") + 1)]
    for at, i in enumerate(rows):
        if at and i != rows[at - 1] + 1:
            lines.append(f"| … {count - len(rows):,} rows left out |")
        lines.append(_line(_cells(frame, i, columns), columns, width, indexed))
    return f"{kind}, {count:,} rows × {width:,} columns\n\n" + "\n".join(lines)


def _ends(count: int, most: int) -> list[int]:
    if count <= most:
        return list(range(count))
    return list(chain(range(most // 2), range(count - most // 2, count)))


def _head(frame: Any, column: int) -> str:
    name, kinds = frame.columns[column], frame.dtypes
    kind = kinds.iloc[column] if hasattr(kinds, "iloc") else kinds[column]
    label = " / ".join(map(str, name)) if isinstance(name, tuple) else str(name)
    return f"{_escaped(label)} ({kind})"


def _cells(frame: Any, row: int, columns: list[int]) -> list[str]:
    if hasattr(frame, "iloc"):
        label = frame.index[row]
        values = [label, *(frame.iloc[row, column] for column in columns)]
    else:
        values = [frame[row, column] for column in columns]
    return [_cell(value) for value in values]


def _cell(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    short = text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
    return _escaped(short)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " ")


def _line(cells: list[str], columns: list[int], width: int, indexed: bool) -> str:
    """Join cells, with a mark where columns are left out."""
    if len(columns) < width:
        middle = len(columns) // 2 + indexed
        cells = [*cells[:middle], f"… {width - len(columns)} more", *cells[middle:]]
    return "| " + " | ".join(cells) + " |"

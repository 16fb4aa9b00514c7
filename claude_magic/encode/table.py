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
    corner = [_corner(frame)] if indexed else []
    lines = [_line(corner + heads, columns, width, indexed)]
    lines += ["|" + "---|" * (lines[0].count(" | ") + 1)]
    for at, i in enumerate(rows):
        if at and i != rows[at - 1] + 1:
            lines.append(f"| … {count - len(rows):,} rows left out |")
        lines.append(_line(_cells(frame, i, columns), columns, width, indexed))
    return f"{kind}, {count:,} rows × {width:,} columns\n\n" + "\n".join(lines)


def _corner(frame: Any) -> str:
    return _escaped(" / ".join(str(name) for name in frame.index.names if name is not None))


def _ends(count: int, most: int) -> list[int]:
    if count <= most:
        return list(range(count))
    return list(chain(range(most // 2), range(count - most // 2, count)))


def _head(frame: Any, column: int) -> str:
    kinds = frame.dtypes
    kind = kinds.iloc[column] if hasattr(kinds, "iloc") else kinds[column]
    return f"{_cell(frame.columns[column])} ({kind})"


def _cells(frame: Any, row: int, columns: list[int]) -> list[str]:
    if hasattr(frame, "iloc"):
        label = frame.index[row]
        values = [label, *(frame.iloc[row, column] for column in columns)]
    else:
        values = [frame[row, column] for column in columns]
    return [_cell(value) for value in values]


def _cell(value: Any) -> str:
    short = _words(value)
    return _escaped(short if len(short) <= _LONGEST_CELL else short[: _LONGEST_CELL - 1] + "…")


def _words(value: Any) -> str:
    """Floats in ten digits: whole ones may be numbers of things."""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
    if isinstance(value, tuple):  # a label of several levels
        return " / ".join(map(_words, value))
    return str(value.to_list()) if hasattr(value, "to_list") else str(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " ")


def _line(cells: list[str], columns: list[int], width: int, indexed: bool) -> str:
    """Join cells, with a mark where columns are left out."""
    if len(columns) < width:
        middle = len(columns) // 2 + indexed
        cells = [*cells[:middle], f"… {width - len(columns)} more", *cells[middle:]]
    return "| " + " | ".join(cells) + " |"

"""A notebook's file -> its cells, as they were saved last."""

import json
import os
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

_LARGEST = 64 * 2**20  # bytes; reading more would hold a question up


class SavedCells(NamedTuple):  # made at load, where a dataclass costs
    """The cells of a saved notebook in their order: id to source. `at`: when, in Unix seconds.

    Empty where the file's format has no ids (before nbformat 4.5): its front end makes up new ones
    each time it opens the file. `told`: it has ids, or no cells yet.
    """

    at: float
    sources: Mapping[str, str]
    told: bool = False


class SavedNotebooks:
    """Reads notebooks' files, each again only when it was saved again."""

    def __init__(self) -> None:
        self._read: dict[str, SavedCells] = {}

    def cells(self, path: str) -> SavedCells | None:
        """Return the cells of the file at `path`, or None where there is no notebook."""
        try:
            found = os.stat(path)
        except OSError:
            return None
        known = self._read.get(path)
        if known is None or known.at != found.st_mtime:
            known = _read(path, found)
            self._read[path] = known
        return known

    def cell_ids(self, path: str) -> Collection[str] | None:
        """Return the ids of the cells of the file at `path`; None where it tells none."""
        saved = self.cells(path)
        return saved.sources.keys() if saved and saved.told else None

    def has_cell(self, path: str, cell: str) -> bool:
        """Whether the file at `path` holds a cell."""
        saved = self.cells(path)
        return saved is not None and cell in saved.sources


def _read(path: str, found: os.stat_result) -> SavedCells:
    if not path.endswith(".ipynb") or found.st_size > _LARGEST:
        return SavedCells(found.st_mtime, {})
    try:
        with open(path, "rb") as file:
            cells = json.load(file)["cells"]
        sources = {cell["id"]: _source(cell) for cell in cells if "id" in cell}
    except (OSError, ValueError, KeyError, TypeError):
        return SavedCells(found.st_mtime, {})
    return SavedCells(found.st_mtime, sources, told=bool(sources) or not cells)


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)

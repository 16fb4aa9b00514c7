"""A list of answers -> a list that offers itself as a data frame."""

import dataclasses
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from claude_magic.errors import BadInput


class Rows(list[Any]):
    """A list; with pandas there, `frame()` makes it a table, and a notebook shows it as one.

    `columns` are the names of the fields, for the case that there are no rows.
    """

    def __init__(self, rows: Iterable[Any] = (), columns: Iterable[str] = ()) -> None:
        super().__init__(rows)
        self.columns = tuple(columns)

    def frame(self) -> Any:
        """Return a pandas.DataFrame with a row for each object; plain values stand in `value`.

        Raises
        ------
        BadInput: pandas is not installed.
        """
        try:
            pandas = import_module("pandas")
        except ImportError as error:
            raise BadInput(
                "A data frame needs pandas, which is not here.", hint="Run `%pip install pandas`."
            ) from error
        rows = [_row(one) for one in self]
        names = dict.fromkeys([*self.columns, *(name for row in rows for name in row)])
        return pandas.DataFrame(rows, columns=list(names))

    def _repr_html_(self) -> str | None:
        try:
            html: str | None = self.frame()._repr_html_()
        except BadInput:
            return None  # then the list's text is shown
        return html


def _row(one: Any) -> dict[str, Any]:
    """The fields of one object, nested ones as they are."""
    if isinstance(one, Mapping):
        return dict(one)
    if dataclasses.is_dataclass(one):
        return {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
    if isinstance(one, tuple) and hasattr(one, "_asdict"):
        return dict(one._asdict())
    if hasattr(one, "__pydantic_fields__"):
        return dict(one)
    return {"value": one}

"""What is read: which notebook it is, what conversations it has, and their turns."""

from collections.abc import Callable, Collection, Iterator
from os.path import exists
from sqlite3 import Connection

from claude_magic.content.notebook import Notebook
from claude_magic.store.values import Heading, Listed, plain

_MOST_CELLS = 500  # of a notebook's cells are enough to know it by

_LISTED = """
    SELECT c.id, c.answers, c.name, c.closed, c.went_on, c.used, c.version,
           n.id, n.kernel, n.path, n.folder,
           count(t.number), sum(t.cost), coalesce(max(t.asked), 0)
    FROM conversations c JOIN notebooks n ON n.id = c.notebook
    LEFT JOIN turns t ON t.conversation = c.id AND NOT t.hidden AND t.ended
"""


def find_notebook(
    rows: Connection,
    notebook: Notebook,
    cells: Callable[[], Collection[str] | None],
    others: Collection[str] = (),
) -> str:
    """Return the id of a notebook that is known here, or ""; it is none of the `others`.

    Its kernel tells it first, then its path: unless its `cells` are all others by now, so that it
    is another notebook under that name. One that was moved while it had no kernel is told by its
    cells, unless a notebook is still where it was: then this is a copy.
    """
    if notebook.folder:
        return _one(rows, "folder = ? AND kernel = '' AND path = ''", notebook.folder)
    kernel, path = notebook.kernel, plain(notebook.path)
    for name in dict.fromkeys((path, plain(notebook.key)) if kernel else ()):
        if found := _one(rows, "kernel = ? AND path = ?", kernel, name):
            return found
    found = _gone(_of_kernel(rows, kernel), others) if kernel else ""
    if found or not path:
        return found
    there = cells()
    found = _one(rows, "path = ?", path)
    if found and there is not None and _is_another(rows, found, there):
        found = ""
    return found or _gone(_with_cells(rows, there or ()), others)


def listed(rows: Connection, condition: str, *values: object) -> list[Listed]:
    """Return the conversations for which an SQL condition holds, the oldest first."""
    found = rows.execute(
        f"{_LISTED} WHERE {condition} GROUP BY c.id ORDER BY c.rowid", values
    ).fetchall()
    return list(_listed(found))


def versions(rows: Connection, notebook: str, answers: str) -> dict[str, int]:
    """Return the versions of a notebook's conversations, by id."""
    condition = "notebook = ? AND answers = ?"
    found = f"SELECT id, version FROM conversations WHERE {condition}"
    return dict(rows.execute(found, (notebook, answers)))


def bytes_of(rows: Connection, name: str) -> bytes | None:
    """Return the bytes of a hash; None where they are not kept."""
    found = rows.execute("SELECT data FROM bytes WHERE hash = ?", (name,)).fetchone()
    return found[0] if found else None


def _one(rows: Connection, condition: str, *values: str) -> str:
    found = rows.execute(
        f"SELECT id FROM notebooks WHERE {condition} ORDER BY seen DESC LIMIT 1", values
    ).fetchone()
    return str(found[0]) if found else ""


def _of_kernel(rows: Connection, kernel: str) -> list[tuple[str, str]]:
    """The notebooks that a kernel had, with their paths."""
    return rows.execute(
        "SELECT id, path FROM notebooks WHERE kernel = ? ORDER BY seen DESC", (kernel,)
    ).fetchall()


def _with_cells(rows: Connection, cells: Collection[str]) -> list[tuple[str, str]]:
    """The notebooks in which these cells asked, with their paths."""
    some = list(cells)[:_MOST_CELLS]
    marks = ", ".join("?" * len(some))
    return rows.execute(
        "SELECT n.id, n.path FROM turns t JOIN conversations c ON c.id = t.conversation "
        f"JOIN notebooks n ON n.id = c.notebook WHERE t.cell IN ({marks}) AND n.path <> '' "
        "GROUP BY n.id ORDER BY count(*) DESC, n.seen DESC",
        some,
    ).fetchall()


def _is_another(rows: Connection, notebook: str, cells: Collection[str]) -> bool:
    """Whether cells asked in a notebook, and none of them is among these."""
    asked = rows.execute(
        "SELECT DISTINCT t.cell FROM turns t JOIN conversations c ON c.id = t.conversation WHERE "
        "c.notebook = ? AND t.cell <> '' AND t.cell NOT LIKE 'panel-%' "
        "AND t.cell NOT LIKE 'vscode-notebook-cell:%'",
        (notebook,),
    ).fetchall()
    return bool(asked) and {one for (one,) in asked}.isdisjoint(cells)


def _gone(known: list[tuple[str, str]], others: Collection[str]) -> str:
    """The first whose file is not there any more: it has another name or place now."""
    found = (one for one, path in known if one not in others and not (path and exists(path)))
    return next(found, "")


def _listed(found: list[tuple[object, ...]]) -> Iterator[Listed]:
    for row in found:
        id_, answers, name, closed, went_on, used, version, owner, *more = row
        kernel, path, folder, turns, cost, asked = more
        notebook = Notebook(str(kernel), str(path), str(path), str(folder))
        heading = Heading(
            *(str(id_), str(owner), notebook, str(answers), str(name)),
            *(bool(closed), bool(went_on), float(str(used))),
        )
        known = None if cost is None else float(str(cost))
        yield Listed(heading, int(str(version)), int(str(turns)), known, float(str(asked)))

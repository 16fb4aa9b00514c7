"""Which of the notebook's functions go along with a question as tools.

Most questions have none, so what makes tools of functions is imported with the first of them.
"""

import keyword
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from claude_magic.errors import BadInput
from claude_magic.settings import Settings
from claude_magic.teaching.policy import policy_of
from claude_magic.tools.marks import marks_of

if TYPE_CHECKING:
    from claude_magic.tools.tool import Tool
    from claude_magic.tools.toolbox import Bench, Toolbox


class Offered(NamedTuple):
    """What one cell says of tools: `ask` is None where it says nothing of asking first."""

    functions: tuple[object, ...] = ()
    python: bool = False
    ask: bool | None = None
    most: int | None = None  # calls; None: as many as usual


NOTHING = Offered()


class Offering:
    """The tools of a notebook: functions marked with `@claude_tool`, and those that were added.

    Marked ones are looked for in its variables at each question, so that a function that is defined
    again, or deleted, needs no further word.
    """

    def __init__(self, shell: Any, bench: "Callable[[Settings], Bench]") -> None:
        self._shell = shell
        self._bench = bench
        self._added: list[str] = []
        self._removed: set[str] = set()

    def toolbox(self, offered: Offered, settings: Settings) -> "Toolbox | None":
        """Return the tools that go along with a question; None: there are none.

        In a lesson without tools only those that the cell names go along, to be refused with it.

        Raises
        ------
        BadInput: one of them cannot be described, two have one name, or one was deleted.
        """
        standing = self.everywhere() if policy_of(settings).tools else []
        functions = _each_once([*offered.functions, *standing])
        if not functions and not offered.python:
            return None
        from claude_magic.ui.equipping import equipped

        return equipped(self._shell, functions, offered, self._bench(settings))

    def everywhere(self) -> list[object]:
        """Return the functions that are offered in every cell."""
        return [self._shell.user_ns[name] for name in self.names()]

    def names(self) -> list[str]:
        """Return their names in the notebook, in the order of defining and adding.

        Raises
        ------
        BadInput: one that was added is not there any more.
        """
        space = self._shell.user_ns
        marked = [name for name, value in list(space.items()) if _is_marked(name, value)]
        for name in self._added:
            if name not in space:
                raise BadInput(
                    f"{name} is offered as a tool, but there is no {name} any more.",
                    hint=f"Define it again, or run `%claude tools remove {name}`.",
                )
        names = [name for name in [*marked, *self._added] if name not in self._removed]
        return _each_once(names)

    def add(self, names: Iterable[str]) -> "list[Tool]":
        """Offer functions in every cell from now on; return what they are as tools.

        Raises
        ------
        BadInput: one is not there, or cannot be described; then none is added.
        """
        from claude_magic.tools.tool import checked, tool_of
        from claude_magic.ui.equipping import described

        names = list(names)
        tools = [tool_of(self._function(name)) for name in names]
        self._removed -= set(names)
        self._added += [name for name in names if name not in self._added]
        checked(map(described, self.everywhere()))
        return tools

    def remove(self, names: Iterable[str]) -> None:
        """Offer functions no longer.

        Raises
        ------
        BadInput: one is not offered; then none is removed.
        """
        offered = [*self._added, *self.names()] if self._added else self.names()
        for name in names:
            if name not in offered:
                known = ", ".join(_each_once(offered)) or "none"
                raise BadInput(f"{name} is not offered as a tool.", hint=f"Offered: {known}.")
        self._added = [name for name in self._added if name not in names]
        self._removed |= set(names)

    def _function(self, name: str) -> object:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise BadInput(f"{name!r} is no name of a function.")
        if name not in self._shell.user_ns:
            raise BadInput(
                f"there is no function `{name}` in this notebook.",
                hint="Run the cell that defines it first.",
            )
        return self._shell.user_ns[name]


def _is_marked(name: str, value: object) -> bool:
    try:
        return not name.startswith("_") and marks_of(value) is not None
    except Exception:  # somebody's __getattr__
        return False


def _each_once(values: Iterable[Any]) -> list[Any]:
    """The values without those that are there already."""
    found: list[Any] = []
    for value in values:
        if not any(value is one or (isinstance(value, str) and value == one) for one in found):
            found.append(value)
    return found

"""What a function says of itself as a tool; as light as can be, for it is imported at once."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar, overload

from claude_magic.errors import BadInput

_MARK = "__claude_tool__"
F = TypeVar("F", bound=Callable[..., object])


class Marks(NamedTuple):
    """What `@claude_tool` was given; see there."""

    name: str = ""
    parallel: bool = False
    timeout: float | None = None  # seconds


@overload
def claude_tool(function: F, /) -> F: ...
@overload
def claude_tool(
    *, name: str = "", parallel: bool = False, timeout: float | None = None
) -> Callable[[F], F]: ...
def claude_tool(
    function: F | None = None,
    /,
    *,
    name: str = "",
    parallel: bool = False,
    timeout: float | None = None,
) -> F | Callable[[F], F]:
    """Offer a function to Claude in every cell of the notebook.

    `name` is what Claude knows it by, if not by its own name. A `parallel` function may run on a
    thread of its own, beside others. After `timeout` seconds it is stopped (on a thread of its own,
    left alone).

    >>> @claude_tool(parallel=True)
    ... def double(x: float) -> float:
    ...     return 2 * x
    >>> double(2.0), marks_of(double).parallel
    (4.0, True)

    Raises
    ------
    BadInput: it is no function, or `timeout` no number of seconds.
    """
    if timeout is not None and not (isinstance(timeout, int | float) and timeout > 0):
        raise BadInput(f"timeout is {timeout!r}; it must be a number of seconds above 0.")

    def mark(function: F) -> F:
        if not callable(function):
            raise BadInput(
                f"{function!r} is no function, so no tool.",
                hint="Write @claude_tool above a function with type hints and a docstring.",
            )
        setattr(function, _MARK, Marks(name, parallel, timeout))
        return function

    return mark if function is None else mark(function)


def marks_of(function: object) -> Marks | None:
    """Return what `@claude_tool` said of a function; None: it is not marked."""
    marks = None if isinstance(function, type) else getattr(function, _MARK, None)
    return marks if isinstance(marks, Marks) else None

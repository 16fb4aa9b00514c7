"""Calls of other people's methods -> notes of them on their way; afterwards all is as it was."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

Note = Callable[..., None]


class Notes:
    """Listens to methods of objects from `of` to `end`.

    A method does what it does and returns what it returns, whatever becomes of the note.
    """

    def __init__(self) -> None:
        self._put_back: list[Callable[[], None]] = []

    def of(
        self, owner: Any, name: str, before: Note | None = None, after: Note | None = None
    ) -> None:
        """Let `before` know of each call of a method, with its arguments; `after`: its result.

        `after` is called with None where the method fails.
        """
        original = getattr(owner, name, None)
        if original is None:
            return
        listening = True

        def noted(*arguments: Any, **named: Any) -> Any:
            if not listening:
                return original(*arguments, **named)
            if before is not None:
                with suppress(Exception):  # what cannot be noted must still be shown
                    before(*arguments, **named)
            result = None
            try:
                result = original(*arguments, **named)
            finally:
                if after is not None:
                    with suppress(Exception):
                        after(result)
            return result

        own = vars(owner).get(name) if hasattr(owner, "__dict__") else None
        try:
            setattr(owner, name, noted)
        except (AttributeError, TypeError):
            return

        def put_back() -> None:
            nonlocal listening
            listening = False  # somebody may have put their own around it, and keep it
            if vars(owner).get(name) is noted:
                setattr(owner, name, own) if own is not None else delattr(owner, name)

        self._put_back.append(put_back)

    def end(self) -> None:
        """Listen no more, and put everything back as it was."""
        while self._put_back:
            self._put_back.pop()()

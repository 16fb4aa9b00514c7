"""A widget's comm -> one whose messages are taken while a cell runs, where the kernel can do so."""

from typing import Any


def listen_beside_cells(comm: Any) -> None:
    """Have what the page says taken on the subshell it was sent to.

    From 7.4 on ipykernel takes it where the comm spoke last instead. For a comm that was opened by
    a cell, or speaks from a thread of its own, that is where cells run: while one does, nothing
    would be heard.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, own_subshell: own_subshell

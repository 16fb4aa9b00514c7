"""One question at a time in each conversation: the next waits for the answer, visibly."""

import threading
from collections import deque

from claude_magic.content.growing import Growing

_REASON = "Waiting for the answer to an earlier question"
_LOOK_EVERY = 0.1  # seconds


class Waiting:
    """Who waits in which conversation, in the order of asking. Safe to use from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queues: dict[str, deque[Growing]] = {}

    def join(self, conversation: str, growing: Growing) -> None:
        """Stand at the end of the conversation's queue."""
        with self._changed:
            queue = self._queues.setdefault(conversation, deque())
            queue.append(growing)
            must_wait = queue[0] is not growing
        if must_wait:
            growing.hold(_REASON)

    def wait(self, conversation: str, growing: Growing) -> bool:
        """Wait until it is this question's turn; False if it was stopped before."""
        with self._changed:
            while not growing.ended and self._queues[conversation][0] is not growing:
                self._changed.wait(_LOOK_EVERY)
        growing.hold("")
        return not growing.ended

    def leave(self, conversation: str, growing: Growing) -> None:
        """Make room for the next; leaving twice is no harm."""
        with self._changed:
            queue = self._queues.get(conversation, deque())
            if growing in queue:
                queue.remove(growing)
            if not queue:
                self._queues.pop(conversation, None)
            self._changed.notify_all()

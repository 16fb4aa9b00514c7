"""A growing answer -> what the page lacks of it.

The page holds the open end of the answer's HTML. Each step keeps its beginning, adds to it, and
says how much of it is final: what was sent once is not sent again.
"""

import time

from claude_magic.content.blocks import RedactedThinking, Thinking
from claude_magic.content.growing import Growing
from claude_magic.content.look import Look, Retrying
from claude_magic.content.wire import Json
from claude_magic.render.answer import piece_html
from claude_magic.render.markdown import has_references
from claude_magic.render.pieces import Cutter

_SHARE = 1 / 200  # of the answer so far: less is not worth a message,
_LONGEST_STILL = 0.4  # unless it has waited for so many seconds


class Growth:
    """Follows one growing answer. `html` is all that is final of it."""

    def __init__(self, turn: str, growing: Growing) -> None:
        self.turn = turn
        self.growing = growing
        self.html = ""
        self._cutter = Cutter()
        self._open = ""
        self._phase = "waiting"
        self._phase_began = time.monotonic()
        self._retrying: Retrying | None = None
        self._doing = ""
        self._number = -1
        self._sent_at = 0.0

    def now(self) -> Json:
        """Return the answer as it was last sent, for a page that has nothing of it yet."""
        return {"html": self.html, "open": self._open, "phase": self._told_phase()}

    def step(self, look: Look) -> list[Json]:
        """Return the messages that bring the page up to `look`."""
        news: list[Json] = []
        doing = look.doing.what if look.doing else ""
        if (_phase(look), look.retrying, doing) != (self._phase, self._retrying, self._doing):
            self._phase, self._retrying, self._doing = _phase(look), look.retrying, doing
            self._phase_began = time.monotonic()
            news.append({"kind": "phase", "turn": self.turn, "phase": self._told_phase()})
        if look.number != self._number and (grown := self._grown(look)):
            news.append(grown)
        return news

    def is_whole(self, look: Look) -> bool:
        """Whether what was sent is what the answer is: a link may be defined after its use."""
        return not has_references(look.message.text)

    def _told_phase(self) -> Json:
        """In seconds from now: the page has a clock of its own."""
        now = time.monotonic()
        told: Json = {"name": self._phase, "for": round(now - self._phase_began, 1)}
        if self._retrying:
            told |= {"why": self._retrying.reason, "in": round(self._retrying.until - now, 1)}
        return told | ({"why": self._doing} if self._doing else {})

    def _grown(self, look: Look) -> Json | None:
        final, rest = self._cutter.cut(look)
        fixed = "".join(map(piece_html, final))
        self._number = look.number
        after = fixed + "".join(map(piece_html, rest))
        keep = _common(self._open, after)
        added = after[keep:]
        if not (fixed or self._is_due(added)) and look.ending is None:
            self._number = -1  # looked at again
            return None
        grown: Json = {"kind": "grow", "turn": self.turn}
        grown |= {"keep": _units(self._open[:keep]), "add": added, "final": _units(fixed)}
        self.html, self._open = self.html + fixed, after[len(fixed) :]
        self._sent_at = time.monotonic()
        return grown

    def _is_due(self, added: str) -> bool:
        """Whether enough is new; the first words are never held back."""
        shown = len(self.html) + len(self._open)
        still = time.monotonic() - self._sent_at
        return not shown or len(added) > shown * _SHARE or still > _LONGEST_STILL


def _phase(look: Look) -> str:
    """What the answer is at."""
    if look.held:
        return "held"
    if look.retrying:
        return "retrying"
    if look.doing:
        return "doing"
    last = look.message.content[-1] if look.message.content else None
    if last is None:
        return "waiting"
    return "thinking" if isinstance(last, Thinking | RedactedThinking) else "writing"


def _common(before: str, after: str) -> int:
    """How many characters both begin with."""
    low, high = 0, min(len(before), len(after))
    if before[:high] == after[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if before[:middle] == after[:middle] else (low, middle - 1)
    return low


def _units(text: str) -> int:
    """The length of `text` as JavaScript counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2

"""Whether a failed request is sent again, and when.

Only a request whose answer has not begun is ever sent again (Messages API, errors; the waiting
times are those of the official SDK).
"""

import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from claude_magic.errors import ApiError, NoCredit, RequestRefused, Unreachable

LONGEST_WAIT = 600.0  # seconds; a server that asks for more is told to the person instead


def delay(error: Exception, headers: Mapping[str, str], attempt: int) -> float | None:
    """Return how many seconds to wait before attempt `attempt` + 1, or None: do not ask again.

    `attempt` counts from 0. `headers` are the response's, empty where none came.
    """
    if not _worthwhile(error, headers.get("x-should-retry", "")):
        return None
    asked = _asked_for(headers)
    if asked is not None:
        return asked
    return min(float(2**attempt) / 2, 8.0) * random.uniform(0.75, 1.0)


def _worthwhile(error: Exception, advice: str) -> bool:
    if isinstance(error, Unreachable):
        return True
    if not isinstance(error, ApiError) or isinstance(error, NoCredit) or error.status is None:
        return False
    if advice in ("true", "false"):
        return advice == "true"
    again = error.status in (408, 409, 429) or error.status >= 500
    return again and not isinstance(error, RequestRefused)


def _asked_for(headers: Mapping[str, str]) -> float | None:
    """The wait the server asks for: `retry-after-ms`, else `retry-after`: seconds or a date."""
    for value, unit in ((headers.get("retry-after-ms"), 0.001), (headers.get("retry-after"), 1.0)):
        seconds = _seconds(value, unit) if value else None
        if seconds is not None and 0 < seconds < math.inf:
            return seconds
    return None


def _seconds(value: str, unit: float) -> float | None:
    try:
        return float(value) * unit
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None

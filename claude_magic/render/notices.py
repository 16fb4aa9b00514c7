"""The lines around an answer: what it waits for, how it ended, what it used."""

import time

from claude_magic.content.blocks import RedactedThinking, Thinking, ToolResult
from claude_magic.content.look import Look
from claude_magic.content.message import Message
from claude_magic.content.money import dollars
from claude_magic.content.turn import Ending

_QUIET = 0.5  # seconds before waiting is worth a line
_ENDINGS = {
    Ending.INTERRUPTED: "Interrupted here; what came is kept.",
    Ending.CUT: "Cut off here; what came is kept.",
}
_STOPS = {
    "max_tokens": "Stopped at the limit of tokens. Allow more with -n, or go on with "
    "%claude continue.",
    "model_context_window_exceeded": "Stopped: the model's context is full. "
    "Begin anew with %claude reset.",
    "pause_turn": "Claude paused a long turn. Go on with %claude continue.",
    "tool_use": "Claude asks for a tool and waits. Answer in your own words, or ask it to go on "
    "without.",
}
_USUAL = ("end_turn", "stop_sequence", "")


def status(look: Look) -> str:
    """Return what the answer waits for, or "" while words come.

    Counts in whole seconds, so that the line changes once a second.
    """
    if look.held:
        return f"{look.held} … {int(look.seconds)} s"
    if look.retrying:
        left = max(0.0, look.retrying.until - time.monotonic())
        return f"{look.retrying.reason}; asking again in {left:.0f} s"
    if look.doing:
        return f"{look.doing.what} … {int(time.monotonic() - look.doing.since)} s"
    last = look.message.content[-1] if look.message.content else None
    seconds = f"{int(look.seconds)} s" if look.seconds >= 1 else ""
    if isinstance(last, RedactedThinking) or (isinstance(last, Thinking) and not last.thinking):
        return f"Thinking … {seconds}".rstrip()
    if (last is None or isinstance(last, ToolResult)) and look.seconds >= _QUIET:
        return f"Waiting for the answer … {seconds}".rstrip()
    return ""


def notices(look: Look) -> list[str]:
    """Return, one a line, what a reader must know about how the answer ended."""
    if look.ending in _ENDINGS:
        ended = "" if look.message.is_blank else _ENDINGS[look.ending]
    else:
        ended = _stop(look.answer)
    return [line for line in (look.notice, ended) if line]


def usage_line(look: Look, cost: float | None) -> str:
    """Return model, tokens, cost and seconds of an answer in one line."""
    usage = look.message.usage
    cached = usage.cache_read_input_tokens
    parts = [
        look.message.model,
        f"{usage.whole_input:,} in" + (f" ({cached:,} cached)" if cached else ""),
        output(look),
        "" if cost is None else dollars(cost),
        f"{look.seconds:.1f} s",
    ]
    return " · ".join(part for part in parts if part)


def output(look: Look) -> str:
    """Return the output tokens of an answer: about as many, where no server told them."""
    about = "about " if look.ending in _ENDINGS and not look.answer.stop_reason else ""
    return f"{about}{look.message.usage.output_tokens:,} out"


def _stop(message: Message) -> str:
    reason = message.stop_reason
    if reason == "refusal":
        return _refusal(message)
    if reason in _USUAL:
        return "Claude ended its turn without a word. Ask again." if message.is_blank else ""
    return _STOPS.get(reason, f"Stopped for a reason this version does not know: {reason}.")


def _refusal(message: Message) -> str:
    """Why Claude declined, in the API's own words where it gives them."""
    category = message.stop_details.get("category")
    explanation = str(message.stop_details.get("explanation") or "").strip()
    kind = f" ({category})" if category else ""
    return (
        f"Claude declined to answer{kind}. {explanation}".rstrip()
        + " Ask in another way; this turn is left out of what is sent next."
    )

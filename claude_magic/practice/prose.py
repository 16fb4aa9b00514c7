"""Facts and the question's words -> the answer's text, in Markdown."""

from claude_magic.content.counting import counted
from claude_magic.content.wire import Json
from claude_magic.practice.facts import facts, listed
from claude_magic.practice.reading import (
    of_kind,
    prefill,
    question,
    results,
    since_question,
    text_of,
    tool_names,
    words,
)
from claude_magic.practice.wording import subjects, wants_brevity

SIGN = "*Practice answer, not Claude.*"
FEW_TOKENS = 200
"""Below this many tokens the answer keeps itself short."""


def prose(body: Json) -> str:
    """The whole text of an answer; the same for the same request."""
    if (begun := prefill(body)) is not None:
        return _continuation(body, begun)
    if results(body):
        brought = [one.block for one in of_kind(since_question(body), "tool_result")]
        return "\n\n".join([SIGN, _quotation(body, brought), _arrived(body)])
    short = wants_brevity(question(body)) or body.get("max_tokens", FEW_TOKENS) < FEW_TOKENS
    return _short(body) if short else _long(body)


def reflection(body: Json) -> str:
    """What a thinking block says: short, and true."""
    asked = question(body)
    about = listed(subjects(asked)[:3]) if subjects(asked) else "no subject I can name"
    told = "The results of the tools are here." if results(body) else "No tool has answered yet."
    return (
        f"The question has {counted(len(words(asked)), 'word')} and speaks of {about}. "
        f"{told if body.get('tools') else 'There are no tools to call.'} "
        "I am a practice model, so I count and describe instead of thinking."
    )


def _continuation(body: Json, begun: str) -> str:
    """Goes on where the prefill stops."""
    return (
        f" … and here a practice model, not Claude, goes on from your "
        f"{counted(len(words(begun)), 'word')}. {' '.join(facts(body))}"
    )


def _short(body: Json) -> str:
    told = " ".join(facts(body))
    return f"{SIGN} {told}"


def _arrived(body: Json) -> str:
    told = "\n".join(f"- {fact}" for fact in facts(body))
    return f"What arrived:\n\n{told}"


def _long(body: Json) -> str:
    said = words(question(body))
    parts = [f"{SIGN} I looked at your request and can tell you what is in it.", _arrived(body)]
    if said:
        parts += [_table(question(body), said), _sum(said), _code(said)]
    parts.append("With a key, Claude itself answers here; all else stays as it is.")
    return "\n\n".join(parts)


def _quotation(body: Json, brought: list[Json]) -> str:
    """Each tool's result, quoted."""
    names = tool_names(body)
    return "\n\n".join(_quoted_result(names, result) for result in brought)


def _quoted_result(names: dict[str, str], result: Json) -> str:
    verb = "failed with" if result.get("is_error") else "answered"
    text = text_of(result.get("content")).strip() or "(no text)"
    lines = "\n".join(f"> {line}" for line in text[:2000].splitlines())
    return f"`{names[result['tool_use_id']]}` {verb}:\n\n{lines}"


def _table(asked: str, said: list[str]) -> str:
    """The question's weightiest words, as a table."""
    chosen = subjects(asked)[:5] or list(dict.fromkeys(said))[:5]
    rows = "\n".join(f"| {word} | {len(word)} | {said.index(word) + 1} |" for word in chosen)
    return f"### Your words, weighed\n\n| word | letters | place |\n|---|--:|--:|\n{rows}"


def _sum(said: list[str]) -> str:
    letters, mean = sum(map(len, said)), sum(map(len, said)) / len(said)
    return (
        f"Together your \\( n = {len(said)} \\) words have {letters} letters, "
        "so the mean length is "
        f"\\( \\bar{{x}} = \\frac{{1}}{{n}} \\sum_{{i=1}}^{{n}} x_i = "
        f"\\frac{{{letters}}}{{{len(said)}}} \\approx {mean:.2f} \\)."
    )


def _code(said: list[str]) -> str:
    """Code that runs, and prints what its comment says."""
    first = said[:8]
    return (
        "You can check the beginning yourself:\n\n"
        "```python\n"
        f"words = {' '.join(first)!r}.split()\n"
        f"print(len(words), max(words, key=len))  # {len(first)} {max(first, key=len)}\n"
        "```"
    )

"""Regular expression -> a string that matches it, for the simple ones schemas use."""

import re
from collections.abc import Iterator

TOKEN = re.compile(
    r"""(?P<class>\[\^?\]?(?:\\.|[^\]\\])*\])
      | (?P<open>\((?:\?:|\?P<\w+>)?)
      | (?P<close>\))
      | (?P<repeat>[*+?]\??|\{(?P<least>\d+)(?:,\d*)?\}\??)
      | (?P<or>\|)
      | (?P<edge>\^|\$|\\[bBAZ])
      | (?P<one>\\.|.)""",
    re.X | re.S,
)


def example(pattern: str) -> str:
    """A string in which `pattern` is found; for a pattern too hard to follow, "practice".

    >>> example(r"^[A-Z]{2}-(\\d+|x)$")
    'AA-0'
    """
    built = "".join(_sequence(TOKEN.finditer(pattern)))
    return built if re.search(pattern, built) else "practice"


def _sequence(tokens: Iterator[re.Match[str]]) -> list[str]:
    """The pieces up to the group's end; of alternatives the first."""
    pieces: list[str] = []
    whole = True
    for token in tokens:
        match token.lastgroup:
            case "close":
                break
            case "open":
                piece = ["".join(_sequence(tokens))]
            case "or":
                whole, piece = False, []
            case "least" | "repeat" if pieces and whole:
                pieces[-1] *= _times(token)
                continue
            case "class" | "one":
                piece = [_character(token.group())]
            case _:
                continue
        pieces += piece if whole else []
    return pieces


def _times(token: re.Match[str]) -> int:
    if token["least"] is not None:
        return int(token["least"])
    return 1 if token["repeat"].startswith("+") else 0


def _character(one: str) -> str:
    """The first everyday character the piece of pattern matches."""
    itself = one[-1] if len(one) <= 2 else ""
    everyday = "a0A- _" + "".join(map(chr, range(33, 127))) + "\n\t"
    return next((char for char in itself + everyday if re.fullmatch(one, char, re.S)), "")

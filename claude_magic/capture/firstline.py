"""The first line of a cell -> its options, and the words after them.

Only leading options are parsed, so that a question on the first line may hold apostrophes, dashes
and braces as it likes.
"""

import re
from collections.abc import Mapping
from typing import Literal

from claude_magic.capture.fill import expression_end
from claude_magic.errors import BadInput

_OPTION = re.compile(r"--?[A-Za-z][\w-]*")


Takes = Literal["nothing", "value", "perhaps"] | re.Pattern[str]


def split_options(line: str, takes: Mapping[str, Takes]) -> tuple[list[str], str]:
    """Return the options as `--name=value` or `--name`, and the rest of the line untouched.

    `takes` says of each option string (`-m`, `--model`) whether a value follows it; `perhaps` means
    that it may stand alone before another option or at the end of the options (` -- `), a pattern
    that only what matches it is its value. A value may be quoted, or be one `{{ expression }}`.

    >>> split_options("-m opus What's up -- now?", {"-m": "value"})
    (['-m=opus'], "What's up -- now?")

    Raises
    ------
    BadInput: an unknown option, a value that is missing, not wanted or not closed.
    """
    options = []
    rest = line.lstrip()
    while found := _OPTION.match(rest):
        name, rest = _name(found[0], rest, takes)
        if _has_value(takes[name], rest):
            value, rest = _value(name, rest, takes)
            options.append(f"{name}={value}")
        else:
            _check_no_value(name, rest)
            options.append(name)
        rest = rest.lstrip()
    return options, re.sub(r"^--\s+", "", rest)


def _has_value(takes: Takes, rest: str) -> bool:
    if isinstance(takes, re.Pattern):
        value = re.match(r"=?\s*(['\"]?)(\S+?)\1(?=\s|$)", rest)
        return value is not None and takes.fullmatch(value[2]) is not None
    alone = not rest.strip() or re.match(r"\s+--?(\s|[A-Za-z])", rest)
    return takes == "value" or (takes == "perhaps" and not alone)


def _name(word: str, rest: str, takes: Mapping[str, Takes]) -> tuple[str, str]:
    """Return the option's name and what follows it; `-n5` is `-n 5`."""
    if word in takes:
        return word, rest[len(word) :]
    short = word[:2]
    meant = [option for option in takes if option.startswith(f"-{word}")]
    if not word.startswith("--") and meant:
        raise BadInput(f"{word} is no option of %%claude.", hint=f"Did you mean {meant[0]}?")
    joined = takes.get(short, "nothing")
    if not word.startswith("--") and joined != "perhaps" and _has_value(joined, rest[2:]):
        return short, rest[2:]
    raise _unknown(word, takes)


def _unknown(word: str, takes: Mapping[str, Takes]) -> BadInput:
    from difflib import get_close_matches  # options are seldom wrong, and it takes a while

    begun = [option for option in takes if option.startswith(word)]
    near = begun or get_close_matches(word, takes, n=3, cutoff=0.65)
    likely = f"Did you mean {' or '.join(near)}? " if near else ""
    return BadInput(
        f"{word} is no option of %%claude.",
        hint=f"{likely}`%%claude?` lists them all. Words that begin with a dash go after ` -- `.",
    )


def _value(name: str, rest: str, takes: Mapping[str, Takes]) -> tuple[str, str]:
    rest = rest.removeprefix("=").lstrip()
    if not rest:
        raise BadInput(f"{name} needs a value.", hint=f"As in `{name} VALUE`.")
    if rest[0] in "'\"":
        return _quoted(name, rest)
    if rest.startswith("{{"):
        end = expression_end(rest, 0)
        return rest[:end], rest[end:]
    word = rest.split(maxsplit=1)[0]
    if word in takes:
        raise BadInput(f"{name} needs a value before {word}.", hint="Quote it if it is meant.")
    return word, rest[len(word) :]


def _quoted(name: str, rest: str) -> tuple[str, str]:
    quote = rest[0]
    found = re.match(rf"{quote}((?:\\.|[^\\])*?){quote}(?=\s|$)", rest, re.S)
    if not found:
        raise BadInput(f"the value of {name} is never closed.", hint=f"Add the missing {quote}.")
    return found[1].replace(f"\\{quote}", quote), rest[found.end() :]


def _check_no_value(name: str, rest: str) -> None:
    if rest and not rest[0].isspace():
        raise BadInput(f"{name} takes no value.", hint=f"Write `{name}` alone.")

"""A docstring -> what a function does, and what it says of each argument.

Knows the sections of Google's and NumPy's styles, and the fields of Sphinx.
"""

import inspect
import re

_SECTION = re.compile(r"(?:Args|Arguments|Parameters|Params|Other Parameters):?\s*")
_GOOGLE = re.compile(r"(\*{0,2}\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")
_NUMPY = re.compile(r"(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?")
_FIELD = re.compile(r"[:@]param(?:eter)?\s+(?:[^:]*\s)?\*{0,2}(\w+)\s*:\s*(.*)")
_OTHER_FIELD = re.compile(r"[:@](?:type|rtype|return|returns|raises|raise)\b.*")


def told_in(docstring: str | None) -> tuple[str, dict[str, str]]:
    """Return the docstring without what it says of arguments, and that by argument.

    >>> told_in("Add up.\\n\\nArgs:\\n    x (int): The first.\\n    y: The\\n        second.\\n")
    ('Add up.', {'x': 'The first.', 'y': 'The second.'})
    """
    rest: list[str] = []
    told: dict[str, str] = {}
    lines = inspect.cleandoc(docstring or "").splitlines()
    while lines:
        line = lines.pop(0)
        if field := _FIELD.fullmatch(line):
            told[field[1]] = _joined([field[2], *_block(lines, indented=True)])
        elif _OTHER_FIELD.fullmatch(line):
            _block(lines, indented=True)
        elif _SECTION.fullmatch(line) and lines and _begins_section(line, lines):
            told |= _numpy(lines) if set(lines[0].strip()) == {"-"} else _google(lines)
        else:
            rest.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rest)).strip(), told


def _begins_section(line: str, lines: list[str]) -> bool:
    underlined = set(lines[0].strip()) == {"-"}
    return underlined or (line.rstrip().endswith(":") and lines[0].startswith((" ", "\t")))


def _block(lines: list[str], *, indented: bool) -> list[str]:
    """Take the lines that are indented off the beginning."""
    taken: list[str] = []
    while lines and (lines[0].startswith((" ", "\t")) or not (lines[0].strip() or not indented)):
        if not lines[0].strip() and not (len(lines) > 1 and lines[1].startswith((" ", "\t"))):
            break
        taken.append(lines.pop(0))
    return taken


def _google(lines: list[str]) -> dict[str, str]:
    """Arguments as `name (type): words`; what is indented further goes on with them."""
    block = inspect.cleandoc("\n" + "\n".join(_block(lines, indented=True))).splitlines()
    told: dict[str, list[str]] = {}
    last: list[str] = []
    for line in block:
        found = None if line.startswith((" ", "\t")) else _GOOGLE.fullmatch(line)
        if found:
            last = told.setdefault(found[1].lstrip("*"), [])
        last.append(found[2] if found else line)
    return {name: _joined(words) for name, words in told.items()}


def _numpy(lines: list[str]) -> dict[str, str]:
    """Arguments as `name : type`, their words indented below."""
    lines.pop(0)
    told: dict[str, str] = {}
    while lines and (found := _NUMPY.fullmatch(lines[0].rstrip())) and not _is_heading(lines):
        lines.pop(0)
        words = _joined(_block(lines, indented=True))
        told |= {name.strip().lstrip("*"): words for name in found[1].split(",")}
    return told


def _is_heading(lines: list[str]) -> bool:
    return len(lines) > 1 and bool(lines[1].strip()) and set(lines[1].strip()) <= {"-", "="}


def _joined(words: list[str]) -> str:
    return " ".join(" ".join(words).split())

"""The first line of a `%%claude` cell -> its options, as its parser declares them."""

import re
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from IPython.core.error import UsageError

from claude_magic.capture.firstline import Takes, split_options
from claude_magic.errors import BadInput
from claude_magic.ui.attached import WHICH
from claude_magic.ui.parser import PARSER

# How argparse says that a value is none of its option's.
_NOT_TAKEN = re.compile(r"argument (?:\S+/)?(--[\w-]+): invalid (\w+)(?: value)?: (.*)", re.DOTALL)
_TAKEN = {"int": "a whole number", "float": "a number"}


def options_in(line: str) -> tuple[list[str], str]:
    """Return the options at the beginning of a line, and the rest of it.

    Raises
    ------
    BadInput: as `split_options` says.
    """
    actions = PARSER._option_string_actions
    return split_options(line, {name: _takes(action) for name, action in actions.items()})


def options_or_words(line: str) -> tuple[Namespace, str]:
    """Return the options of a cell that is only read, not run, and the words after them.

    Where an option cannot be read, which the run will tell, all of the line counts as words.
    """
    try:
        arguments, rest = options_in(line)
        return parsed(arguments), rest
    except BadInput:
        return Namespace(), line


def parsed(arguments: Sequence[str]) -> Namespace:
    """Return the values of options.

    Raises
    ------
    BadInput: a value is not what its option takes.
    """
    try:
        return PARSER.parse_args(arguments)
    except UsageError as error:
        raise BadInput(_told(str(error)), hint="`%%claude?` lists the options.") from error


def _told(said: str) -> str:
    """What argparse said, as the project's own checks say it."""
    if (found := _NOT_TAKEN.fullmatch(said)) is None:
        return said
    option, kind, given = found.groups()
    choices = PARSER._option_string_actions[option].choices or ()
    takes = _TAKEN.get(kind) or " or ".join(map(str, choices))
    return f"{option} is {given.partition(' (choose')[0]}; it takes {takes}."


def _takes(action: Any) -> Takes:
    if action.dest == "picture":
        return WHICH
    if action.nargs == "?":
        return "perhaps"
    return "nothing" if action.nargs == 0 else "value"

"""The line so far -> the options, models and commands that can come next."""

from typing import Any

from IPython.core import completer as ipython

from claude_magic.errors import BadInput

_HAS_MATCHERS = hasattr(ipython, "context_matcher")  # IPython 8.6 and newer


def add(shell: Any) -> None:
    """Complete `%%claude` and `%claude` in `shell`."""
    if _HAS_MATCHERS:
        shell.Completer.custom_matchers.append(_matcher())
        return

    def complete(shell: Any, event: Any) -> list[str]:
        return matches(event.line)

    for name in ("%%claude", "%claude"):
        shell.set_hook("complete_command", complete, str_key=name)


def remove(shell: Any) -> None:
    """Undo `add`."""
    if _HAS_MATCHERS:
        matchers = shell.Completer.custom_matchers
        matchers[:] = [it for it in matchers if it.__module__ != __name__]
    for name in ("%%claude", "%claude"):
        shell.strdispatchers["complete_command"].strs.pop(name, None)


def matches(line: str) -> list[str]:
    """Return what the last word of `line` can become; a new word begins behind a space."""
    before, _, word = line.rpartition(" ")
    first, _, before = before.partition(" ")
    if first == "%claude":
        from claude_magic.ui.commands import next_words

        choices = next_words(before.split())
    elif first == "%%claude":
        choices = _of_cell(before, word)
    else:
        choices = []
    return [choice for choice in choices if choice.startswith(word)]


def _of_cell(before: str, word: str) -> list[str]:
    if before.split()[-1:] in (["-m"], ["--model"]):
        from claude_magic.api.models import model_names

        return list(model_names())
    if not (word.startswith("-") or (word == "" and _only_options(before))):
        return []
    from claude_magic.ui.parser import PARSER

    return [name for name in PARSER._option_string_actions if name.startswith("--")]


def _only_options(before: str) -> bool:
    """Whether options with their values are all that stands there: one more may follow."""
    from claude_magic.ui.options import options_in

    try:
        _, words = options_in(before)
    except BadInput:
        return False
    return not words


def _matcher() -> Any:
    """As IPython's newer completer wants it: where we know what fits, nobody else is asked."""

    def claude_magic_matcher(context: Any) -> dict[str, Any]:
        line = context.text_until_cursor
        found = matches(line) if context.cursor_line == 0 else []
        return {
            "completions": [ipython.SimpleCompletion(text, type="param") for text in found],
            "suppress": bool(found),
            "matched_fragment": line.split(" ")[-1],
        }

    return ipython.context_matcher()(claude_magic_matcher)

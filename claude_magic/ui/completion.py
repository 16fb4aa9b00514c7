"""The line so far -> the options, models and commands that can come next."""

from typing import Any


def complete(shell: Any, event: Any) -> list[str]:
    """Return what fits the word being typed (IPython's `complete_command` hook)."""
    words = event.line.split()
    before = words[:-1] if event.symbol and words[-1:] == [event.symbol] else words
    if event.command == "%claude":
        from claude_magic.ui.commands import command_words

        return [word for word in command_words() if word.startswith(event.symbol)]
    if before[-1:] and before[-1] in ("-m", "--model"):
        from claude_magic.api.models import model_names

        return list(model_names())
    return _options(shell)


def _options(shell: Any) -> list[str]:
    parser = shell.magics_manager.registry["ClaudeMagics"].parser
    return [name for name in parser._option_string_actions if name.startswith("--")]

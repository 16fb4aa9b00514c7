"""A call of a tool -> the person's word: yes, no, or with other arguments."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from claude_magic.tools.consulting import YES, Verdict, no, nobody
from claude_magic.tools.tool import Tool

_CHOICES = "[y]es, [n]o, [e]dit"


def consult(shell: Any, tool: Tool, given: Mapping[str, Any]) -> Verdict:
    """Show a call and wait for the person's word; where nobody can be asked, refuse."""
    if not _can_ask(shell):
        return nobody(tool, given)
    return _prompted(tool, given)


def _can_ask(shell: Any) -> bool:
    """Whether somebody is there to type: not under nbconvert, papermill, or behind a pipe."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return sys.stdin is not None and sys.stdin.isatty()
    return bool(getattr(kernel, "_allow_stdin", False))


def _prompted(tool: Tool, given: Mapping[str, Any]) -> Verdict:
    """Ask by a line to type in; it is asked again until the answer is one of those offered."""
    question = f"{told(tool, given)}\nRun it? {_CHOICES}: "
    while True:
        try:
            said = input(question).strip()
        except (EOFError, NotImplementedError):
            return nobody(tool, given)
        word, _, rest = said.partition(" ")
        match word.lower():
            case "y" | "yes":
                return YES
            case "n" | "no":
                return no(rest.strip())
            case "e" | "edit":
                if (changed := _edited(tool, given)) is not None:
                    return Verdict(True, input=changed)
        question = f"Run {tool.name}? {_CHOICES} (after `no` you may say why): "


def _edited(tool: Tool, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Other arguments, typed one by one; an empty line leaves one as it is."""
    changed = dict(given)
    for name in tool.arguments.schema["properties"]:
        before = json.dumps(changed[name], ensure_ascii=False) if name in changed else "left out"
        said = input(f"  {name} ({before}): ").strip()
        if said:
            changed[name] = read_value(said)
    return changed


def read_value(text: str) -> Any:
    """Return what was typed for an argument: JSON, or else the text itself.

    >>> read_value("2026"), read_value("Paris")
    (2026, 'Paris')
    """
    try:
        return json.loads(text)
    except ValueError:
        return text


def told(tool: Tool, given: Mapping[str, Any]) -> str:
    """Return a call as it is shown before it is made; code in lines of its own."""
    code = given.get("code")
    if tool.name == "python" and isinstance(code, str):
        return f"Claude wants to run Python:\n\n{code.rstrip()}\n"
    shown = ", ".join(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in given.items())
    return f"Claude wants to call {tool.name}({shown})"

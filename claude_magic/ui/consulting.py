"""A call of a tool -> the person's word: yes, no, or with other arguments."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claude_magic.tools.consulting import YES, Verdict, no, nobody
from claude_magic.tools.tool import Tool

_CHOICES = "[y]es, [n]o, [e]dit"
_PATIENCE = 10.0  # seconds for buttons to show up, which a busy machine needs


@dataclass
class Consulting:
    """How the calls of one shell are put to the person, who says yes, no, or other arguments.

    In a notebook by buttons, where their messages come while the cell runs; else by a line to type
    in. A front end whose buttons failed to show up once is not waited for again.
    """

    shell: Any
    _by_line: bool = False

    def __call__(self, tool: Tool, given: Mapping[str, Any]) -> Verdict:
        """Show a call and wait for the person's word; where nobody can be asked, refuse."""
        if not _can_ask(self.shell):
            return nobody(tool, given)
        if _takes_messages(self.shell) and not self._by_line:
            if verdict := _by_buttons(self.shell, tool, given):
                return verdict
            self._by_line = True
        return _prompted(tool, given)


def _can_ask(shell: Any) -> bool:
    """Whether somebody is there to type: not under nbconvert, papermill, or behind a pipe."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return sys.stdin is not None and sys.stdin.isatty()
    return bool(getattr(kernel, "_allow_stdin", False))


def _takes_messages(shell: Any) -> bool:
    """Whether the kernel takes messages of widgets while a cell runs: it has learnt to with 7."""
    return bool(getattr(getattr(shell, "kernel", None), "_supports_kernel_subshells", False))


def _by_buttons(shell: Any, tool: Tool, given: Mapping[str, Any]) -> Verdict | None:
    """Ask by buttons; None where none can be shown."""
    try:
        from claude_magic.panel.consent import Consent
    except ImportError:
        return None
    consent = Consent(_as_shown(tool, given), shell.display_pub.publish)
    match consent.ask(_PATIENCE):
        case {"word": "yes"}:
            return YES
        case {"word": "edit", "text": str(text)}:
            return Verdict(True, input=_read(tool, given, text))
        case {"word": "no", **more}:
            return no(str(more.get("reason") or "").strip())
    return None


def _as_shown(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the buttons stand under: code as such, other arguments as JSON."""
    if (code := _code(tool, given)) is not None:
        title, label, edit = "Claude wants to run Python", "Code", "Edit the code"
        return {"title": title, "label": label, "edit": edit, "text": code, "code": True}
    text = json.dumps(given, indent=2, ensure_ascii=False)
    title, label = f"Claude wants to call {tool.name}", "Arguments"
    edit = "Edit the arguments"
    return {"title": title, "label": label, "edit": edit, "text": text, "code": False}


def _read(tool: Tool, given: Mapping[str, Any], text: str) -> Mapping[str, Any]:
    """The arguments as the person left them."""
    if _code(tool, given) is not None:
        return {**given, "code": text}
    read = read_value(text)  # the page has seen that it is an object
    return read if isinstance(read, dict) else given


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
                return Verdict(True, input=_edited(tool, given))
        question = f"Run {tool.name}? {_CHOICES} (after `no` you may say why): "


def _edited(tool: Tool, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Other arguments, typed one by one; an empty line leaves one as it is."""
    changed = dict(given)
    for name in tool.arguments.schema["properties"]:
        before = json.dumps(changed[name], ensure_ascii=False) if name in changed else "left out"
        said = input(f"  {name} ({before}): ").strip()
        if said:
            changed[name] = said if _code(tool, given) is not None else read_value(said)
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
    if (code := _code(tool, given)) is not None:
        return f"Claude wants to run Python:\n\n{code.rstrip()}\n"
    shown = ", ".join(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in given.items())
    return f"Claude wants to call {tool.name}({shown})"


def _code(tool: Tool, given: Mapping[str, Any]) -> str | None:
    """The code that a call runs, if it is one that does."""
    code = given.get("code")
    return code if tool.language and isinstance(code, str) else None

"""The panel's ES modules and style -> the one script and the one sheet that a widget carries."""

import re
from pathlib import Path

_HERE = Path(__file__).parent
# Each before those that import it.
_MODULES = (
    "words.js",
    "elements.js",
    "link.js",
    "store.js",
    "packing.js",
    "drafts.js",
    "uploads.js",
    "notebook.js",
    "reading.js",
    "turns.js",
    "menus.js",
    "names.js",
    "attached.js",
    "composer.js",
    "frame.js",
    "panel.js",
)
_IMPORT = re.compile(r"^import .*;\n", re.M)
_EXPORT = re.compile(r"^export (?!default)", re.M)


def script() -> str:
    """Return all modules as one: the page gets it as a text, from which nothing can be imported."""
    modules = [(_HERE / name).read_text("utf-8") for name in _MODULES]
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", module)) for module in modules)


def style() -> str:
    """Return the style sheet."""
    return (_HERE / "panel.css").read_text("utf-8")

"""Exporters of nbconvert, found by their entry points: prompts as prose, answers as answers.

`jupyter nbconvert --to claude-html` (`claude-slides`, `claude-pdf`), and JupyterLab's menu for it.
`Prose` serves any other exporter.
"""

import os
import re
import shutil
import subprocess
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter, PDFExporter, SlidesExporter
from nbconvert.preprocessors import Preprocessor
from traitlets import Bool, default

from claude_magic.errors import BadInput
from claude_magic.ui.prose import prose

_BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("msedge", "microsoft-edge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_PRINTING = 120  # seconds
# An answer may be longer than a page; kept in one piece it would leave the page before it empty.
_IN_PAGES = "<style>@media print { .jp-OutputArea-child { break-inside: auto } }</style>"
_SCRIPTS = 10_000  # milliseconds that scripts of the page, such as MathJax, may take


class Prose(Preprocessor):
    """For `--Exporter.preprocessors=claude_magic.ui.exports.Prose`, with any exporter."""

    enabled = Bool(True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook as prose."""
        return prose(nb), resources


class _AsProse:
    """An exporter that first makes prose of the notebook, after it was run if it is to be run."""

    def _init_preprocessors(self) -> None:
        super()._init_preprocessors()  # type: ignore[misc]
        self.register_preprocessor(Prose, enabled=True)  # type: ignore[attr-defined]


class HTML(_AsProse, HTMLExporter):
    """A page."""

    export_from_notebook = "HTML, prompts as prose"


class Slides(_AsProse, SlidesExporter):
    """Slides of reveal.js."""

    export_from_notebook = "Slides, prompts as prose"

    def from_notebook_node(self, nb: Any, resources: Any = None, **more: Any) -> tuple[str, Any]:
        """Return the page of the slides, where the notebook says or else as `_cut` has them."""
        cut = deepcopy(nb)
        if not any("slideshow" in cell.metadata for cell in cut.cells):
            _cut(cut.cells)
        made: tuple[str, Any] = super().from_notebook_node(cut, resources, **more)
        return made


def _cut(cells: list[Any]) -> None:
    """Begin a slide with each heading, and one below it with each further prompt."""
    first = False
    for cell in cells:
        if cell.cell_type == "markdown" and re.match(r"#{1,3} ", cell.source):
            cell.metadata.slideshow = {"slide_type": "slide"}
            first = True
        elif cell.cell_type == "code" and cell.source.startswith("%%claude"):
            if not first:
                cell.metadata.slideshow = {"slide_type": "subslide"}
            first = False


class LaTeXPDF(_AsProse, PDFExporter):
    """A PDF made by LaTeX, for where there is no browser."""


class PDF(_AsProse, HTMLExporter):
    """A PDF: the page as a browser prints it, or else made by LaTeX."""

    export_from_notebook = "PDF, prompts as prose"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    @default("template_extension")
    def _template_extension_default(self) -> str:
        return ".html.j2"

    def from_notebook_node(self, nb: Any, resources: Any = None, **more: Any) -> tuple[bytes, Any]:
        """Return the bytes of a PDF.

        Raises
        ------
        BadInput: there is neither a browser nor LaTeX, or the browser printed nothing.
        """
        browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
        if browser:
            page, resources = super().from_notebook_node(nb, resources, **more)
            resources["output_extension"] = ".pdf"
            return printed(page, browser), resources
        if shutil.which("xelatex") and shutil.which("pandoc"):
            latex = LaTeXPDF(config=self.config)
            made: tuple[bytes, Any] = latex.from_notebook_node(nb, resources, **more)
            return made
        raise BadInput(
            "a PDF needs Chromium, Chrome or Edge, or else XeLaTeX and Pandoc; none was found.",
            hint="Install one of them, or print the page of `--to claude-html`.",
        )


def printed(page: str, browser: str) -> bytes:
    """Return a page as PDF, as a browser prints it.

    Raises
    ------
    BadInput: it did not.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(page.replace("</head>", f"{_IN_PAGES}</head>", 1), "utf-8")
        options = ["--headless", "--disable-gpu", "--no-pdf-header-footer", *_in_a_container()]
        options += [f"--user-data-dir={folder}/profile", f"--virtual-time-budget={_SCRIPTS}"]
        command = [browser, *options, f"--print-to-pdf={target}", source.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PRINTING, check=False)
        except subprocess.TimeoutExpired as error:
            raise BadInput(f"{browser} did not print the page in {_PRINTING} s.") from error
        if not target.exists():
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise BadInput(f"{browser} printed nothing.", hint="".join(said[-1:]))
        return target.read_bytes()


def _in_a_container() -> list[str]:
    """Chromium refuses its sandbox to root, who is root of a container only."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []

"""Claims about exports: prompts read as prose, answers as answers, and nothing in either runs."""

import shutil
from html.parser import HTMLParser
from importlib.metadata import entry_points
from typing import Any

import pytest
from nbconvert.exporters import MarkdownExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from claude_magic.ui.exports import HTML, PDF, Prose, Slides
from claude_magic.ui.prose import prose

HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"


def asking(source: str, *outputs: Any) -> Any:
    return new_code_cell(source, outputs=list(outputs), execution_count=1)


def answered(**data: str) -> Any:
    return new_output("display_data", {name.replace("_", "/"): said for name, said in data.items()})


LESSON = new_notebook(
    cells=[
        new_markdown_cell("# Lesson"),
        asking("%load_ext claude_magic"),
        asking(
            "%%claude -m haiku -i fig --once\nIs the mean **{{ df.x.mean() }}** *large*?",
            answered(text_html="<p>It is.</p>", text_markdown="It is.", text_plain="It is."),
        ),
        asking("x = 1"),
    ]
)


def page(exporter: Any, notebook: Any = LESSON) -> str:
    return str(exporter.from_notebook_node(notebook)[0])


@pytest.mark.parametrize("exporter", [HTML, Slides])
def test_a_prompt_is_prose_and_an_answer_an_answer(exporter: Any) -> None:
    """The magic and its options are gone; whom it asks and what goes along is said."""
    shown = page(exporter())

    assert "<small>Prompt to haiku, with fig</small>" in shown
    assert "<strong><code>df.x.mean()</code></strong> <em>large</em>?" in shown
    assert "<p>It is.</p>" in shown
    assert "%%claude" not in shown
    assert "--once" not in shown
    assert "load_ext" in shown  # other cells are code as ever


def test_slides_begin_with_headings_and_prompts() -> None:
    """Where the notebook does not say itself."""
    heads = [new_markdown_cell("# One"), new_markdown_cell("Words."), new_markdown_cell("## Two")]
    asks = [asking("%%claude\nFirst?"), asking("%%claude\nSecond?")]
    shown = page(Slides(), new_notebook(cells=[*heads, *asks]))
    heads[0].metadata = {"slideshow": {"slide_type": "slide"}}
    own = page(Slides(), new_notebook(cells=[*heads, *asks]))

    assert shown.count("<section>") == 2 + 3  # two slides, the second with another below it
    assert own.count("<section>") == 2


def test_any_other_exporter_can_do_it() -> None:
    """By a setting, as in `--Exporter.preprocessors=…`."""
    config = Config({"Exporter": {"preprocessors": ["claude_magic.ui.exports.Prose"]}})
    shown = page(MarkdownExporter(config=config))

    assert "%%claude" not in shown
    assert "<p>It is.</p>" in shown or "It is." in shown


def test_the_exporters_are_found_by_name() -> None:
    """By `jupyter nbconvert --to`, and by JupyterLab's menu."""
    found = {one.name: one.load() for one in entry_points(group="nbconvert.exporters")}

    assert found["claude-html"] is HTML
    assert found["claude-slides"] is Slides
    assert found["claude-pdf"] is PDF
    assert all(one.export_from_notebook for one in (HTML, Slides, PDF))


def test_the_notebook_itself_stays_as_it_is() -> None:
    """What is exported is a copy."""
    before = str(LESSON)
    prose(LESSON)
    Prose().preprocess(LESSON, {})

    assert str(LESSON) == before


class Running(HTMLParser):
    """Collects what would run or be fetched in the part of a page that is ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = [f"{name}={value}" for name, value in attributes]
        bad = [v for v in values if v.startswith("on") or "javascript:" in v.lower()]
        self.found += bad + ([tag] if tag in ("script", "img", "iframe", "svg", "style") else [])


@pytest.mark.parametrize("source", [
    f"%%claude\n{HOSTILE}",
    f"%%claude {HOSTILE}",
    "%%claude\n```html\n</code></pre><script>alert(1)</script>\n```",
    "%%claude\n{{ '<script>alert(1)</script>' }}",
    "%%claude\n{{ x`</code><script>alert(1)</script> }}",
    "%%claude -m '<script>alert(1)</script>'\nHi",
    "%%claude -i '<img src=x onerror=alert(1)>'\nHi",
    "%%claude --nope <script>alert(1)</script>\nHi",
])  # fmt: skip
def test_a_hostile_prompt_runs_nothing(source: str) -> None:
    """Neither its words, nor its expressions, nor its options."""
    told = prose(new_notebook(cells=[asking(source)])).cells[0].outputs[0].data
    running = Running()
    running.feed(told["text/html"])

    assert running.found == []


def test_an_answer_saved_as_markdown_alone_runs_nothing() -> None:
    """Some front ends save no HTML of it, and nbconvert lets HTML in Markdown through."""
    hostile = asking("%%claude\nHi", answered(text_markdown=HOSTILE))
    told = prose(new_notebook(cells=[hostile])).cells[0].outputs[1].data
    running = Running()
    running.feed(told["text/html"])

    assert running.found == []
    assert "<script>alert" not in page(HTML(), new_notebook(cells=[hostile]))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("%%claude\n", "<small>Prompt</small>"),
        ("%%claude What now?", "<p>What now?</p>"),
        ("%%claude --as assistant\nHello!", "Put into Claude&#x27;s mouth"),
        ("%%claude\nTwo \\{{ braces", "Two {{ braces"),
        ("%%claude\nOpen {{ brace", "Open {{ brace"),
    ],
)
def test_whatever_a_cell_asks_is_told(source: str, said: str) -> None:
    """Also what no run would take."""
    told = prose(new_notebook(cells=[asking(source)])).cells[0].outputs[0].data

    assert said in told["text/html"]


@pytest.mark.skipif(not shutil.which("chromium"), reason="no browser to print with")
@pytest.mark.browser
def test_a_pdf_is_printed_by_the_browser() -> None:
    """Without LaTeX."""
    pdf, resources = PDF().from_notebook_node(LESSON)

    assert pdf.startswith(b"%PDF-")
    assert resources["output_extension"] == ".pdf"

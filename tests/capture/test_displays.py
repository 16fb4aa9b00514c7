"""Claims about what the notebook displayed: `-p` finds it, and nobody notices that it was kept."""

import base64
import io
from typing import Any

import pytest
from kernel import Kernel, error_text, html
from loopback import Loopback
from PIL import Image
from shell import Notebook

SHOW = """
from IPython.display import clear_output, display
from PIL import Image
def show(width, **named):
    return display(Image.new('RGB', (width, 9), 'red'), **named)
"""


def widths(api: Loopback) -> list[int]:
    """The widths of the pictures of the last question: what tells them apart here."""
    content = api.bodies[-1]["messages"][-1]["content"]
    blocks = [] if isinstance(content, str) else content
    sources = [block["source"] for block in blocks if block["type"] == "image"]
    return [Image.open(io.BytesIO(base64.b64decode(one["data"]))).width for one in sources]


def labels(api: Loopback) -> list[str]:
    content = api.bodies[-1]["messages"][-1]["content"]
    return [block["text"] for block in content if block["type"] == "text"]


@pytest.fixture
def shown(kernel: Kernel) -> Kernel:
    """A kernel with pictures of 1 pixel in one cell, 2 and 3 in the next."""
    kernel.run(SHOW)
    kernel.run("show(1)")
    kernel.run("show(2); show(3)")
    return kernel


def test_the_last_pictures_go_along(api: Loopback, shown: Kernel) -> None:
    """One, several in their order, a cell's, or by number; the words after it stay words."""
    for given, expected in {
        "-p": [3],
        "-p what is this?": [3],
        "-p 2": [2, 3],
        "-p3": [1, 2, 3],
        "-p cell": [2, 3],
        "-p #1": [1],
        "-p #3,#1": [3, 1],
        "-p #2 -p #1 -m haiku": [2, 1],
        "--picture=2 -- 3 plots": [2, 3],
    }.items():
        shown.run(f"%%claude {given}\nWhat?")
        assert widths(api) == expected, given
    assert labels(api)[0].startswith("Picture 1 of 2 (In [")
    count = shown.notebook.cells[2].execution_count
    assert labels(api)[0] == f"Picture 1 of 2 (In [{count}]):"
    assert labels(api)[-1] == "3 plots\nWhat?"
    shown.run("%%claude -p 2 -i 'Image.new(\"L\", (7, 7))'\nWhat?")
    assert widths(api) == [2, 3, 7]


@pytest.mark.parametrize(
    ("given", "told"), [("4", "3 pictures"), ("0", "3 pictures"), ("#9", "#9"), ("#3,#8", "#8")]
)
def test_what_is_not_there_is_told(given: str, told: str, api: Loopback, shown: Kernel) -> None:
    outputs = shown.run(f"%%claude -p {given}\nWhat?")
    assert told in error_text(outputs)
    assert not api.requests


def test_nothing_displayed_is_told(api: Loopback, kernel: Kernel) -> None:
    assert "no picture was displayed" in error_text(kernel.run("%%claude -p\nWhat?"))


def test_plots_go_along_as_they_are_shown(api: Loopback, kernel: Kernel) -> None:
    """Flushed at the end of a cell, by `show`, or by their name."""
    kernel.run("%matplotlib inline\nimport matplotlib.pyplot as plt")
    kernel.run("plt.figure(figsize=(2, 1)); plt.plot([1, 2]); plt.show()\nplt.plot([2, 1])")
    kernel.run("%%claude -p 2\nWhat?")
    first, second = widths(api)
    assert first < second


def test_cleared_replaced_and_captured_is_gone(api: Loopback, shown: Kernel) -> None:
    """As on the screen."""
    shown.run("for width in (11, 12, 13):\n    clear_output(wait=True); show(width)")
    shown.run("show(20); clear_output(); show(21)")
    shown.run("%%capture\nshow(30)")
    shown.run("handle = display('soon', display_id=True); other = show(40, display_id=True)")
    shown.run("handle.update(Image.new('L', (41, 9)))\nother.update(Image.new('L', (42, 9)))")
    shown.run("%%claude -p 7\nWhat?")
    assert widths(api) == [1, 2, 3, 13, 21, 42, 41]


def test_a_cell_that_runs_again_replaces_its_pictures(notebook: Notebook) -> None:
    """They keep their numbers, so that `-p #4` means the same when all runs again."""
    displays = notebook.magics.displays
    notebook.run(SHOW)
    for cell in ("a", "b", "a"):
        notebook.run("show(5)", cell_id=cell)
    assert [(one.cell, one.number) for one in displays.lately()] == [("b", 2), ("a", 1)]
    notebook.run("x = 1", cell_id="b")
    assert [one.cell for one in displays.lately()] == ["a"]
    notebook.run("show(5); show(6)", cell_id="a")
    assert [one.number for one in displays.lately()] == [1, 3]


def test_output_widgets_have_their_own_output(api: Loopback, shown: Kernel) -> None:
    """Clearing one leaves the cell's own pictures; moving a slider replaces one picture."""
    shown.run(
        "import ipywidgets\nshow(50)\nout = ipywidgets.Output()\n"
        "with out:\n    show(51); clear_output(); show(52)\n"
        "slider = ipywidgets.IntSlider(53)\n"
        "whole = ipywidgets.interactive_output(show, {'width': slider})"
    )
    shown.run("slider.value = 54")
    shown.run("%%claude -p 4\nWhat?")
    assert widths(api) == [3, 50, 52, 54]
    shown.run("out.append_display_data(Image.new('RGB', (55, 9)))")  # as threads do
    shown.run("%%claude -p 2\nWhat?")
    assert widths(api) == [54, 55]
    shown.run("out.clear_output()")
    shown.run("%%claude -p 2\nWhat?")
    assert widths(api) == [50, 54]


def test_pictures_in_pages_and_widgets_count(api: Loopback, shown: Kernel) -> None:
    """What HTML is for the most part, and the widget that shows an image; icons do not."""
    shown.run(
        "import base64, ipywidgets\nfrom IPython.display import HTML\n"
        "png = lambda width: Image.effect_noise((width, 40), 90)._repr_png_()\n"
        "page = lambda width: f'<p><img width=5 src=\"data:image/png;base64,'"
        " f'{base64.b64encode(png(width)).decode()}\"></p>'"
    )
    shown.run("display(HTML(page(60)), HTML(page(61) + 'words ' * 5_000))")
    shown.run("ipywidgets.Image(value=png(62), format='png')")
    shown.run("%%claude -p 3\nWhat?")
    assert widths(api) == [3, 60, 62]
    shown.run("%%claude -p 3\nWhat?")  # the small pictures above an answer are not displays
    assert widths(api) == [3, 60, 62]


def test_drawings_and_plots_in_pages_count(api: Loopback, shown: Kernel) -> None:
    """SVG that is most of a page, and the call with which plotly draws in Colab; icons do not."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="70" height="9"><rect width="9"/></svg>'
    shown.run("from IPython.display import HTML\nsvg = " + repr(svg))
    shown.run("display(HTML(f'<p>{svg}</p>'), HTML(svg + 'words ' * 50), HTML(2 * svg))")
    shown.run("%%claude -p 2\nWhat?")
    assert widths(api) == [3, 70]

    call = (
        """Plotly.newPlot("a", [{"type": "bar", "y": [1, 2]}], {"title": {"text": "Sales"}}, {})"""
    )
    shown.run(f"display(HTML('''<div id=a></div><script>{call}</script>'''))")
    shown.run("%%claude -p\nWhat?")
    assert widths(api) or "Sales" in labels(api)[0]  # where nothing can draw it
    shown.run("display(HTML('<script>Plotly.newPlot(a, b)</script>'))")
    assert "cannot be read" in error_text(shown.run("%%claude -p\nWhat?"))


def test_one_damaged_picture_spoils_no_list(api: Loopback, shown: Kernel) -> None:
    """It is listed without a size, and told by its cell where it is asked about."""
    shown.run("display({'image/png': 'no base64!!'}, raw=True)")
    shown.run("display({'image/png': 'AAAA', 'text/plain': 'x'}, raw=True)")
    listed = html(shown.run("%claude images"))
    assert "2 × 9" in listed
    assert listed.count("drawn when asked about") == 2
    for count in (1, 2):
        told = error_text(shown.run(f"%%claude -p {count}\nWhat?"))
        assert "the picture of In [" in told
    assert api.requests == []


LIBRARIES = {
    "altair": "import pandas as pd\n"
    "altair.Chart(pd.DataFrame({'x': [1], 'y': [2]})).mark_bar().encode(x='x', y='y')",
    "plotly": "import plotly.graph_objects as go\ngo.Figure(go.Bar(y=[1, 2]))",
    "ipympl": "%matplotlib ipympl\nimport matplotlib.pyplot as plt\n"
    "plt.figure(); plt.show(); plt.plot([1, 2])",
    "bokeh": "import bokeh.plotting as b\nb.output_notebook()\n"
    "it = b.figure(); it.line([1, 2], [3, 4]); b.show(it)",
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_plots_that_pages_draw_are_drawn_when_asked(
    library: str, api: Loopback, kernel: Kernel
) -> None:
    """From the object, which the page got as a script; or else their specification goes."""
    pytest.importorskip(library)
    kernel.run(f"import {library}\n{LIBRARIES[library]}")
    kernel.run("%%claude -p\nWhat?")
    content = api.bodies[-1]["messages"][-1]["content"]
    assert content[0]["type"] == "image" or "specification" in str(content)


def test_a_terminal_goes_by_the_objects(api: Loopback, notebook: Notebook) -> None:
    """It shows words only: what a notebook would have shown goes along."""
    notebook.run("from PIL import Image\nImage.new('L', (8, 8))")
    notebook.run("%%claude -p\nWhat?")
    assert widths(api) == [8]
    notebook.run("import matplotlib; matplotlib.use('Agg')\nimport matplotlib.pyplot as plt")
    notebook.run("fig, ax = plt.subplots(figsize=(2, 2))")
    notebook.run("ax.plot([1, 2])")
    notebook.run("%%claude -p\nWhat?")
    assert widths(api)[0] > 100
    notebook.run("plt.close('all'); del fig, ax")


def test_what_is_kept_is_bounded(notebook: Notebook) -> None:
    """The oldest go first."""
    displays = notebook.magics.displays
    publish = notebook.shell.display_pub.publish
    for _ in range(70):
        publish({"image/png": "A" * 1_000_000})
    kept = displays.lately()
    assert [len(kept), kept[-1].number] == [64, 70]


class Broken:
    def _repr_png_(self) -> bytes:
        raise RuntimeError("the pen broke")

    def __getattr__(self, name: str) -> Any:
        raise ValueError(name)


def test_somebody_s_broken_repr_is_theirs(notebook: Notebook) -> None:
    """It fails as without us, and what comes next is kept."""
    notebook.shell.user_ns.update(it=Broken())
    notebook.run("from IPython.display import display\ndisplay(it)")
    notebook.shell.display_pub.publish({"image/png": "AAAA"})
    assert [one.kind for one in notebook.magics.displays.lately()][-1] == "PNG"


def methods(shell: Any) -> list[Any]:
    return [
        {name for name in ("publish", "clear_output", "write_format_data", "format") if name in own}
        for own in map(vars, (shell.display_pub, shell.displayhook, shell.display_formatter))
    ]


def test_unloading_leaves_nothing(bare_shell: Any) -> None:
    before = methods(bare_shell)
    bare_shell.run_line_magic("load_ext", "claude_magic")
    assert methods(bare_shell) != before
    bare_shell.run_line_magic("unload_ext", "claude_magic")
    assert methods(bare_shell) == before

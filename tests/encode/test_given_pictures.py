"""Claims about pictures: each arrives decodable, right in size and kind, or is told in one line."""

import base64
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from encode.given_pictures import (
    BAD,
    ENDLESS,
    GOOD,
    PNG,
    SVG,
    drawing,
    noise,
    profile_of,
    saved,
    svg,
)
from loopback import Loopback
from PIL import Image
from shell import Notebook

from claude_magic.encode.pictures import Pictures
from claude_magic.encode.svg import picture_of_svg
from claude_magic.errors import BadInput

matplotlib.use("Agg")
import matplotlib.pyplot as plt


@pytest.fixture
def figures() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    plt.close("all")


def arrived(api: Loopback) -> list[Image.Image]:
    """The pictures of the last request, decoded as a server would."""
    content = api.requests[-1].body["messages"][-1]["content"]
    sources = [block["source"] for block in content if block["type"] == "image"]
    pictures = []
    for source in sources:
        picture = Image.open(io.BytesIO(base64.b64decode(source["data"], validate=True)))
        picture.load()
        assert source["media_type"] == f"image/{picture.format.lower()}"
        pictures.append(picture)
    return pictures


@pytest.mark.parametrize("name", GOOD)
def test_a_picture_arrives_decodable_in_its_size(
    name: str, notebook: Notebook, api: Loopback
) -> None:
    make, size = GOOD[name]
    notebook.shell.user_ns["it"] = make()
    notebook.run("%%claude -i it\nWhat is this?")
    assert [picture.size for picture in arrived(api)] == [size]


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_picture_is_told_in_one_line(
    name: str, notebook: Notebook, api: Loopback
) -> None:
    make, word = BAD[name]
    notebook.shell.user_ns["it"] = make()
    error = notebook.fail("%%claude -i it\nWhat is this?").strip()
    assert word in error
    assert len(error.splitlines()) <= 2  # what happened, and what to do
    assert not api.requests


def test_paths_addresses_and_ids_go_as_they_stand(
    notebook: Notebook, api: Loopback, tmp_path: Path
) -> None:
    """A path is read here; what the server can reach is only named."""
    named = tmp_path / "a plot.png"
    named.write_bytes(PNG)
    notebook.shell.user_ns["path"] = named
    for given in (f"'{named}'", "path", "str(path)", "{{ path }}"):
        notebook.run(
            f"%%claude -i {given!r}\nWhat is this?"
            if "{" in given
            else f'%%claude -i "{given}"\nWhat is this?'
        )
        assert arrived(api)[0].size == (300, 200)
    notebook.run("%%claude -i https://example.org/a.png -i file_011\nWhat are these?")
    content = api.requests[-1].body["messages"][-1]["content"]
    assert [block["source"] for block in content if block["type"] == "image"] == [
        {"type": "url", "url": "https://example.org/a.png"},
        {"type": "file", "file_id": "file_011"},
    ]


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "webp", "svg", "bmp", "tiff"])
def test_files_of_each_kind_are_read(
    notebook: Notebook, api: Loopback, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"it.{suffix}"
    kinds = {"jpg": "JPEG"}
    if suffix == "svg":
        file.write_text(SVG)
    else:
        file.write_bytes(saved(drawing(), kinds.get(suffix, suffix.upper())))
    notebook.run(f"%%claude -i {file}\nWhat is this?")
    assert arrived(api)[0].size == ((120, 80) if suffix == "svg" else (300, 200))


def test_pictures_stand_where_they_stand_among_the_words(notebook: Notebook, api: Loopback) -> None:
    notebook.shell.user_ns.update(a=drawing((10, 10)), b=drawing((20, 20)))
    notebook.run("%%claude\nCompare {{ a }} with\n{{ b }}.")
    content = api.requests[-1].body["messages"][-1]["content"]
    kinds = [block.get("text") or block["type"] for block in content]
    assert kinds == ["Compare ", "image", " with\n", "image", "."]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("'plot.png'", "plot.png"),
        ("np.eye(3)", "[[1. 0. 0.]\n [0. 1. 0.]\n [0. 0. 1.]]"),
        ("[1, 2]", "[1, 2]"),
        ("b'abc'", "b'abc'"),
        ("Path('notes.txt')", "notes.txt"),
    ],
)
def test_what_is_no_picture_among_words_stays_words(
    notebook: Notebook, api: Loopback, expression: str, words: str
) -> None:
    notebook.run("import numpy as np; from pathlib import Path")
    notebook.run(f"%%claude\nThis: {{{{ {expression} }}}}")
    assert api.requests[-1].body["messages"][-1]["content"] == f"This: {words}"


def test_a_drawing_that_takes_too_long_to_paint_is_given_up() -> None:
    drawing = svg(ENDLESS, 'width="2000" height="2000"')
    with pytest.raises(BadInput, match=r"plot\.svg is an SVG that was not painted within 0.5 s"):
        picture_of_svg(drawing, "plot.svg", patience=0.5)


def test_a_drawing_is_painted_once() -> None:
    """One that cannot be painted is not tried again: a list shows it each time."""
    painted: list[str] = []

    def paint(svg: str, name: str) -> bytes:
        painted.append(svg)
        if svg != SVG:
            raise BadInput(f"{name} cannot be painted.")
        return PNG

    pictures = Pictures(paint=paint)
    for _ in range(2):
        assert pictures.blocks(SVG.encode()) is not None
        with pytest.raises(BadInput, match="cannot be painted"):
            pictures.blocks(svg("").encode())
    assert len(painted) == 2


def test_several_pictures_are_labelled(notebook: Notebook, api: Loopback) -> None:
    notebook.shell.user_ns.update(a=drawing(), b=[drawing(), drawing()])
    notebook.run("%%claude -i a -i b\nWhat are these?")
    content = api.requests[-1].body["messages"][-1]["content"]
    assert [block["text"] for block in content if block["type"] == "text"] == [
        "Picture 1 of 3 (a):",
        "Picture 2 of 3 (b):",
        "Picture 3 of 3 (b):",
        "What are these?",
    ]


FIGURES = {
    "figure": "fig",
    "axes": "ax",
    "line": "lines[0]",
    "lines": "lines",
    "bars": "bars",
    "array of axes": "np.array([ax, ax])",
    "what plt.hist gives": "hist",
    "subfigure": "sub",
    "pyplot": "plt",
    "what plt.pie gives": "ax.pie([1, 2])",
    "what plt.boxplot gives": "ax.boxplot([1, 2, 3])",
    "colour bar": "fig.colorbar(ax.scatter([1], [2], c=[3]))",
    "axes by name": "{'left': ax, 'right': ax}",
}


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize("name", FIGURES)
def test_whatever_belongs_to_a_figure_shows_it(
    name: str, notebook: Notebook, api: Loopback
) -> None:
    """As a notebook shows it; the figure stays as it is."""
    notebook.run(
        "import numpy as np, matplotlib.pyplot as plt\n"
        "fig, ax = plt.subplots(figsize=(4, 3)); lines = ax.plot([1, 2])\n"
        "bars = ax.bar([1, 2], [3, 4]); hist = ax.hist([1, 2, 2])\n"
        "whole = plt.figure(figsize=(4, 3)); sub = whole.subfigures(1, 2)[0]; sub.subplots()\n"
        "plt.figure(fig); canvas = fig.canvas"
    )
    notebook.run(f"%%claude -i '{FIGURES[name]}'\nWhat is this?")
    picture = arrived(api)[0]
    assert 200 < picture.width < 500
    assert picture.format == "PNG"
    notebook.run(
        "assert plt.gcf() is fig and fig.canvas is canvas\n"
        "assert tuple(fig.get_size_inches()) == (4, 3) and plt.get_fignums() == [1, 2]"
    )


@pytest.mark.usefixtures("figures")
def test_a_poster_is_drawn_no_finer_than_anyone_looks(notebook: Notebook, api: Loopback) -> None:
    notebook.run("import matplotlib.pyplot as plt\nfig = plt.figure(figsize=(60, 40), dpi=300)")
    notebook.run("%%claude -m opus -i fig\nWhat is this?")
    assert max(arrived(api)[0].size) > 2000
    assert notebook["fig"].dpi == 300


@pytest.mark.usefixtures("figures")
def test_a_figure_that_cannot_be_drawn_is_told(notebook: Notebook, api: Loopback) -> None:
    notebook.run("import matplotlib.pyplot as plt\nfig = plt.figure()")
    notebook.run("fig.text(0, 0, r'$\\frac{$'); plt.close('all')")
    assert "cannot draw the figure" in notebook.fail("%%claude -i fig\nWhat is this?")
    assert api.requests == []


LIBRARIES = {
    "seaborn": (
        "import seaborn, pandas as pd\n"
        "it = seaborn.relplot(pd.DataFrame({'x': [1, 2], 'y': [3, 4]}), x='x', y='y')",
        True,
    ),
    "seaborn.objects": (
        "import seaborn.objects as so\nit = so.Plot(x=[1, 2], y=[3, 4]).add(so.Line())",
        True,
    ),
    "altair": (
        "import altair, pandas as pd\n"
        "it = altair.Chart(pd.DataFrame({'x': [1], 'y': [2]})).mark_bar().encode(x='x', y='y')",
        True,
    ),
    "bokeh": ("import bokeh.plotting as b\nit = b.figure(); it.line([1, 2], [3, 4])", False),
    "IPython": (f"from IPython.display import Image\nit = Image({PNG!r})", True),
    "IPython SVG": (f"from IPython.display import SVG\nit = SVG({SVG!r})", True),
}


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize("library", LIBRARIES)
def test_each_library_s_plots_arrive(library: str, notebook: Notebook, api: Loopback) -> None:
    """As pictures; where nothing here can draw them, as their specification."""
    code, drawn = LIBRARIES[library]
    pytest.importorskip(library.split(".")[0].split()[0])
    notebook.run(code)
    notebook.run("%%claude\nWhat is this? {{ it }}")
    if drawn:
        assert min(arrived(api)[0].size) > 50
    else:
        assert '"Line"' in api.requests[-1].body["messages"][-1]["content"]


def test_one_picture_in_ten_turns_is_the_same_bytes(notebook: Notebook, api: Loopback) -> None:
    """So that the prompt cache is met."""
    notebook.shell.user_ns["it"] = noise((3000, 2000))
    for _ in range(3):
        notebook.run("%%claude -i it\nWhat is this?")
    bodies = [request.body for request in api.requests]
    sent = [
        block["source"]["data"]
        for message in bodies[-1]["messages"]
        if message["role"] == "user"
        for block in message["content"]
        if block["type"] == "image"
    ]
    assert len(sent) == 3
    assert len(set(sent)) == 1


def test_another_tier_sees_it_as_sharp_as_it_can(notebook: Notebook, api: Loopback) -> None:
    """The conversation keeps what the sharpest model sees."""
    notebook.shell.user_ns["it"] = drawing((3840, 2160))
    notebook.run("%%claude -m claude-opus-4-6 -i it\nWhat is this?")
    assert arrived(api)[0].size == (1456, 819)
    notebook.run("%%claude -m claude-opus-5-5\nAnd now?")
    source = api.requests[-1].body["messages"][0]["content"][0]["source"]
    assert Image.open(io.BytesIO(base64.b64decode(source["data"]))).size == (2576, 1449)


def test_clear_ground_becomes_white(notebook: Notebook, api: Loopback) -> None:
    """Black writing on nothing would be black on black."""
    clear = Image.new("RGBA", (100, 50), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (10, 10, 20, 20))
    notebook.shell.user_ns["it"] = clear
    notebook.run("%%claude -i it\nWhat is this?")
    picture = arrived(api)[0].convert("RGB")
    assert picture.getpixel((50, 25)) == (255, 255, 255)
    assert picture.getpixel((15, 15)) == (0, 0, 0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF animated", "WebP", "WebP animated"])
def test_what_is_fit_already_goes_as_it_is(kind: str, notebook: Notebook, api: Loopback) -> None:
    """The very bytes of the file, animations with all their frames."""
    notebook.shell.user_ns["it"] = file = GOOD[kind][0]()
    notebook.run("%%claude -i it\nWhat is this?")
    (source,) = [
        block["source"]
        for block in api.requests[-1].body["messages"][-1]["content"]
        if block["type"] == "image"
    ]
    assert base64.b64decode(source["data"]) == file
    assert source["media_type"] == f"image/{kind.split()[0].lower()}"


def test_where_it_was_taken_is_not_sent(notebook: Notebook, api: Loopback) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N"}
    notebook.shell.user_ns["it"] = file = saved(noise((60, 40)), "JPEG", exif=exif)
    assert 0x8825 in Image.open(io.BytesIO(file)).getexif()
    notebook.run("%%claude -i it\nWhat is this?")
    assert not arrived(api)[0].getexif()


RED, GREEN, BLUE = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)


@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA"])
@pytest.mark.parametrize("opened", [True, False])
def test_colours_are_as_their_profile_means_them(
    mode: str, opened: bool, notebook: Notebook, api: Loopback
) -> None:
    """In a profile whose red is green, red is green; what is sent has no profile left."""
    red = Image.new("RGB", (30, 20), (204, 0, 0)).convert(mode)
    if mode == "RGBA":
        red.putpixel((0, 0), (0, 0, 0, 0))
    file = saved(red, "PNG", icc_profile=profile_of(GREEN, BLUE, RED))
    notebook.shell.user_ns["it"] = Image.open(io.BytesIO(file)) if opened else file
    notebook.run("%%claude -i it\nWhat is this?")
    picture = arrived(api)[0]
    red_part, green_part, _ = picture.convert("RGB").getpixel((9, 9))  # type: ignore[misc]
    assert green_part > 150 > 100 > red_part
    assert "icc_profile" not in picture.info


def test_a_handed_over_picture_stays_as_it_is(notebook: Notebook, api: Loopback) -> None:
    frames: Any = Image.open(io.BytesIO(GOOD["GIF animated"][0]()))  # type: ignore[arg-type]
    frames.seek(2)
    notebook.shell.user_ns["it"] = frames
    notebook.run("%%claude -i it\nWhat is this?")
    red, _, blue = arrived(api)[0].convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert red > 200 > blue  # the first frame
    assert frames.tell() == 2


@pytest.mark.usefixtures("figures")
def test_lists_keep_all_their_pictures(notebook: Notebook, api: Loopback) -> None:
    """Figures and images side by side; a figure once, though several of its parts are named."""
    notebook.run("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nother = plt.figure()")
    notebook.shell.user_ns["it"] = drawing()
    notebook.run("%%claude -i '[fig, ax, it, other]'\nWhat are these?")
    assert len(arrived(api)) == 3

"""Claims about what is told of pictures: what went along, and what was displayed."""

import base64
import io
import re

import PIL.Image
from kernel import Kernel, html
from loopback import Loopback
from shell import Notebook

SHOW = "from PIL import Image\nfrom IPython.display import display\n"


def plain(page: str) -> str:
    """What a reader reads of some HTML."""
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", page))


def test_what_went_along_is_shown_above_the_answer(api: Loopback, kernel: Kernel) -> None:
    """Its name, the size and tokens it is sent with, and a small picture, in the saved output."""
    kernel.run(SHOW + "display(Image.new('RGB', (1920, 1080), 'red'))")
    (output,) = kernel.run(
        "%%claude -p -i https://example.org/a.png\nIs it like {{ Image.new('L', (56, 57)) }}?"
    )
    page = output["data"]["text/html"]
    header, _, answer = page.partition("Hello there.")

    assert "1456 × 819, 1,560 tokens" in plain(header)
    assert "https://example.org/a.png fetched by the server" in plain(header)
    assert "Image.new(&#x27;L&#x27;, (56, 57)) 56 × 57, 6 tokens" in plain(header)
    assert header.count('<img src="data:image/webp;base64,') == 2
    assert "<img" not in answer
    assert output["data"]["text/markdown"] == "Hello there."


def test_strips_are_shown_with_room_around_them(api: Loopback, kernel: Kernel) -> None:
    """Small pictures are shown by their height: a strip would be as wide as the page."""
    kernel.run(SHOW + "wide, high = Image.new('L', (3000, 20)), Image.new('L', (20, 3000))")
    page = html(kernel.run("%%claude -i wide -i high\nWhat?"))
    coded = re.findall(r"data:image/webp;base64,([\w+/=]+)", page)
    sizes = [PIL.Image.open(io.BytesIO(base64.b64decode(one))).size for one in coded]
    assert sizes == [(160, 40), (40, 160)]


def test_names_in_it_are_only_text(api: Loopback, kernel: Kernel) -> None:
    """A name is whatever somebody wrote."""
    kernel.run(SHOW + "pictures = {'<script>alert(1)</script>': Image.new('L', (9, 9))}")
    page = html(kernel.run("%%claude\n{{ pictures['<script>alert(1)</script>'] }} What is it?"))
    assert "<script" not in page


def test_a_terminal_tells_it_in_words(api: Loopback, notebook: Notebook) -> None:
    notebook.run(SHOW + "display(Image.new('RGB', (30, 20)))")
    told = notebook.run("%%claude -p\nWhat?")
    assert re.search(r"Sent along: (In \[\d+\]|#1) \(30 × 20, 2 tokens\)", told)


def test_what_was_displayed_is_listed(api: Loopback, kernel: Kernel) -> None:
    """With the number that names it, its cell, kind, size, tokens and a small picture."""
    assert "No picture" in str(kernel.run("%claude images"))
    kernel.run(SHOW + "display(Image.new('RGB', (28, 29)), Image.new('L', (10, 10)))")
    page = html(kernel.run("%claude images"))
    count = kernel.notebook.cells[1].execution_count

    assert f"#1 In [{count}] PNG 28 × 29 2" in plain(page)
    assert "-p #2" in page
    assert page.count("<img src=") == 2


def test_a_terminal_lists_it_too(notebook: Notebook) -> None:
    notebook.run("import matplotlib; matplotlib.use('Agg')")
    notebook.run("import matplotlib.pyplot as plt\nfig = plt.figure()")
    assert re.search(r"#1 .*matplotlib", notebook.run("%claude images"))
    notebook.run("plt.close('all'); del fig")


def test_what_an_expression_prints_stays_beside_the_answer(api: Loopback, kernel: Kernel) -> None:
    """Though the stages of an answer are taken away in the end."""
    kernel.run(SHOW + "def draw():\n    print('drawing')\n    return Image.new('L', (9, 9))")
    printed, shown = kernel.run("%%claude -i draw()\nWhat?")
    assert printed["text"] == "drawing\n"
    assert "9 × 9" in shown["data"]["text/html"]

"""Claims about documents: what they are made from, and what is refused before anything is sent."""

import base64
import io
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from anthropic.types import DocumentBlockParam
from pydantic import TypeAdapter

from claude_magic.encode.document import document_of
from claude_magic.errors import BadInput

PDF = b"%PDF-1.4\n1 0 obj\n<</Note (not the /Encrypt of a trailer)>>\nendobj\n"
TABLE = b"xref\n0 1\n0000000000 65535 f \n"


def pdf(trailer: bytes = b"<</Root 1 0 R>>", start: int = len(PDF)) -> bytes:
    """A PDF with a table of its objects."""
    return PDF + TABLE + b"trailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, start)


def pdf_with_stream(dictionary: bytes) -> bytes:
    """A PDF whose table is a stream, as newer ones have."""
    table = b"7 0 obj\n<</Type /XRef %s>>\nstream\n\x00/Encrypt \nendstream" % dictionary
    return PDF + table + b"\nstartxref\n%d\n%%%%EOF" % len(PDF)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def sent(value: object, **how: Any) -> Any:
    """The block, looked at by the official SDK's types."""
    json = document_of(value, **how).json
    TypeAdapter(DocumentBlockParam).validate_python(json)
    assert json["type"] == "document"
    assert json["citations"] == {"enabled": True}
    return json


def refused(value: object) -> str:
    """What is said; it is never long, and always tells what to do."""
    with pytest.raises(BadInput) as caught:
        document_of(value)
    assert caught.value.hint
    assert len(str(caught.value)) < 200
    return str(caught.value)


@pytest.mark.parametrize("content", [pdf(), pdf(start=3), pdf_with_stream(b""), b"%PDF-1.7"])
@pytest.mark.parametrize("kind", [Path, str])
def test_a_pdf_file_goes_in_as_it_is(content: bytes, kind: type) -> None:
    """Named by its name."""
    Path("My report.pdf").write_bytes(content)
    json = sent(kind("My report.pdf"))

    assert json["title"] == "My report.pdf"
    assert json["source"]["media_type"] == "application/pdf"
    assert base64.b64decode(json["source"]["data"]) == content


@pytest.mark.parametrize("name", ["a.txt", "b.md", "c.csv", "d.py", "e.html", "f.unheard", "g"])
def test_a_text_file_goes_in_as_text(name: str) -> None:
    """Any that is UTF-8, with or without a mark at its beginning."""
    Path(name).write_bytes("\ufeffGrüße\n".encode())
    json = sent(name)

    assert json["title"] == name
    assert json["source"] == {"type": "text", "media_type": "text/plain", "data": "Grüße\n"}


def test_a_pdf_is_known_by_its_first_bytes() -> None:
    """Whatever its name; and as bytes."""
    Path("download").write_bytes(pdf())

    assert sent(Path("download"))["source"]["media_type"] == "application/pdf"
    assert sent(pdf())["source"]["media_type"] == "application/pdf"
    assert sent(memoryview(b"words"))["source"]["data"] == "words"
    assert "title" not in sent(pdf())


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://x.org/a/My%20paper.pdf?x=1", "My paper.pdf"),
        ("https://x.org/a/", "a"),
        ("HTTPS://x.org", "x.org"),
    ],
)
def test_an_address_is_fetched_by_the_server(url: str, title: str) -> None:
    """Named by its last part."""
    json = sent(url)

    assert json["source"] == {"type": "url", "url": url}
    assert json["title"] == title


def test_the_id_of_a_file_is_sent_as_such() -> None:
    """What was uploaded before."""
    json = sent("file_011CNha8iCJcU1wXNR6q4V8w")

    assert json["source"] == {"type": "file", "file_id": "file_011CNha8iCJcU1wXNR6q4V8w"}
    assert "title" not in json


@pytest.mark.parametrize(
    "text",
    [
        "Tides are high.",
        "See\na.pdf",
        "either / or",
        "See https://x.org/a.pdf",
        "one word " * 9_000,
        "x" * 100_000 + "/",
    ],
)
def test_other_text_is_the_document_itself(text: str) -> None:
    """Without a title."""
    json = sent(text)

    assert json["source"]["data"] == text
    assert "title" not in json


def test_an_open_file_is_read() -> None:
    """In either mode, named by its name; one without a name has no title."""
    Path("a.txt").write_text("words")
    Path("b.pdf").write_bytes(pdf())
    with open("a.txt") as text, open("b.pdf", "rb") as raw:
        assert sent(text)["title"] == "a.txt"
        assert sent(raw)["source"]["media_type"] == "application/pdf"
        assert "reading" not in refused(raw)

    assert sent(io.BytesIO(b"words"))["source"]["data"] == "words"
    assert "title" not in sent(io.StringIO("words"))


def test_other_values_are_their_words() -> None:
    """A data frame is its table."""
    assert "2 rows × 1 columns" in sent(pd.DataFrame({"a": [1, 2]}))["source"]["data"]
    assert sent(["a", 1])["source"]["data"] == "['a', 1]"


def test_a_given_title_comes_first() -> None:
    """For every kind of document."""
    Path("a.txt").write_text("words")
    values = ("a.txt", "https://x.org/a.pdf", "file_01", "some words", b"words", 7)

    assert [sent(value, title=" My\ntitle ")["title"] for value in values] == ["My title"] * 6


def test_a_path_may_begin_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    Path("a.txt").write_text("words")

    assert sent("~/a.txt")["title"] == "a.txt"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("missing.pdf", "there is no file missing.pdf"),
        ("My missing report.docx", "there is no file My missing report.docx"),
        ("data/missing", "there is no file data/missing"),
        (Path("missing"), "there is no file missing"),
        ("~nobody-here/x.txt", "there is no file ~nobody-here/x.txt"),
        ("./folder/", "folder is a folder"),
        (Path("folder"), "folder is a folder"),
        (Path("/dev/null"), "/dev/null is no ordinary file"),
        ("empty.txt", "empty.txt is empty"),
        ("empty.pdf", "empty.pdf is named .pdf but is no PDF"),
        ("page.pdf", "page.pdf is named .pdf but is no PDF"),
        ("latin.csv", "latin.csv is neither a PDF nor text in UTF-8"),
        ("binary.dat", "binary.dat is neither a PDF nor text in UTF-8"),
        ("locked.pdf", "locked.pdf is encrypted"),
        ("streamed.pdf", "streamed.pdf is encrypted"),
        (Path("a\0b"), "there is no file a"),
        ("http://x.org/a.pdf", "http://x.org/a.pdf cannot be a document"),
        ("https://:80/a.pdf", "https://:80/a.pdf is no address"),
        ("https://[x/a.pdf", "https://[x/a.pdf is no address"),
        ("  \n", "the document is empty"),
        (b"", "the document is empty"),
        (b"\x89PNG\r\n\x1a\n\0", "the document is neither a PDF nor text"),
        (io.StringIO(), "the open file has nothing left to read"),
        (None, "the document is None"),
    ],
)
def test_what_cannot_be_a_document_is_refused_by_name(value: object, told: str) -> None:
    """Before anything is sent."""
    Path("folder").mkdir()
    Path("empty.txt").touch()
    Path("empty.pdf").touch()
    Path("page.pdf").write_text("<html>Not found</html>")
    Path("latin.csv").write_bytes("Größe".encode("latin-1"))
    Path("binary.dat").write_bytes(bytes(100))
    Path("locked.pdf").write_bytes(pdf(b"<</Root 1 0 R/Encrypt 5 0 R>>"))
    Path("streamed.pdf").write_bytes(pdf_with_stream(b"/Encrypt<</V 4>>"))

    assert told in refused(value)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused_by_name() -> None:
    """With the system's reason."""
    Path("secret.txt").write_text("words")
    Path("secret.txt").chmod(0)

    assert "secret.txt cannot be read: Permission denied" in refused("secret.txt")


def test_a_file_that_is_too_large_is_not_even_read() -> None:
    """A sparse one of 40 GB, and bytes that are just too many."""
    with open("large.pdf", "wb") as large:
        large.truncate(40 * 10**9)

    assert "large.pdf is too large: 40,000.0 MB" in refused("large.pdf")
    assert "too large" in refused(b"%PDF" + bytes(24_000_000))
    assert "too large" in refused("words " * 4_000_001)


@pytest.mark.parametrize("how", ["closed", "writing", "wrong encoding", "numbers"])
def test_an_open_file_that_cannot_be_read_is_refused(how: str) -> None:
    """Closed, opened for writing, in another encoding, or with no text in it."""
    Path("latin.csv").write_bytes("Größe".encode("latin-1"))
    with open("latin.csv", encoding="utf-8") as file, open("new.txt", "w") as new:
        closed = open("latin.csv")  # noqa: SIM115 (it is closed at once)
        closed.close()
        values = {
            "closed": closed,
            "writing": new,
            "wrong encoding": file,
            "numbers": type("Numbers", (), {"read": lambda self: [1]})(),
        }
        told = refused(values[how])

    assert "cannot be read" in told or "neither text nor bytes" in told


def test_an_error_never_holds_the_document() -> None:
    """Not even one that was taken for a path."""
    text = "secret/" * 100

    assert text not in refused(text)
    assert "…" in refused(text)

"""What goes along with a prompt: pictures and documents, by an option or among the words."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from claude_magic.capture.display import Display
from claude_magic.capture.displays import Displays
from claude_magic.capture.fill import Evaluate, Value, evaluated
from claude_magic.content.blocks import Block, Image, Text
from claude_magic.encode.document import document_of, is_document_name
from claude_magic.encode.pictures import Blocks, Pictures, is_picture_name
from claude_magic.encode.words import words_of
from claude_magic.errors import BadInput

_AS_THEY_ARE = ("https://", "http://", "file://", "file_", "data:")
_PATHS = ("/", "./", "../", "~/")  # with none of these an expression begins that could be meant
WHICH = re.compile(r"\d+|cell|#\d+(,#?\d+)*")  # of the pictures displayed, `-p` names
_SHOW = "Show one in a cell (a plot, or an image as the last line), or give one with -i."


class Found(NamedTuple):
    """Blocks, and what the pictures among them are called, in their order."""

    blocks: Blocks = ()
    names: tuple[str, ...] = ()


class Attached(NamedTuple):
    """Reads what is attached.

    `evaluate` runs an expression in the notebook; `displays` is what it displayed.
    """

    evaluate: Evaluate
    pictures: Pictures
    displays: Displays

    def fetching(self) -> "Attached":
        """Return the same with what is at addresses fetched by this machine."""
        from claude_magic.api.fetch import fetch

        return self._replace(pictures=self.pictures.fetching(fetch))

    def value(self, text: str, option: str) -> object:
        """Return the value of an option that is an expression, in braces or not.

        Raises
        ------
        BadInput: as `evaluated` says; the message names the option.
        """
        inner = text.removeprefix("{{").removesuffix("}}") if text.startswith("{{") else text
        if not inner.strip():
            raise BadInput(f"{option} is empty.", hint="Give it an expression of this notebook.")
        return evaluated(inner.strip(), self.evaluate, option).value

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> Blocks:
        """Return the blocks of the documents that the options name.

        Raises
        ------
        BadInput: one of them is none, or there are more titles than documents.
        """
        if len(titles) > len(texts):
            raise BadInput("--title names a document, but there are more titles than --doc.")
        titles = [*titles, *[""] * (len(texts) - len(titles))]
        return tuple(
            document_of(self.named(text, "--doc"), title=title)
            for text, title in zip(texts, titles, strict=True)
        )

    def images(self, displayed: Sequence[str], texts: Sequence[str]) -> Found:
        """Return the pictures that `-p` and `-i` name, labelled if there are several.

        Raises
        ------
        BadInput: one of them is no picture, or is not there.
        """
        shown = [display for which in displayed for display in self._displayed(which)]
        found = [(display.name, self._picture(display)) for display in shown]
        found += [(text, self._image(text)) for text in texts]
        named = [(name, block) for name, blocks in found for block in blocks]
        names = tuple(name for name, block in named if isinstance(block, Image))
        if len(named) < 2:
            return Found(tuple(block for _, block in named), names)
        return Found(labelled(named), names)

    def among(self, parts: Iterable[str | Value]) -> Found:
        """Return the blocks of a prompt: its words, and its pictures where they stand in it."""
        blocks: list[Block] = []
        names: list[str] = []
        for part in parts:
            for block in (Text(part),) if isinstance(part, str) else self._filled_in(part):
                if isinstance(block, Text) and blocks and isinstance(blocks[-1], Text):
                    blocks[-1] = Text(blocks[-1].text + block.text)
                    continue
                blocks.append(block)
                if isinstance(block, Image) and isinstance(part, Value):
                    names.append(part.expression)
        return Found(_trimmed(blocks), tuple(names))

    def _displayed(self, which: str) -> list[Display]:
        """The pictures that a value of `-p` names."""
        if not WHICH.fullmatch(which):
            raise BadInput(
                f"-p {which}: it takes a number of pictures, `cell`, or a picture as #4.",
                hint="`%claude images` lists them.",
            )
        lately = self.displays.lately()
        if not lately:
            raise BadInput("-p: no picture was displayed yet in this kernel.", hint=_SHOW)
        if which.startswith("#"):
            return [self._numbered(int(number)) for number in re.findall(r"\d+", which)]
        if which == "cell":
            return self.displays.of_last_cell()
        if not 0 < int(which) <= len(lately):
            raise BadInput(
                f"-p {which}: there {_are(len(lately))} to take.",
                hint="`%claude images` lists what was displayed lately.",
            )
        return lately[-int(which) :]

    def _numbered(self, number: int) -> Display:
        display = self.displays.numbered(number)
        if display is None:
            raise BadInput(
                f"-p #{number}: there is no such picture, or no longer.",
                hint="`%claude images` lists what was displayed lately.",
            )
        return display

    def _picture(self, display: Display) -> Blocks:
        blocks = display.blocks(self.pictures)
        if blocks is None:
            raise BadInput(
                f"-p: the picture of {display.name} is no longer there.", hint="Run its cell again."
            )
        return blocks

    def named(self, text: str, option: str) -> object:
        """Return what an option names: a path, an address or a file id as it stands, or a value."""
        if text.lower().startswith(_AS_THEY_ARE) or _is_path(text):
            return text
        try:
            return self.value(text, option)
        except BadInput:
            if not (text.startswith(_PATHS) or is_picture_name(text) or is_document_name(text)):
                raise
            return text  # a file that is not there

    def _image(self, text: str) -> Blocks:
        value = self.named(text, "-i")
        blocks = self.pictures.blocks(value)
        if not blocks:
            raise BadInput(
                f"-i {text}: {_a(value)} is no picture.",
                hint="Give an image, a figure, an array of pixels, or a path or address of one.",
            )
        return blocks

    def _filled_in(self, value: Value) -> Blocks:
        found = self.pictures.among_words(value.value)
        return (Text(words(value)),) if found is None else found


def words(value: Value) -> str:
    """Return a value of `{{ }}` as words.

    Raises
    ------
    BadInput: it cannot be turned into text.
    """
    try:
        return words_of(value.value)
    except (Exception, SystemExit) as error:  # somebody's __str__
        raise BadInput(
            f"{{{{ {value.expression} }}}} cannot be turned into text ({type(error).__name__}); "
            "nothing was sent.",
            hint="Write an expression that gives text.",
        ) from error


def labelled(pictures: Sequence[tuple[str, Block]]) -> Blocks:
    """Return several pictures, each after a line that names it, as the API's guide advises."""
    total = len(pictures)
    return tuple(
        part
        for number, (name, block) in enumerate(pictures, 1)
        for part in (Text(f"Picture {number} of {total} ({name}):"), block)
    )


def _trimmed(blocks: Sequence[Block]) -> Blocks:
    """Without empty lines at both ends, nor words that are none."""
    trimmed = list(blocks)
    if trimmed and isinstance(first := trimmed[0], Text):
        trimmed[0] = Text(first.text.lstrip())
    if trimmed and isinstance(last := trimmed[-1], Text):
        trimmed[-1] = Text(last.text.rstrip())
    return tuple(b for b in trimmed if not isinstance(b, Text) or b.text.strip())


def _are(count: int) -> str:
    return "is one picture" if count == 1 else f"are {count} pictures"


def _a(value: object) -> str:
    return f"a value of type {type(value).__name__}"


def _is_path(text: str) -> bool:
    try:
        return bool(text.strip()) and Path(text).expanduser().exists()
    except (OSError, ValueError):
        return False

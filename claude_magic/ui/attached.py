"""What goes along with a prompt: pictures and documents, by an option or among the words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from claude_magic.capture.fill import Evaluate, Value, evaluated
from claude_magic.content.blocks import Block, Text
from claude_magic.encode.document import document_of
from claude_magic.encode.pictures import Blocks, Pictures, is_picture_name
from claude_magic.encode.words import words_of
from claude_magic.errors import BadInput

_AS_THEY_ARE = ("https://", "http://", "file_", "data:")


@dataclass(frozen=True)
class Attached:
    """Reads what is attached. `evaluate` runs an expression in the notebook."""

    evaluate: Evaluate
    pictures: Pictures

    def value(self, text: str) -> object:
        """Return the value of an option that is an expression, in braces or not."""
        inner = text.removeprefix("{{").removesuffix("}}") if text.startswith("{{") else text
        return evaluated(inner.strip(), self.evaluate).value

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
            document_of(self._named(text), title=title)
            for text, title in zip(texts, titles, strict=True)
        )

    def images(self, texts: Sequence[str]) -> Blocks:
        """Return the blocks of the pictures that the options name, labelled if there are several.

        Raises
        ------
        BadInput: one of them is no picture.
        """
        found = [(text, self._image(text)) for text in texts]
        if sum(len(blocks) for _, blocks in found) < 2:
            return tuple(block for _, blocks in found for block in blocks)
        return labelled([(text, block) for text, blocks in found for block in blocks])

    def among(self, parts: Iterable[str | Value]) -> Blocks:
        """Return the blocks of a prompt: its words, and its pictures where they stand in it."""
        blocks: list[Block] = []
        for part in parts:
            for block in (Text(part),) if isinstance(part, str) else self._filled_in(part):
                if isinstance(block, Text) and blocks and isinstance(blocks[-1], Text):
                    blocks[-1] = Text(blocks[-1].text + block.text)
                else:
                    blocks.append(block)
        return _trimmed(blocks)

    def _named(self, text: str) -> object:
        """A path, an address or a file id as it stands; anything else is an expression."""
        if text.startswith(_AS_THEY_ARE) or _is_path(text):
            return text
        return self.value(text)

    def _image(self, text: str) -> Blocks:
        try:
            value = self._named(text)
        except BadInput:
            if not is_picture_name(text):
                raise
            value = Path(text)  # a file that is not there
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
    except Exception as error:  # somebody's __str__
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


def _a(value: object) -> str:
    return f"a value of type {type(value).__name__}"


def _is_path(text: str) -> bool:
    try:
        return Path(text).expanduser().exists()
    except (OSError, ValueError):
        return False

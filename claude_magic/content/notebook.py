"""What is known of a notebook: enough to find its conversations again."""

from pathlib import PurePath
from typing import NamedTuple


class Notebook(NamedTuple):  # made at load, where a dataclass costs
    """What is known of a notebook; all empty for a run that is nobody's notebook.

    `kernel`: the id that a Jupyter server gave its kernel. `path`: where its file is, absolute.
    `key`: the path by which this kernel knew it first. `folder`: where a terminal was started.
    """

    kernel: str = ""
    path: str = ""
    key: str = ""
    folder: str = ""

    @property
    def title(self) -> str:
        """Return the words by which a person knows it."""
        return PurePath(self.path).name or self.folder

"""HTML that an object shows of itself -> words: its tables as Markdown, all else as plain text."""

from html.parser import HTMLParser

_MOST_ROWS, _MOST_COLUMNS = 40, 40
_LONGEST_CELL = 80  # characters
_SILENT = ("script", "style", "head", "template")
_BREAKS = ("p", "div", "br", "li", "tr", "table", "caption", "h1", "h2", "h3", "h4", "h5", "h6")


def words_of_html(html: str) -> str:
    """Return the words of HTML; of a long table the beginning.

    >>> words_of_html("<p>Two:</p><table><tr><th>a</th><th>b</th></tr><tr><td>1</td></tr></table>")
    'Two:\\n\\n| a | b |\\n|---|---|\\n| 1 | |'
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.words()


class _Reader(HTMLParser):
    """Gathers text, and the cells of the outermost tables."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = [""]
        self._rows: list[list[str]] = []
        self._depth = self._silent = 0
        self._wide = 1  # columns of the cell that is read

    def words(self) -> str:
        self._end_table()
        lines = [" ".join(line.split()) for part in self._parts for line in _lines(part)]
        kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
        return "\n".join(kept).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._depth += 1
        elif self._depth and tag == "tr":
            self._rows.append([])
        elif self._depth and tag in ("td", "th") and self._rows:
            told = dict(attrs).get("colspan") or "1"
            self._wide = min(int(told), _MOST_COLUMNS) if told.isdecimal() else 1
            self._rows[-1].append("")
        if tag in _BREAKS and not self._depth:
            self._parts[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "table" and self._depth:
            self._depth -= 1
            if not self._depth:
                self._end_table()
        elif self._depth and tag in ("td", "th") and self._rows and self._rows[-1]:
            self._rows[-1] += [""] * (self._wide - 1)
            self._wide = 1

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._depth and self._rows and self._rows[-1]:
            cells = self._rows[-1]
            cells[-1] += data
        elif not self._depth or data.strip():
            self._parts[-1] += data

    def _end_table(self) -> None:
        rows = [row for row in self._rows if row]
        self._rows = []
        if rows:
            self._parts += [f"\0{_table(rows)}", ""]


def _lines(part: str) -> list[str]:
    """A stretch of text in lines; a table stays what it is, with an empty line around."""
    return ["", *part[1:].split("\n"), ""] if part.startswith("\0") else part.split("\n")


def _table(rows: list[list[str]]) -> str:
    width = min(max(map(len, rows)), _MOST_COLUMNS)
    lines = [_line(row, width) for row in rows[:_MOST_ROWS]]
    left = len(rows) - _MOST_ROWS
    more = [f"| … {left:,} rows left out |"] if left > 0 else []
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:], *more])


def _line(row: list[str], width: int) -> str:
    cells = [_cell(text) for text in row[:width]]
    return "| " + " | ".join(cells + [""] * (width - len(cells))) + " |"


def _cell(text: str) -> str:
    words = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
    return words if len(words) <= _LONGEST_CELL else f"{words[: _LONGEST_CELL - 1]}…"

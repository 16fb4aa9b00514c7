"""What may stand in the HTML of an answer, and a reader that notes what does."""

from html.parser import HTMLParser

TAGS = {
    *("div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr", "br", "pre", "span"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"),
    *("a", "em", "strong", "s", "code"),
}
VOID = {"hr", "br"}
ATTRIBUTES = {
    "a": {"href", "target", "rel"},
    "div": {"class", "style"},
    "pre": {"style"},
    "span": {"class"},
    "li": {"style"},
    "ol": {"start"},
    "td": {"style"},
    "th": {"style"},
}
CLASSES = {"highlight", "k", "c", "s", "m", "ow", "mathjax_process tex2jax_process"}
STYLES = {
    *("text-align:left", "text-align:center", "text-align:right"),
    *("list-style:none", "overflow-x:auto"),
}


class Reader(HTMLParser):
    """Notes what is not allowed, and the formulas and links it meets."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element must be known, and so must be what it carries."""
        if tag not in VOID:
            self.open.append(tag)
        if tag not in TAGS:
            self.wrong.append(f"<{tag}>")
        self.wrong += [
            f"{name}={value}" for name, value in attrs if not self._allows(tag, name, value)
        ]

    def _allows(self, tag: str, name: str, value: str | None) -> bool:
        if name not in ATTRIBUTES.get(tag, ()) or value is None:
            return False
        if name == "href":
            self.links.append(value)
            return value.lower().startswith(("http://", "https://", "mailto:"))
        if name == "style":
            return value in STYLES or tag == "pre"
        return name != "class" or value in CLASSES

    def handle_endtag(self, tag: str) -> None:
        """Elements close in the order they opened, so that nothing leaves the output."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        """There are none."""
        self.wrong.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def wrong_in(html: str) -> list[str]:
    """Everything in `html` that must not be there."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.wrong + reader.open


def links_in(html: str) -> list[str]:
    """Where the links of `html` lead."""
    reader = Reader()
    reader.feed(html)
    return reader.links

"""Request -> true sentences about what arrived, which the practice model tells."""

from collections.abc import Iterator, Sequence

from claude_magic.content.counting import counted
from claude_magic.content.wire import Json
from claude_magic.practice import sight
from claude_magic.practice.reading import (
    Placed,
    of_kind,
    offered,
    placed,
    question,
    questions,
    text_of,
    words,
)


def facts(body: Json) -> list[str]:
    """What arrived, a sentence each, the question first."""
    return [
        _question_fact(body),
        *_conversation_facts(body),
        *_system_facts(body),
        *picture_facts(body),
        *_document_facts(body),
        *_tool_facts(body),
        *_setting_facts(body),
    ]


def excerpt(text: str, most: int = 10) -> str:
    """The first words of a text in quotation marks, on one line, marks of Markdown left out."""
    said = words(text)
    return f"“{' '.join(said[:most])}{' …' if len(said) > most else ''}”"


def listed(names: Sequence[str]) -> str:
    """Names in a row.

    >>> listed(["red", "blue", "white"])
    'red, blue and white'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _question_fact(body: Json) -> str:
    asked = question(body)
    return f"Your question has {counted(len(words(asked)), 'word')}: {excerpt(asked)}."


def _conversation_facts(body: Json) -> Iterator[str]:
    asked = questions(body)
    turns = len(asked)
    if turns <= 1:
        yield "It is the first turn of this conversation."
        return
    yield (
        f"This is turn {turns} of our conversation ({counted(len(body['messages']), 'message')} "
        f"arrived). It began with {excerpt(asked[0])}; "
        f"before this you asked {excerpt(asked[-2])}."
    )


def _system_facts(body: Json) -> Iterator[str]:
    if system := text_of(body.get("system")):
        length = counted(len(words(system)), "word")
        yield f"A system prompt of {length} came along: {excerpt(system, 8)}."


def picture_facts(body: Json) -> Iterator[str]:
    """A sentence for each picture of the last messages, and the count of the earlier ones."""
    pictures = of_kind(body["messages"], "image")
    recent = [one for one in pictures if is_recent(body, one)]
    if earlier := len(pictures) - len(recent):
        yield f"{counted(earlier, 'image')} came in earlier turns."
    for number, one in enumerate(recent, start=1):
        yield f"Image {number} {_seen(one.block['source'])}."


def is_recent(body: Json, one: Placed) -> bool:
    """Return whether a block arrived after Claude's last answer."""
    roles = [message["role"] for message in body["messages"]]
    answers = [n for n, role in enumerate(roles[:-1]) if role == "assistant"]
    return int(one.path.split(".")[1]) > (answers[-1] if answers else -1)


def _seen(source: Json) -> str:
    if source["type"] != "base64":
        where = "behind a URL" if source["type"] == "url" else "an uploaded file"
        return f"is {where}: a practice model without a network cannot look at it"
    data = sight.decode(source["data"]) or b""
    picture = sight.glance(data)
    if picture is None:
        return "could not be read"
    size = f"{picture.width} \u00d7 {picture.height} pixels"
    kind = picture.media_type.removeprefix("image/").upper()
    shades = sight.colours(data)
    look = f"mostly {listed(shades)}" if shades else "of no colour that stands out"
    return f"is a {kind} of {size}, {look}"


def _document_facts(body: Json) -> Iterator[str]:
    for one in placed(body["messages"]):
        if one.kind == "document" and is_recent(body, one):
            title = one.block.get("title")
            yield f"A document{f' called {excerpt(title)}' if title else ''} {_held(one.block)}."


def _held(document: Json) -> str:
    match document["source"]:
        case {"type": "text", "data": str(data)}:
            return f"holds {counted(len(words(data)), 'word')}, beginning {excerpt(data, 8)}"
        case {"type": "content", "content": content}:
            text = text_of(content)
            return f"holds {counted(len(words(text)), 'word')}, beginning {excerpt(text, 8)}"
        case {"type": "base64", "data": str(data)}:
            return f"is a PDF of {counted(len(data) * 3 // 4, 'byte')}, which I do not open"
        case _:
            return "is elsewhere: a practice model without a network cannot read it"


def _tool_facts(body: Json) -> Iterator[str]:
    names = [f"`{tool['name']}`" for tool in offered(body)]
    if names:
        yield f"{counted(len(names), 'tool')} may be called: {listed(names)}."
    if others := len(body.get("tools") or ()) - len(names):
        yield f"{counted(others, 'server tool')} came along; a practice model has no server."


def _setting_facts(body: Json) -> Iterator[str]:
    """Settings that shape the answer."""
    if (temperature := body.get("temperature")) is not None:
        yield f"The temperature is {temperature}; a practice model always says the same."
    if effort := (body.get("output_config") or {}).get("effort"):
        yield f"The effort asked for is {effort}."
    if stops := body.get("stop_sequences"):
        yield f"{counted(len(stops), 'stop sequence')} may end this answer early."

"""Claims about a request's pictures: always within the API's limits, always the same bytes."""

import base64
import io
from typing import Any

import pytest
from encode.given_pictures import drawing, noise, saved
from PIL import Image

from claude_magic.encode.fitting import Fitter
from claude_magic.encode.sight import SHARP, USUAL, fitted, visual_tokens
from claude_magic.errors import BadInput

# Messages API, vision: the size that comes, the size and tokens that each tier keeps.
TABLE = [
    ((1000, 1000), (1000, 1000), 1296, (1000, 1000), 1296),
    ((1920, 1080), (1456, 819), 1560, (1920, 1080), 2691),
    ((2000, 1500), (1269, 952), 1564, (2000, 1500), 3888),
    ((3840, 2160), (1456, 819), 1560, (2576, 1449), 4784),
    ((1075, 1520), (924, 1307), 1551, (1075, 1520), 2145),
]


@pytest.mark.parametrize(("size", "usual", "usual_tokens", "sharp", "sharp_tokens"), TABLE)
def test_sizes_and_tokens_are_those_of_the_documentation(
    size: Any, usual: Any, usual_tokens: int, sharp: Any, sharp_tokens: int
) -> None:
    assert (fitted(size, *USUAL), visual_tokens(usual)) == (usual, usual_tokens)
    assert (fitted(size, *SHARP), visual_tokens(sharp)) == (sharp, sharp_tokens)


def block(image: Image.Image, kind: str = "PNG") -> dict[str, Any]:
    data = base64.b64encode(saved(image, kind)).decode()
    source = {"type": "base64", "media_type": f"image/{kind.lower()}", "data": data}
    return {"type": "image", "source": source}


def asking(*contents: list[dict[str, Any]]) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": one} for one in contents]}


def sizes(body: Any) -> list[tuple[int, int]]:
    return [
        Image.open(io.BytesIO(base64.b64decode(block["source"]["data"]))).size
        for message in body["messages"]
        for block in message["content"]
        if block["type"] == "image"
    ]


def test_a_crowd_of_pictures_is_made_smaller() -> None:
    """More than twenty in a request: at most 2000 pixels a side."""
    wide = block(drawing((2500, 100)))
    assert sizes(Fitter().fit(asking([wide] * 20), SHARP)) == [(2500, 100)] * 20
    assert sizes(Fitter().fit(asking([wide] * 21), SHARP)) == [(2000, 80)] * 21


def test_pictures_in_tool_results_count_and_are_fitted() -> None:
    inner = {"type": "tool_result", "tool_use_id": "t", "content": [block(drawing((4000, 400)))]}
    body = Fitter().fit(asking([inner]), USUAL)
    assert sizes({"messages": [{"content": body["messages"][0]["content"][0]["content"]}]}) == [
        (1568, 157)
    ]


def test_the_oldest_pictures_give_way_to_a_line_of_text() -> None:
    """The question's own stay, and what is left is within the limit."""
    pictures = [block(noise((300, 200)), "PNG") for _ in range(3)]
    size = len(pictures[0]["source"]["data"])
    body = asking(*[[picture] for picture in pictures])
    fit = Fitter(largest=int(2.5 * size)).fit(body, USUAL)
    first, *others = [message["content"][0] for message in fit["messages"]]
    assert first["type"] == "text"
    assert "left out" in first["text"]
    assert [other["type"] for other in others] == ["image", "image"]
    assert sizes(body) == [(300, 200)] * 3  # the conversation keeps them all


def test_a_question_too_large_by_itself_is_refused() -> None:
    picture = block(noise((300, 200)))
    with pytest.raises(BadInput, match="too large"):
        Fitter(largest=1000).fit(asking([picture]), USUAL)


def test_documents_too_large_together_are_refused() -> None:
    """Each alone may fit; without pictures too."""
    source = {"type": "text", "media_type": "text/plain", "data": "word " * 200}
    document = {"type": "document", "source": source}
    fitter = Fitter(largest=2_000)

    assert fitter.fit(asking([document]), USUAL) == asking([document])
    with pytest.raises(BadInput, match="too large"):
        fitter.fit(asking([document], [document]), USUAL)


def test_words_too_large_are_refused() -> None:
    """Counted as they travel: three bytes for a sign, not six."""
    words = asking([{"type": "text", "text": "日" * 500}])
    assert Fitter(largest=2_000).fit(words, USUAL) == words
    with pytest.raises(BadInput, match="too large"):
        Fitter(largest=1_500).fit(words, USUAL)


def test_of_too_many_pictures_the_oldest_give_way() -> None:
    fit = Fitter().fit(asking([block(drawing())] * 3, [block(drawing())]), USUAL, most=2)
    kinds = [one["type"] for message in fit["messages"] for one in message["content"]]
    assert kinds == ["text", "text", "image", "image"]


def test_what_was_sent_in_an_exchange_stays_and_new_pictures_give_way() -> None:
    """Thinking that answered it goes back with it, and is bound to it as it was."""
    wide, small = block(drawing((2500, 100))), block(drawing())
    fitter = Fitter()

    def brought(first: int, picture: Any, new: int, **limits: Any) -> tuple[Any, Any]:
        before = fitter.fit(asking([picture] * first), SHARP)
        more = {**before, "messages": [*before["messages"], *asking([picture] * new)["messages"]]}
        fit = fitter.fit(more, SHARP, **limits, sent=1)
        assert fit["messages"][0] == before["messages"][0]
        return fit, [one["type"] for one in fit["messages"][1]["content"]]

    crowd, kinds = brought(19, wide, 3)
    assert (kinds, sizes(crowd)) == (["image", "text", "text"], [(2500, 100)] * 20)
    assert brought(19, small, 3)[1] == ["image"] * 3
    assert brought(21, wide, 3)[1] == ["image"] * 3
    assert brought(3, small, 3, most=5)[1] == ["image", "image", "text"]
    fitter.largest = 4 * len(small["source"]["data"]) + 1_000
    assert brought(3, small, 2)[1].count("image") == 1


@pytest.mark.parametrize("data", ["AAAA", "no base64!!", ""])
def test_a_damaged_picture_of_an_earlier_turn_blocks_no_question(data: str) -> None:
    """As one of a conversation that was taken in from a file."""
    damaged = {"type": "base64", "media_type": "image/png", "data": data}
    fit = Fitter().fit(asking([{"type": "image", "source": damaged}], [block(drawing())]), SHARP)
    words, picture = (message["content"][0] for message in fit["messages"])
    assert "damaged" in words["text"]
    assert picture["type"] == "image"


def test_a_question_with_too_many_pictures_of_its_own_is_refused() -> None:
    """None of them may give way without a word."""
    with pytest.raises(BadInput, match="3 pictures, and the model takes 2 at once"):
        Fitter().fit(asking([block(drawing())] * 3), USUAL, most=2)


def test_the_same_picture_is_fitted_once_and_to_the_same_bytes() -> None:
    fitter = Fitter()
    body = asking([block(drawing((3000, 2000)))])
    first, again = fitter.fit(body, USUAL), fitter.fit(body, USUAL)
    a, b = (one["messages"][0]["content"][0]["source"] for one in (first, again))
    assert a is b


def test_a_kept_picture_comes_back_from_where_it_is_kept() -> None:
    data = saved(drawing(), "PNG")
    kept = {"type": "kept", "media_type": "image/png", "hash": "h", "width": 300, "height": 200}
    fit = Fitter({"h": data}.__getitem__).fit(asking([{"type": "image", "source": kept}]), USUAL)
    assert base64.b64decode(fit["messages"][0]["content"][0]["source"]["data"]) == data
    with pytest.raises(BadInput, match="no longer in the store"):
        Fitter().fit(asking([{"type": "image", "source": kept}]), USUAL)


def test_addresses_files_and_words_stay_as_they_are() -> None:
    body = asking(
        [
            {"type": "image", "source": {"type": "url", "url": "https://a.org/b.png"}},
            {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
            {"type": "text", "text": "What?"},
        ]
    )
    assert Fitter().fit(body, USUAL) == body

"""A turn -> what the page shows of it."""

from claude_magic.api.estimate import estimated_tokens
from claude_magic.content.blocks import Image, Opaque, Text, write_block
from claude_magic.content.history import goes_along
from claude_magic.content.look import Look
from claude_magic.content.message import Message, Usage, write_message
from claude_magic.content.money import dollars
from claude_magic.content.turn import PANEL, Conversation, Turn, new_id
from claude_magic.content.window import standing
from claude_magic.content.wire import Json
from claude_magic.encode.thumbnail import thumbnail
from claude_magic.panel.attachments import name_of
from claude_magic.render.answer import piece_html
from claude_magic.render.notices import notices, output
from claude_magic.render.pieces import pieces_of


def shown(turn: Turn) -> Json:
    """Return a turn as the page takes it; only its `html` is markup."""
    question = turn.messages[0] if turn.messages[0].role == "user" else None
    return {
        "id": turn.id,
        "asked": turn.asked,
        "cell": bool(turn.cell) and not is_panels(turn.cell),
        "question": question and shown_question(question),
        "answer": None if turn.answer is question else shown_answer(turn),
        "left_out": not goes_along(turn),
    }


def panel_cell() -> str:
    """Return what a question of the panel stands in, so that it can be asked again there."""
    return f"{PANEL}{new_id()}"


def is_panels(cell: str) -> bool:
    """Whether a turn's cell is none of the notebook: the panel asked it."""
    return cell.startswith(PANEL)


def shown_question(question: Message) -> Json:
    """Return a question: its words, its pictures small, its documents by name."""
    return {
        "text": "\n\n".join(words_in(question)),
        "pictures": [_picture(block) for block in question.content if isinstance(block, Image)],
        "documents": [name_of(b.json) for b in question.content if isinstance(b, Opaque)],
    }


def words_in(question: Message) -> list[str]:
    """Return the words of each text block that has some."""
    texts = (block.text.strip() for block in question.content if isinstance(block, Text))
    return list(filter(None, texts))


def words_again(question: Message) -> str:
    r"""Return its words as they can be typed: what was filled in is not evaluated again.

    >>> words_again(Message("user", (Text("What is {{ 1 }}?"),)))
    'What is \\{{ 1 }}?'
    """
    return "\n\n".join(words_in(question)).replace("{{", "\\{{")


def shown_answer(turn: Turn, *, whole: bool = True) -> Json:
    """Return an answer; without `html` unless `whole`, where the page has seen it grow."""
    look = look_of(turn)
    told = {"notes": notices(look), "meta": _meta(look, turn.cost)}
    return {**told, "html": html_of(look)} if whole else told


def html_of(look: Look) -> str:
    """Return all of an answer as HTML that runs nothing."""
    return "".join(piece_html(piece) for piece in pieces_of(look))


def look_of(turn: Turn) -> Look:
    """Return the answer of a turn as it was last looked at."""
    return Look(
        *(0, turn.whole, 0.0),
        ending=turn.ending,
        messages=turn.messages[turn.messages[0].role == "user" :],
    )


def advice(hint: str) -> str:
    """Return what an error advises, to one who asked in the panel and not in a cell.

    >>> advice("Wait a minute, then run the cell again.")
    'Wait a minute, then ask again.'
    """
    return hint.replace("Run the cell again", "Ask again").replace(
        "run the cell again", "ask again"
    )


def foot(conversation: Conversation, context: int) -> Json:
    """Return what a conversation took: tokens, US dollars, and how full a context of so many is."""
    asked = [turn for turn in conversation.turns if not turn.synthetic]
    usages = [turn.whole.usage for turn in asked]
    costs = [turn.cost for turn in asked]
    known = None not in costs
    total = sum(cost for cost in costs if cost is not None)
    used = (_held(asked[-1].answer.usage) if asked else 0) or _estimated(conversation)
    return {
        "turns": len(conversation.turns),
        "input": sum(usage.whole_input for usage in usages),
        "output": sum(usage.output_tokens for usage in usages),
        "cost": dollars(total) if known and costs else "",
        "used": used,
        "context": context,
    }


def _estimated(conversation: Conversation) -> int:
    """About the tokens that the next request carries, where no server has counted them."""
    messages = [message for turn in standing(conversation.turns) for message in turn.messages]
    return estimated_tokens([write_message(message) for message in messages]) if messages else 0


def _held(usage: Usage) -> int:
    """The tokens that the next request carries on from the last."""
    return usage.whole_input + usage.output_tokens


def _meta(look: Look, cost: float | None) -> str:
    if not look.message.model:
        return ""
    price = "" if cost is None else dollars(cost)
    counts = f"{look.message.usage.whole_input:,} in", output(look)
    return " · ".join(filter(None, (look.message.model, *counts, price)))


def _picture(block: Image) -> Json:
    return {"small": thumbnail(block.source), "name": name_of(write_block(block))}

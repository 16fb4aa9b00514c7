"""Turns <-> rows."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any, NamedTuple

from claude_magic.content.message import Message, read_message, write_response
from claude_magic.content.turn import Ending, Turn
from claude_magic.store.values import is_text

TURN = "number, id, position, ended, cell, cell_number, hidden, asked, cost, about"
_OWN = {"messages", "ending", "id", "cell", "number", "hidden", "asked", "cost"}
_ABOUT = tuple(field.name for field in fields(Turn) if field.name not in _OWN)


class Placed(NamedTuple):
    """A turn as it is kept: where it stands, and whether its answer came to an end."""

    position: int
    ended: bool
    turn: Turn


def about(turn: Turn) -> str:
    """Return as JSON what is known of a turn beside its messages and its place."""
    known = {name: getattr(turn, name) for name in _ABOUT if getattr(turn, name)}
    return json.dumps({"ending": turn.ending, **known})


def body(message: Message) -> str:
    """Return the JSON of a message."""
    json_of = write_response(message)
    text = json.dumps(json_of, ensure_ascii=False, separators=(",", ":"), default=str)
    # Half of a surrogate pair is no text to SQLite.
    return text if is_text(text) else json.dumps(json_of, separators=(",", ":"), default=str)


def turn_of(row: Sequence[Any], bodies: Iterable[str]) -> Placed:
    """Return the turn of a row with the columns `TURN`.

    One that did not end broke off: its kernel is gone, or another is still at it.
    """
    _, id_, position, ended, cell, cell_number, hidden, asked, cost, about_ = row
    known = json.loads(about_)
    turn = Turn(
        tuple(read_message(json.loads(text)) for text in bodies),
        ending=Ending(known.pop("ending", Ending.COMPLETE)) if ended else Ending.CUT,
        id=id_,
        cell=cell,
        number=cell_number,
        hidden=bool(hidden),
        asked=asked,
        cost=cost,
        **{name: known[name] for name in _ABOUT if name in known},
    )
    return Placed(position, bool(ended), turn)


def in_order(found: Iterable[Placed]) -> tuple[Turn, ...]:
    """Return the turns of a conversation by their position.

    Where one was being asked again, it stands there as far as it came; if nothing came, the old
    one stays.
    """
    places = groupby(found, key=lambda placed: placed.position)
    return tuple(_standing(list(group)).turn for _, group in places)


def read_turns(rows: sqlite3.Connection, conversation: str) -> list[Placed]:
    """Return the turns of a conversation as they are kept, by position and age."""
    turns = rows.execute(
        f"SELECT {TURN} FROM turns WHERE conversation = ? ORDER BY position, number",
        (conversation,),
    ).fetchall()
    bodies: dict[int, list[str]] = {}
    for number, text in rows.execute(
        "SELECT turn, body FROM messages WHERE turn IN (SELECT number FROM turns "
        "WHERE conversation = ?) ORDER BY turn, number",
        (conversation,),
    ):
        bodies.setdefault(number, []).append(text)
    return [turn_of(row, bodies[row[0]]) for row in turns if row[0] in bodies]


def _standing(group: list[Placed]) -> Placed:
    came = [one for one in group if one.ended or _answered(one.turn)]
    return (came or group)[-1]


def _answered(turn: Turn) -> bool:
    return any(message.role == "assistant" and message.content for message in turn.messages)

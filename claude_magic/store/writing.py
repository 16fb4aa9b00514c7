"""What is written, each within a transaction that is already begun."""

import time
from collections.abc import Collection, Mapping, Sequence
from sqlite3 import Connection

from claude_magic.content.kept import hashes_in
from claude_magic.content.message import Message
from claude_magic.content.turn import Turn
from claude_magic.store.rows import about, body
from claude_magic.store.values import Heading, plain

Bytes = Mapping[str, bytes]


def write_turn(
    rows: Connection,
    heading: Heading,
    turn: Turn,
    *,
    instead_of: str = "",
    ended: bool = True,
    messages: Sequence[tuple[int, Message]] | None = None,
    data: Bytes,
) -> None:
    """Write a turn in the place of another, where it stands, or at the end.

    `messages`: those that changed, by their number; None: all. One that has ended takes the place
    of what stood there. `data`: the bytes of the hashes it names.
    """
    _write_heading(rows, heading)
    position = _position(rows, heading.id, turn.id, instead_of)
    number = _write_row(rows, heading.id, turn, position, ended)
    changed = list(enumerate(turn.messages)) if messages is None else messages
    rows.executemany(
        "INSERT OR REPLACE INTO messages VALUES (?, ?, ?)",
        [(number, place, body(message)) for place, message in changed],
    )
    for _, message in changed:
        _write_bytes(rows, number, hashes_in(message), data)
    if ended:
        rows.execute(
            "DELETE FROM messages WHERE turn = ? AND number >= ?", (number, len(turn.messages))
        )
        others = rows.execute(
            "SELECT id FROM turns WHERE conversation = ? AND position = ? AND id <> ?",
            (heading.id, position, turn.id),
        ).fetchall()
        remove_turns(rows, [one for (one,) in others])


def restore(rows: Connection, heading: Heading, turns: Sequence[Turn], data: Bytes) -> None:
    """Write the turns of a conversation that the file does not hold."""
    for turn in turns:
        if not rows.execute("SELECT 1 FROM turns WHERE id = ?", (turn.id,)).fetchone():
            write_turn(rows, heading, turn, data=data)


def remove_turns(rows: Connection, ids: Collection[str]) -> None:
    """Remove turns, and the bytes that no other turn uses."""
    marks = _marks(ids)
    hashes = [
        name
        for (name,) in rows.execute(
            "SELECT DISTINCT hash FROM uses WHERE turn IN "
            f"(SELECT number FROM turns WHERE id IN ({marks}))",
            tuple(ids),
        )
    ]
    rows.execute(f"DELETE FROM turns WHERE id IN ({marks})", tuple(ids))
    _remove_unused(rows, hashes)


def drop_growing(rows: Connection, turn: str) -> None:
    """Remove a turn of which nothing came."""
    found = rows.execute("SELECT 1 FROM turns WHERE id = ? AND NOT ended", (turn,)).fetchone()
    if found:
        remove_turns(rows, [turn])


def hide_turns(rows: Connection, conversation: str, ids: Collection[str], hidden: bool) -> None:
    """Hide turns, or show them again."""
    rows.execute(f"UPDATE turns SET hidden = ? WHERE id IN ({_marks(ids)})", (int(hidden), *ids))
    _grown(rows, conversation)


def place_turn(rows: Connection, conversation: str, turn: Turn) -> None:
    """Let a turn stand at its cell."""
    rows.execute(
        "UPDATE turns SET cell = ?, cell_number = ? WHERE id = ?",
        (plain(turn.cell), turn.number, turn.id),
    )
    _grown(rows, conversation)


def head(rows: Connection, heading: Heading) -> None:
    """Write the name and state of a conversation that is kept; of others nothing is known yet."""
    rows.execute(
        "UPDATE conversations SET name = ?, closed = ?, went_on = ?, used = ?, "
        "version = version + 1 WHERE id = ?",
        (plain(heading.name), heading.closed, heading.went_on, heading.used, heading.id),
    )


def remove_conversations(rows: Connection, ids: Collection[str]) -> None:
    """Remove conversations with all that is theirs, and the bytes that no other uses."""
    for one in ids:
        turns = rows.execute("SELECT id FROM turns WHERE conversation = ?", (one,)).fetchall()
        for start in range(0, len(turns), 500):  # SQLite takes so many values at once
            remove_turns(rows, [turn for (turn,) in turns[start : start + 500]])
        rows.execute("DELETE FROM conversations WHERE id = ?", (one,))
    rows.execute("DELETE FROM notebooks WHERE id NOT IN (SELECT notebook FROM conversations)")


def retain(
    rows: Connection, days: float | None, megabytes: float | None, spare: Collection[str]
) -> None:
    """Remove the conversations that were asked in last before so many days, and the oldest beyond a
    size; none of `spare`.
    """
    known = rows.execute(
        "SELECT c.id, coalesce(max(t.asked), 0) AS last FROM conversations c "
        "LEFT JOIN turns t ON t.conversation = c.id GROUP BY c.id ORDER BY last"
    ).fetchall()
    for one, last in known:
        old = days is not None and last < time.time() - days * 86_400
        large = megabytes is not None and _size(rows) > megabytes * 1e6
        if (old or large) and one not in spare:
            remove_conversations(rows, [one])
    rows.execute("PRAGMA incremental_vacuum").fetchall()


def _size(rows: Connection) -> int:
    """The bytes that are in use."""
    pages, free, size = (
        rows.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def version_of(rows: Connection, conversation: str) -> int:
    """Return the version of a conversation; 0 where it is not kept."""
    found = rows.execute("SELECT version FROM conversations WHERE id = ?", (conversation,))
    return int((found.fetchone() or (0,))[0])


def _write_heading(rows: Connection, heading: Heading) -> None:
    _write_notebook(rows, heading)
    rows.execute(
        "INSERT INTO conversations VALUES (?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (id) DO UPDATE SET "
        "went_on = max(went_on, excluded.went_on), used = max(used, excluded.used), "
        "version = version + 1",
        (
            *(heading.id, plain(heading.notebook), heading.answers, plain(heading.name)),
            *(int(heading.closed), int(heading.went_on), heading.used),
        ),
    )


def _write_notebook(rows: Connection, heading: Heading) -> None:
    known = heading.known
    rows.execute(
        "INSERT INTO notebooks VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "kernel = excluded.kernel, path = excluded.path, folder = excluded.folder, "
        "seen = excluded.seen",
        (
            *(plain(heading.notebook), known.kernel, plain(known.path)),
            *(plain(known.folder), time.time()),
        ),
    )


def _position(rows: Connection, conversation: str, turn: str, instead_of: str) -> int:
    """Where a turn stands: in the place of the other, where it is, or at the end."""
    for one in filter(None, (instead_of, turn)):
        found = rows.execute(
            "SELECT position FROM turns WHERE id = ? AND conversation = ?", (one, conversation)
        ).fetchone()
        if found:
            return int(found[0])
    last = rows.execute(
        "SELECT max(position) FROM turns WHERE conversation = ?", (conversation,)
    ).fetchone()
    return (last[0] or 0) + 1


def _write_row(rows: Connection, conversation: str, turn: Turn, position: int, ended: bool) -> int:
    rows.execute(
        "INSERT INTO turns (id, conversation, position, ended, cell, cell_number, hidden, asked, "
        "cost, about) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "position = excluded.position, ended = excluded.ended, cell = excluded.cell, "
        "cell_number = excluded.cell_number, hidden = excluded.hidden, cost = excluded.cost, "
        "about = excluded.about",
        (
            *(turn.id, conversation, position, int(ended), plain(turn.cell), turn.number),
            *(int(turn.hidden), turn.asked, turn.cost, about(turn)),
        ),
    )
    found = rows.execute("SELECT number FROM turns WHERE id = ?", (turn.id,)).fetchone()
    return int(found[0])


def _write_bytes(rows: Connection, number: int, hashes: Collection[str], data: Bytes) -> None:
    for name in hashes:
        if name in data:
            rows.execute("INSERT OR IGNORE INTO bytes VALUES (?, ?)", (name, data[name]))
        rows.execute("INSERT OR IGNORE INTO uses VALUES (?, ?)", (name, number))


def _remove_unused(rows: Connection, hashes: Collection[str]) -> None:
    for name in hashes:
        rows.execute(
            "DELETE FROM bytes WHERE hash = ? AND NOT EXISTS "
            "(SELECT 1 FROM uses WHERE uses.hash = bytes.hash)",
            (name,),
        )


def _grown(rows: Connection, conversation: str) -> None:
    rows.execute("UPDATE conversations SET version = version + 1 WHERE id = ?", (conversation,))


def _marks(ids: Collection[str]) -> str:
    return ", ".join("?" * len(ids))

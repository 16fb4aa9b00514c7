"""The tables, and the steps that bring a file of an earlier version to this one.

A step that was released is never changed: the next version is a step more, and `tests/store` holds
a file of each released version.
"""

import sqlite3

from claude_magic.store.trouble import Newer

STEPS = (
    """
    CREATE TABLE notebooks (
        id TEXT PRIMARY KEY,
        kernel TEXT NOT NULL,      -- the id its kernel had last
        path TEXT NOT NULL,        -- where its file was last
        folder TEXT NOT NULL,      -- of a terminal
        seen REAL NOT NULL         -- when it was last written to; Unix seconds, as all times here
    );
    CREATE INDEX notebooks_by_kernel ON notebooks (kernel);
    CREATE INDEX notebooks_by_path ON notebooks (path);
    CREATE TABLE conversations (
        id TEXT PRIMARY KEY,
        notebook TEXT NOT NULL REFERENCES notebooks ON DELETE CASCADE,
        answers TEXT NOT NULL,     -- who answers in it: "" Claude, "practice", "replay"
        name TEXT NOT NULL,
        closed INTEGER NOT NULL,   -- goes on only when it is asked for
        went_on INTEGER NOT NULL,  -- questions went to it without its name
        used REAL NOT NULL,        -- since when questions go to it; 0: never
        version INTEGER NOT NULL   -- grows with each change
    );
    CREATE INDEX conversations_by_notebook ON conversations (notebook);
    CREATE TABLE turns (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
        position INTEGER NOT NULL, -- one that is asked again has that of the old turn as it grows
        ended INTEGER NOT NULL,
        cell TEXT NOT NULL,
        cell_number INTEGER NOT NULL,
        hidden INTEGER NOT NULL,
        asked REAL NOT NULL,
        cost REAL,                 -- US dollars
        about TEXT NOT NULL        -- JSON: what else is known of it
    );
    CREATE INDEX turns_in_order ON turns (conversation, position);
    CREATE INDEX turns_by_cell ON turns (cell);
    CREATE TABLE messages (
        turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE,
        number INTEGER NOT NULL,
        body TEXT NOT NULL,        -- JSON of the Messages API, its bytes named by their hash
        PRIMARY KEY (turn, number)
    );
    CREATE TABLE bytes (
        hash TEXT PRIMARY KEY,     -- SHA-256
        data BLOB NOT NULL
    );
    CREATE TABLE uses (
        hash TEXT NOT NULL,
        turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE,
        PRIMARY KEY (hash, turn)
    ) WITHOUT ROWID;
    CREATE INDEX uses_by_turn ON uses (turn);
    """,
)
VERSION = len(STEPS)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a file to this version, all at once or not at all.

    Raises
    ------
    Newer: a later version of this package made the file.
    sqlite3.Error: it cannot be read or written.
    """
    version = _version(connection)
    if version == VERSION:
        return
    if version > VERSION:
        raise Newer
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # counts only before the first table
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # another kernel may have been faster
        for step in STEPS[version:]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(step: str) -> list[str]:
    """The statements of a step; `executescript` would commit what is before it."""
    lines = (line.partition("--")[0].rstrip() for line in step.splitlines())
    return [one for one in "\n".join(lines).split(";") if one.strip()]

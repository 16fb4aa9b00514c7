"""Processes that talk as the engine does, and are killed while they talk.

`python talking.py kill FOLDER LANES KILLS`: in each lane one process after another goes on with the
conversation of a notebook until it is killed at a random moment; what was on screen more than a
second before must be kept, and the next goes on. `python talking.py talk FOLDER NAME TURNS` puts
so many turns into a conversation that others put theirs into.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from claude_magic.content.blocks import Text
from claude_magic.content.message import Message
from claude_magic.content.notebook import Notebook
from claude_magic.content.turn import Turn, new_id
from claude_magic.conversations import Conversations
from claude_magic.holding import Space
from claude_magic.store.store import Store

SAFE = 1.0  # seconds after which what is on screen must be kept


def conversations_in(home: Path) -> Conversations:
    """The conversations of one notebook, as a kernel finds them."""
    found = Conversations(store=Store(home))
    notebook = Notebook(kernel="k", path="/n.ipynb", key="/n.ipynb")
    found.enter(Space(found.notebook_id(notebook)))
    return found


def turn_of(question: str, answer: str, turn: str = "") -> Turn:
    messages = Message("user", (Text(question),)), Message("assistant", (Text(answer),))
    return Turn(messages, id=turn or new_id())


def chatter(home: Path, screen: int) -> None:
    """Ask and answer without end; each word is noted on `screen` when it is seen."""
    at = conversations_in(home)
    while True:
        words, turn = ["w0"], new_id()

        def now(words: list[str] = words, turn: str = turn) -> Turn:
            return turn_of("Go on?", " ".join(words), turn)

        at.grows(at.current.id, turn, now, None)
        for number in range(1, random.randrange(2, 120)):
            words.append(f"w{number}")
            os.write(screen, f"{json.dumps([time.time(), turn, number])}\n".encode())
            time.sleep(0.01)
        at.put(at.current.id, now())


def kill_one(home: Path) -> None:
    """Let one talk, kill it, and compare what was seen with what is kept."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        chatter(home, theirs)
    os.close(theirs)
    time.sleep(random.uniform(0.0, 2.0))
    killed = time.time()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(ours) as read:
        seen = [json.loads(line) for line in read]
    at = conversations_in(home)
    kept = {turn.id: len(turn.answer.text.split()) for turn in at.current.turns}
    at.close()
    for when, turn, number in seen:
        if when < killed - SAFE:
            assert kept.get(turn, 0) > number, (killed - when, number, kept.get(turn))


def kill(home: Path, lanes: int, kills: int) -> None:
    children = []
    for lane in range(lanes):
        child = os.fork()
        if child == 0:
            random.seed(lane)
            failed = 1
            try:
                for _ in range(kills):
                    kill_one(home / str(lane))
                failed = 0
            finally:
                os._exit(failed)
        children.append(child)
    if any([os.waitpid(child, 0)[1] for child in children]):
        sys.exit("something that was seen is lost")


def talk(home: Path, name: str, turns: int) -> None:
    at = conversations_in(home)
    for number in range(turns):
        at.put(at.current.id, turn_of(f"{name} {number}", "Yes."))
    at.close()


if __name__ == "__main__":
    what, folder, *more = sys.argv[1:]
    if what == "kill":
        kill(Path(folder), *map(int, more))
    else:
        talk(Path(folder), more[0], int(more[1]))

"""Claims about the file of conversations: what is in it, and what becomes of it."""

import base64
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from looking import FILE, until, words_in
from talking import conversations_in, turn_of

from claude_magic.content.blocks import Image, Opaque, Text
from claude_magic.content.message import Message
from claude_magic.content.notebook import Notebook
from claude_magic.content.turn import APPENDED, Ending, Place, Turn, new_id
from claude_magic.conversations import Conversations
from claude_magic.holding import Space
from claude_magic.store.home import home
from claude_magic.store.schema import VERSION
from claude_magic.store.store import Store
from claude_magic.ui.greeting import greeting

HERE = Path(__file__).parent
PICTURE = Image(
    {
        "type": "base64",
        "media_type": "image/png",
        "data": base64.b64encode(b"not many pixels" * 500).decode(),
    }
)

Open = Callable[[], Conversations]


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Open]:
    """Opens the same notebook's conversations, each time as a new kernel does."""
    opened: list[Conversations] = []

    def reopen() -> Conversations:
        if opened:
            opened[-1].close()
        opened.append(conversations_in(tmp_path))
        return opened[-1]

    yield reopen
    opened[-1].close()


def texts(at: Conversations) -> list[str]:
    return [turn.messages[0].text for turn in at.current.turns]


def script(*arguments: str) -> subprocess.Popen[bytes]:
    environ = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    return subprocess.Popen([sys.executable, str(HERE / "talking.py"), *arguments], env=environ)


def test_a_turn_comes_back_as_it_was(reopen: Open) -> None:
    """All that is known of it, whatever its blocks, half surrogates and the rest of the API."""
    question = Message("user", (Text("\ud83d half"), PICTURE, Text("Ünïcode \0 \U0001f600")))
    blocks = (Text("Yes."), Opaque({"type": "odd", "deep": [{"x": 1.5}]}))
    said = Message("assistant", blocks, id="msg_1", model="m", stop_reason="max_tokens")
    turn = Turn(
        *((question, said), Ending.INTERRUPTED, "digest", "req_1", 0.25),
        **{"cell": "c", "number": 2, "heard": "1:ab", "summary": True, "asked_for": "d"},
        asked_with={"max_tokens": 9, "stop_sequences": ["x"]},
    )
    at = reopen()
    at.put(at.current.id, turn)
    again = reopen()

    assert again.whole(again.current.turns) == (turn,)


def test_changes_come_back(reopen: Open) -> None:
    """What was asked again in its place, hidden, moved, taken out; and which conversation it is."""
    at = reopen()
    one, two, three, four = (replace(turn_of(name, "Yes."), cell=name) for name in "abcd")
    for turn in (one, two, three, four):
        at.put(at.current.id, turn)
    at.put(at.current.id, replace(turn_of("b, edited", "No."), cell="b"), two)
    at.hide(lambda turn, since: turn.id == three.id)
    at.remove(at.current.id, four)
    at.move(at.current.id, one, Place("z", 0))
    at.put(at.current.id, replace(turn_of("z again", "Yes."), cell="z"))
    before = at.current
    again = reopen()

    assert again.current == before
    assert texts(again) == ["a", "b, edited", "c", "z again"]
    assert [turn.number for turn in again.current.turns] == [APPENDED, 0, 0, 0]
    assert [turn.hidden for turn in again.current.turns] == [False, False, True, False]


def test_a_reset_conversation_can_be_had_back(reopen: Open) -> None:
    """Also by a later kernel."""
    at = reopen()
    at.put(at.current.id, turn_of("Old?", "Yes."))
    kept = at.reset()
    at.put(at.current.id, turn_of("New?", "Yes."))
    at = reopen()
    assert texts(at) == ["New?"]

    old = at.named(kept)
    assert old
    at.use(old)
    assert texts(reopen()) == ["Old?"]


def test_what_was_being_asked_again_leaves_the_old_answer_until_words_come(reopen: Open) -> None:
    """A kernel that dies before them loses nothing; after them, what came stands there."""
    at = reopen()
    old = replace(turn_of("Old?", "Yes."), cell="c")
    at.put(at.current.id, old)
    said = [""]

    def now() -> Turn:
        answer = Message("assistant", (Text(said[0]),) if said[0] else ())
        return replace(old, messages=(Message("user", (Text("New?"),)), answer), id="new")

    at.grows(at.current.id, "new", now, old)
    until(lambda: "New?" in words_in(at.store.path.parent))
    other = conversations_in(at.store.path.parent)
    assert texts(other) == ["Old?"]
    other.close()
    said[0] = "Half"
    until(lambda: "Half" in words_in(at.store.path.parent))
    other = conversations_in(at.store.path.parent)

    assert texts(other) == ["New?"]
    assert other.current.turns[0].ending is Ending.CUT
    other.put(
        other.current.id, replace(turn_of("Newest?", "Yes."), cell="c"), other.current.turns[0]
    )
    other.close()
    assert texts(reopen()) == ["Newest?"]


def test_bytes_are_kept_once_and_not_held(reopen: Open, tmp_path: Path) -> None:
    """Three turns with one picture; what is in memory names it, what is sent has it."""
    at = reopen()
    for _ in range(3):
        asked = Message("user", (PICTURE, Text("What is it?")))
        at.put(at.current.id, Turn((asked, Message("assistant", (Text("A plot."),)))))
    at.settle()
    with closing(sqlite3.connect(tmp_path / FILE)) as rows:
        assert rows.execute("SELECT count(*) FROM bytes").fetchone() == (1,)

    for found in (at, reopen()):
        held = [block for turn in found.current.turns for block in turn.messages[0].content]
        assert all(block.source["type"] == "kept" for block in held if isinstance(block, Image))
        (whole,) = found.whole(found.current.turns[:1])
        assert whole.messages[0].content[0] == PICTURE


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """The file, those beside it, and the folder that was made for it."""
    at = conversations_in(tmp_path / "new" / "home")
    at.put(at.current.id, turn_of("Hi?", "Yes."))
    at.settle()
    found = [tmp_path / "new" / "home", *(tmp_path / "new" / "home").iterdir()]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in found}
    at.close()

    assert modes["home"] == 0o700
    assert set(modes.values()) == {0o700, 0o600}


def test_nothing_is_made_before_something_is_said(tmp_path: Path) -> None:
    """Nor is anything when it is said in private."""
    at = conversations_in(tmp_path)
    at.enter(Space(at.notebook_id(Notebook(kernel="k"))), private=True)
    at.put(at.current.id, turn_of("Hi?", "Yes."))
    at.settle()

    assert list(tmp_path.iterdir()) == []


def test_what_was_said_in_private_stays_here(reopen: Open) -> None:
    """Before and after it, all is kept."""
    at = reopen()
    space = Space(at.notebook_id(Notebook("k", "/n.ipynb", "/n.ipynb")))
    for number, private in enumerate((False, True, False)):
        at.enter(space, private=private)
        at.put(at.current.id, turn_of(f"{number}", "Yes."))
    assert texts(at) == ["0", "1", "2"]
    assert texts(reopen()) == ["0", "2"]


def test_killed_at_any_moment_nothing_seen_is_lost(tmp_path: Path) -> None:
    """A hundred times, at random moments; each time the next kernel goes on."""
    assert script("kill", str(tmp_path), "10", "10").wait() == 0


def test_eight_processes_write_at_once(tmp_path: Path) -> None:
    """Two hundred turns each into one conversation: all there, each one's in order."""
    at = conversations_in(tmp_path)
    at.put(at.current.id, turn_of("first 0", "Yes."))
    at.close()
    talking = [script("talk", str(tmp_path), f"p{n}", "200") for n in range(8)]
    assert [one.wait() for one in talking] == [0] * 8

    found = [text.split() for text in texts(conversations_in(tmp_path))]
    for name in (f"p{n}" for n in range(8)):
        assert [int(number) for who, number in found if who == name] == list(range(200))
    assert len(found) == 1601


def test_two_kernels_hear_each_other(reopen: Open, tmp_path: Path) -> None:
    """What one has written, the other has when it asks next; what it has renamed, too."""
    first, second = reopen(), conversations_in(tmp_path)
    space = Space(first.notebook_id(Notebook("k", "/n.ipynb", "/n.ipynb")))
    first.put(first.current.id, turn_of("One?", "Yes."))
    first.settle()
    second.enter(space)
    second.put(second.current.id, turn_of("Two?", "Yes."))
    second.settle()
    first.enter(space)
    assert texts(first) == ["One?", "Two?"]

    kept = second.reset()
    second.put(second.current.id, turn_of("Three?", "Yes."))
    second.settle()
    first.enter(space)
    second.close()
    assert [one.name for one in first.here()] == [kept, "main"]
    assert texts(first) == ["One?", "Two?"]


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_files_of_earlier_versions_are_read(version: int, tmp_path: Path) -> None:
    """Brought to this version with all that they hold."""
    shutil.copy(HERE / f"version_{version}.sqlite", tmp_path / FILE)
    at = conversations_in(tmp_path)
    turns = at.whole(at.current.turns)
    at.close()

    assert [turn.messages[0].text for turn in turns] == ["What is shown?", "And now?"]
    assert turns[0].messages[0].content[0] == PICTURE
    assert [turn.ending for turn in turns] == [Ending.COMPLETE, Ending.CUT]
    assert [turn.hidden for turn in turns] == [False, False]


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """It is said once; the conversation is in memory."""
    with closing(sqlite3.connect(tmp_path / FILE)) as rows:
        rows.execute("PRAGMA user_version = 99")
    before = (tmp_path / FILE).read_bytes()
    at = conversations_in(tmp_path)
    for _ in range(2):
        at.put(at.current.id, turn_of("Hi?", "Yes."))
    told = [*at.settle(), *at.settle()]
    at.close()

    assert len(told) == 1
    assert "later version" in told[0]
    assert texts(at) == ["Hi?", "Hi?"]
    assert (tmp_path / FILE).read_bytes() == before


def spoil(file: Path) -> None:
    """As a bad disk does: the file's head and middle are other bytes."""
    with file.open("r+b") as damaged:
        damaged.write(b"\0damaged" * 8)
        damaged.seek(8192)
        damaged.write(b"\xff" * 4096)


def test_a_damaged_file_is_set_aside(reopen: Open, tmp_path: Path) -> None:
    """It keeps its bytes under another name; a new one is begun."""
    at = reopen()
    at.put(at.current.id, turn_of("Before?", "Yes."))
    at.close()
    spoil(tmp_path / FILE)
    bad = (tmp_path / FILE).read_bytes()
    at = reopen()
    at.put(at.current.id, turn_of("After?", "Yes."))
    (told,) = at.settle()

    (aside,) = tmp_path.glob("*damaged*.sqlite")
    assert aside.name in told
    assert aside.read_bytes() == bad
    assert texts(reopen()) == ["After?"]


def with_two_turns(reopen: Open) -> Conversations:
    """Conversations whose current one has kept the turns a and b."""
    at = reopen()
    for name in "ab":
        at.put(at.current.id, turn_of(name, "Yes."))
    at.settle()
    return at


def test_a_file_damaged_under_a_kernel_is_begun_anew_with_all_it_knows(
    reopen: Open, tmp_path: Path
) -> None:
    """In order, and told once."""
    at = with_two_turns(reopen)
    with closing(sqlite3.connect(tmp_path / FILE)) as rows:
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spoil(tmp_path / FILE)
    told: list[str] = []
    for name in "cd":
        at.put(at.current.id, turn_of(name, "Yes."))
        until(lambda: not at.store.is_behind)
        told += at.settle()

    assert texts(at) == ["a", "b", "c", "d"]
    assert texts(reopen()) == ["a", "b", "c", "d"]
    assert len(list(tmp_path.glob("*damaged*.sqlite"))) == len(told) == 1


def test_a_file_removed_under_a_kernel_is_begun_anew_with_all_it_knows(
    reopen: Open, tmp_path: Path
) -> None:
    """Though the new file may get the old one's number from the file system."""
    at = with_two_turns(reopen)
    for file in tmp_path.iterdir():
        file.unlink()
    at.store.state()  # as each question begins
    at.put(at.current.id, turn_of("c", "Yes."))

    assert texts(reopen()) == ["a", "b", "c"]


@pytest.mark.parametrize("who", [0, 1], ids=["one that had only read", "one that had written"])
def test_all_kernels_of_a_notebook_outlast_the_file_that_was_removed(
    reopen: Open, tmp_path: Path, who: int
) -> None:
    """Whichever writes first; the other finds there what it knows itself, and the news."""
    writer = with_two_turns(reopen)
    reader = conversations_in(tmp_path)
    kernels = [reader, writer]
    space = Space(reader.notebook_id(Notebook("k", "/n.ipynb", "/n.ipynb")))
    for file in tmp_path.iterdir():
        file.unlink()
    first, second = kernels[who], kernels[1 - who]
    for at, name in ((first, "c"), (second, "d")):
        at.enter(space)
        at.put(at.current.id, turn_of(name, "Yes."))
        at.settle()
    first.enter(space)
    found = [texts(at) for at in (first, second)]
    reader.close()

    assert found == [["a", "b", "c", "d"]] * 2
    assert texts(reopen()) == ["a", "b", "c", "d"]


def test_a_locked_file_is_written_as_soon_as_it_is_free(reopen: Open, tmp_path: Path) -> None:
    """Meanwhile nothing waits, and it is said once."""
    at = reopen()
    at.put(at.current.id, turn_of("a", "Yes."))
    at.settle()
    told: list[str] = []
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for name in "bc":
            at.put(at.current.id, turn_of(name, "Yes."))
            until(lambda: bool(told.extend(at.settle()) or told))
        assert texts(at) == ["a", "b", "c"]
    until(lambda: not at.store.is_behind)

    assert len(told) == 1
    assert "Another program holds" in told[0]
    assert texts(reopen()) == ["a", "b", "c"]


def test_news_of_another_kernel_take_nothing_away_that_is_not_written_yet(
    reopen: Open, tmp_path: Path
) -> None:
    """While the file is held, this kernel's own words stay; once it is free, both are there."""
    at, other = with_two_turns(reopen), conversations_in(tmp_path)
    space = Space(at.notebook_id(Notebook("k", "/n.ipynb", "/n.ipynb")))
    other.put(other.current.id, turn_of("c", "Yes."))
    other.settle()
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as holding:
        holding.execute("BEGIN IMMEDIATE")
        at.put(at.current.id, turn_of("d", "Yes."))
        at.enter(space)
        assert texts(at) == ["a", "b", "d"]
    until(lambda: not at.store.is_behind)
    at.enter(space)
    other.close()

    assert texts(at) == ["a", "b", "c", "d"]


def test_where_nothing_can_be_written_answers_stay_in_memory(tmp_path: Path) -> None:
    """A folder that cannot be made: it is said once, with what to do."""
    (tmp_path / "file").write_text("no folder")
    at = conversations_in(tmp_path / "file" / "home")
    told: list[str] = []
    for name in "ab":
        at.put(at.current.id, turn_of(name, "Yes."))
        until(lambda: bool(told.extend(at.settle()) or told))
    at.close()

    assert texts(at) == ["a", "b"]
    assert len(told) == 1
    assert "CLAUDE_MAGIC_HOME" in told[0]


FULL = """
import resource, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
from talking import conversations_in, turn_of
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
at = conversations_in(Path({home!r}))
at.put(at.current.id, turn_of("a", "Yes."))
assert at.store.settle(30)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
told = []
for name in "bc":
    at.put(at.current.id, turn_of(name, "No room. " * 50_000))
    while not told:
        told += at.settle()
print(len(told), told[0])
print([turn.messages[0].text for turn in at.current.turns])
"""


@pytest.mark.skipif(os.name != "posix", reason="the system cannot bound a file's size")
def test_a_full_disk_is_told_once(tmp_path: Path) -> None:
    """What was written before is not hurt."""
    path = [str(HERE), str(HERE.parents[1])]
    run = [sys.executable, "-c", FULL.format(path=path, home=str(tmp_path))]
    told, held = subprocess.run(run, capture_output=True, text=True, check=True).stdout.splitlines()

    assert told.startswith("1 ")
    assert "the disk is full" in told
    assert held == "['a', 'b', 'c']"
    assert texts(conversations_in(tmp_path)) == ["a"]


def test_purging_leaves_no_byte(reopen: Open, tmp_path: Path) -> None:
    """Of one conversation, of a notebook, of all: neither in the file nor beside it."""
    at = reopen()
    secret = Image({**PICTURE.source, "data": base64.b64encode(b"SECRETPIXELS" * 300).decode()})
    asked = Message("user", (secret, Text("SECRETWORDS " * 400)))
    at.put(at.current.id, Turn((asked, Message("assistant", (Text("A plot."),)))))
    at.begin("other", [turn_of("Stays?", "Yes.")])
    at.settle()
    assert any(b"SECRETPIXELS" in path.read_bytes() for path in tmp_path.iterdir())

    assert at.purge(at.named("main"))
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"SECRET" not in left
    assert b"Stays?" in left
    assert at.purge()
    assert b"Stays?" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert at.here() == [at.current]
    assert not at.current.turns


def test_what_is_too_old_or_too_large_is_removed(reopen: Open) -> None:
    """Only where a limit is set, and never what this kernel holds."""
    at = reopen()
    old = replace(turn_of("Old?", "Yes."), asked=0.0)
    at.begin("old", [old])
    for name in ("large", "newest"):
        at.begin(name, [replace(turn_of("x" * 400_000, "Yes."), id=new_id())])
    at.close()
    at = conversations_in(at.store.path.parent / "elsewhere")
    at.close()
    for days, megabytes, left in ((None, None, 3), (30, None, 2), (None, 0.5, 1)):
        kernel = Conversations(store=Store(reopen().store.path.parent))
        kernel.enter(Space(kernel.notebook_id(Notebook("other"))))
        kernel.retain(days, megabytes)
        kernel.close()
        assert len(reopen().here()) - 1 == left


def test_eight_threads_write_at_once(reopen: Open) -> None:
    """All there, each one's in order."""
    at = reopen()

    def talk(name: str) -> None:
        for number in range(50):
            at.put(at.current.id, turn_of(f"{name} {number}", "Yes."))

    talking = [threading.Thread(target=talk, args=(f"t{n}",)) for n in range(8)]
    for one in talking:
        one.start()
    for one in talking:
        one.join()
    before = texts(at)

    assert texts(reopen()) == before
    for name in (f"t{n}" for n in range(8)):
        assert [t for t in before if t.startswith(f"{name} ")] == [f"{name} {n}" for n in range(50)]


def test_a_terminal_begins_anew_and_can_go_on(
    bare_shell: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading offers the last conversation of the folder, by a name that `use` takes."""
    monkeypatch.setenv("CLAUDE_MAGIC_HOME", str(tmp_path))
    notebook, kept = Notebook(folder=os.getcwd()), []
    for _ in range(2):
        at = Conversations(store=Store(home()))
        at.enter(Space(at.notebook_id(notebook)), anew=True)
        assert not at.current.turns
        at.put(at.current.id, turn_of("Hi?", "Yes."))
        kept.append(at.current.name)
        at.close()
    said = greeting(bare_shell, "")
    at = Conversations(store=Store(home()))
    at.enter(Space(at.notebook_id(notebook)), anew=True)
    found = at.named(kept[1])
    at.close()

    assert kept[0] != kept[1]
    assert f"`%claude use {kept[1]}`" in said
    assert "1 turn, today" in said
    assert found
    assert found.turns


def test_a_question_stays_as_private_as_it_was_asked(reopen: Open) -> None:
    """Whatever is chosen while its answer grows."""
    at = reopen()
    space = Space(at.notebook_id(Notebook("k", "/n.ipynb", "/n.ipynb")))
    for name, private in (("open", False), ("private", True)):
        turn = turn_of(name, "Yes.")
        at.enter(space, private=private)
        at.grows(at.current.id, turn.id, partial(replace, turn), None)
        at.enter(space, private=not private)
        at.put(at.current.id, turn)

    assert texts(at) == ["open", "private"]
    assert texts(reopen()) == ["open"]


def test_what_another_kernel_wrote_is_there_whichever_notebook_asks_first(tmp_path: Path) -> None:
    """Two notebooks share a kernel; another kernel writes to one of them."""
    shared, other = conversations_in(tmp_path), conversations_in(tmp_path)
    first = Space(shared.notebook_id(Notebook("k", "/n.ipynb", "/n.ipynb")))
    second = Space(shared.notebook_id(Notebook("k", "/m.ipynb", "/m.ipynb")))
    shared.put(shared.current.id, turn_of("One?", "Yes."))
    shared.settle()
    other.enter(first)
    other.put(other.current.id, turn_of("Two?", "Yes."))
    other.settle()
    shared.enter(second)
    shared.enter(first)
    found = texts(shared)
    for one in (shared, other):
        one.close()

    assert found == ["One?", "Two?"]

"""A notebook run from top to bottom with nobody looking: to record it, or to replay and compare."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from claude_magic.content.counting import counted
from claude_magic.errors import BadInput, ClaudeMagicError, NoKey
from claude_magic.server import server_from
from claude_magic.settings import Settings

_SUFFIX = ".claude"
_MOST_FAULTS = 5
_CELL_SECONDS = 600
_WIDGET = "application/vnd.jupyter.widget-view+json"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_FROM_OUTSIDE = ("ANTHROPIC_", "CLAUDE_MAGIC_")
_UNPLAYED = """
import json
from claude_magic.recording.difference import first_words
magics = get_ipython().magics_manager.registry.get("ClaudeMagics")
tape = magics and magics.desk.engine.servers.tape
if magics and magics.desk.panel:
    magics.desk.panel.settle()
left = tape.unplayed() if tape else None
print(json.dumps(left and [(one.number, one.line, first_words(one.question)) for one in left]))
"""


class NoLongerMatches(ClaudeMagicError):
    """A notebook and its recording have grown apart."""


@dataclass(frozen=True)
class Lesson:
    """A notebook and its recording, which lies beside it under the same name unless told."""

    notebook: Path
    recording: Path

    @property
    def recording_named(self) -> str:
        """The recording as the notebook itself would name it."""
        folder = self.notebook.resolve().parent
        beside = self.recording.resolve().parent == folder
        return self.recording.name if beside else str(self.recording.resolve())


def lesson_at(notebook: str, recording: str | None = None) -> Lesson:
    """Return the lesson of a notebook.

    Raises
    ------
    BadInput: there is no such notebook.
    """
    path = Path(notebook)
    if not path.is_file():
        raise BadInput(f"there is no notebook {notebook}.")
    return Lesson(path, Path(recording) if recording else path.with_suffix(_SUFFIX))


def notebook_in(path: Path) -> Any:
    """Return the notebook in a file.

    Raises
    ------
    BadInput: the file holds none.
    """
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:  # what is no notebook may raise anything
        raise BadInput(f"{path.name} is no notebook.", hint=str(error)[:200]) from error


def record(lesson: Lesson, *, practice: bool, environ: Mapping[str, str] = os.environ) -> str:
    """Run the notebook, record its answers anew, and save it with the outputs of a replay.

    Raises
    ------
    NoKey: there is no key, and the practice model was not asked for.
    BadInput: it is no notebook, or asks nothing.
    NoLongerMatches: a cell failed; recording and notebook stay as they were.
    """
    if not practice and server_from(Settings(), environ).lacks_key:
        raise NoKey(
            "no API key was found, so nothing was sent.",
            hint="Set ANTHROPIC_API_KEY, or record what the practice model answers: --practice.",
        )
    kept = lesson.recording.read_bytes() if lesson.recording.exists() else None
    lesson.recording.unlink(missing_ok=True)
    chosen = {"CLAUDE_MAGIC_RECORD": lesson.recording_named}
    practising = {"CLAUDE_MAGIC_PRACTICE": "1"} if practice else {}
    try:
        done = _Run(lesson, {**_own(environ, keys=not practice), **chosen, **practising})
        if done.faults:
            raise _apart(lesson, done.faults)
        if not lesson.recording.exists():
            raise BadInput(f"{lesson.notebook.name} asked nothing that could be recorded.")
        return replay(lesson, save=True, compare=False, environ=environ)
    except BaseException:
        lesson.recording.unlink(missing_ok=True)
        if kept is not None:
            lesson.recording.write_bytes(kept)
        raise


def replay(
    lesson: Lesson,
    *,
    save: bool = False,
    compare: bool = True,
    environ: Mapping[str, str] = os.environ,
) -> str:
    """Run the notebook from its recording, and say that all is as it was.

    Compared are the answers, with those saved in the notebook if it has outputs (`compare`).

    Raises
    ------
    BadInput: the recording cannot be read.
    NoLongerMatches: a question is not recorded, a recorded one is not asked any more, an answer
        is another than the saved one, or a cell fails.
    """
    from claude_magic.recording.file import read

    if not lesson.recording.is_file():
        raise BadInput(
            f"there is no recording {lesson.recording}.",
            hint=f"Make it with: claude-magic record {lesson.notebook}",
        )
    recorded = read(lesson.recording)
    chosen = {"CLAUDE_MAGIC_REPLAY": lesson.recording_named, "CLAUDE_MAGIC_PACE": "0"}
    done = _Run(lesson, {**_own(environ, keys=False), **chosen})
    faults = [*done.faults, *done.unasked()]
    faults += [] if faults or not compare else done.changed()
    if faults:
        raise _apart(lesson, faults)
    if save:
        done.save()
    count = counted(len(recorded), "answer")
    return f"{lesson.notebook.name} ran from {lesson.recording.name}: {count}, all as recorded."


class _Run:
    """One run of a lesson's notebook, in the environment given and no other."""

    def __init__(self, lesson: Lesson, environ: Mapping[str, str]) -> None:
        self._path = lesson.notebook
        self._before = notebook_in(lesson.notebook)
        self._after = notebook_in(lesson.notebook)
        self._left: list[tuple[int, int, str]] | None = None
        self._execute(dict(environ))
        self.faults = [fault for cell in self._after.cells for fault in _faults(cell)]

    def unasked(self) -> list[str]:
        """Return the recorded questions that were not asked."""
        if self._left is None:
            return ["The notebook replayed nothing: does it run `%load_ext claude_magic`?"]
        return [f"Recorded but not asked: question {n} (line {at}): {w}" for n, at, w in self._left]

    def changed(self) -> list[str]:
        """Return how answers differ from the saved ones."""
        pairs = zip(self._before.cells, self._after.cells, strict=True)
        return [fault for before, after in pairs for fault in _difference(before, after)]

    def save(self) -> None:
        """Save the notebook with the outputs of this run."""
        import nbformat

        nbformat.write(self._after, self._path)

    def _execute(self, environ: dict[str, str]) -> None:
        from nbclient import NotebookClient
        from nbformat.v4 import new_code_cell

        for cell in _code(self._after):
            cell.outputs, cell.execution_count = [], None
        client = NotebookClient(
            self._after,
            timeout=_CELL_SECONDS,
            kernel_name="python3",
            allow_errors=True,
            record_timing=False,
            extra_arguments=["--log-level=ERROR"],  # what a kernel warns of is not the lesson's
            resources={"metadata": {"path": str(self._path.resolve().parent)}},
        )
        asking = new_code_cell(_UNPLAYED)
        self._after.cells.append(asking)
        try:
            client.execute(env=environ | {"CLAUDE_MAGIC_PRIVATE": "1"})  # nothing else has a part
        finally:
            self._after.cells.remove(asking)
        for cell in _code(self._after):
            cell.outputs = _joined(cell.outputs)
        _number_widgets(self._after)
        printed = "".join(output.get("text", "") for output in asking.outputs)
        self._left = json.loads(printed or "null")


def _own(environ: Mapping[str, str], *, keys: bool) -> dict[str, str]:
    """The environment without what would choose who answers; with `keys`, those stay."""
    chosen = _FROM_OUTSIDE[1:] if keys else _FROM_OUTSIDE
    kept = {"CLAUDE_MAGIC_PACE"}
    return {k: v for k, v in environ.items() if k in kept or not k.startswith(chosen)}


def _joined(outputs: list[Any]) -> list[Any]:
    """The outputs with what was printed in a row as one: where it was cut is chance."""
    joined: list[Any] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            joined[-1] = {**last, "text": last["text"] + output.text}
        else:
            joined.append(output)
    return [type(outputs[0])(output) for output in joined]


def _number_widgets(notebook: Any) -> None:
    """Give widgets ids that are the same each time; their state lives in a kernel that is gone."""
    from nbformat import from_dict

    notebook.metadata.pop("widgets", None)
    views = [output.get("data", {}).get(_WIDGET) for c in _code(notebook) for output in c.outputs]
    ids = dict.fromkeys(str(view["model_id"]) for view in views if view)
    for cell in _code(notebook) if ids else ():
        text = json.dumps(cell.outputs)
        for number, one in enumerate(ids, start=1):
            text = text.replace(one, f"{number:032x}")
        cell.outputs = [from_dict(output) for output in json.loads(text)]


def _code(notebook: Any) -> Iterator[Any]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def _faults(cell: Any) -> Iterator[str]:
    """What went wrong in a cell, unless it fails on purpose."""
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    if errors and "raises-exception" not in cell.metadata.get("tags", []):
        told = _COLOURS.sub("", "\n".join(errors[0].traceback)).strip()
        yield f"{_named(cell)} failed:\n{_indented(told)}"


def _difference(before: Any, after: Any) -> Iterator[str]:
    one, other = _words(before), _words(after)
    if before.get("outputs") and one != other:
        lines = unified_diff(one, other, "saved", "replayed", lineterm="")
        yield f"{_named(after)} answers otherwise than saved:\n{_indented(chr(10).join(lines))}"


def _words(cell: Any) -> list[str]:
    """What a cell that asks was answered, as lines."""
    if not cell.source.startswith("%%claude"):
        return []
    shown = [output.get("data", {}) for output in cell.get("outputs", [])]
    return "\n".join(data.get("text/markdown", "") for data in shown).splitlines()


def _named(cell: Any) -> str:
    first = next(iter(cell.source.strip().splitlines()), "")
    count = f"Cell {cell.execution_count}" if cell.get("execution_count") else "A cell"
    return f"{count} ({first[:60]})"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _apart(lesson: Lesson, faults: list[str]) -> NoLongerMatches:
    shown = [*faults[:_MOST_FAULTS]]
    more = len(faults) - len(shown)
    shown += [f"And {more} more."] if more else []
    return NoLongerMatches(
        f"{lesson.notebook.name} no longer matches {lesson.recording.name}.",
        hint="\n  ".join("\n".join(shown).splitlines()),
    )

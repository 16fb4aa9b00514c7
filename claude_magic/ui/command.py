"""The command line: `claude-magic demo`, `practice`, `record`, `replay`, `cost`."""

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

from claude_magic.errors import BadInput, ClaudeMagicError

_LESSON = "01_quick_start.ipynb"
_PRACTICE = {"CLAUDE_MAGIC_PRACTICE": "1"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except ClaudeMagicError as error:
        told = filter(None, (f"claude-magic: {error}", error.hint))
        print(*told, sep="\n  ", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _version() -> str:
    try:
        return metadata.version("claude-magic")
    except metadata.PackageNotFoundError:
        return "(a folder that is not installed)"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="claude-magic", description="Claude in a notebook.")
    parser.add_argument("--version", action="version", version=f"claude-magic {_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="open JupyterLab on the quick-start notebook")
    demo.add_argument("--no-browser", action="store_true", help="only print the address")
    demo.add_argument("--execute", metavar="OUT.html", help="run it headless and write the page")
    demo.add_argument("--dir", default="claude-magic-demo", help="where the notebook is put")
    demo.set_defaults(run=_demo)
    practice = commands.add_parser("practice", help="serve the practice model on loopback")
    practice.add_argument("--port", type=int, default=8377, help="0: any free one")
    practice.add_argument("--pace", type=float, default=1.0, help="length of pauses; 0: none")
    practice.set_defaults(run=_practice)
    _add_lessons(commands)
    return parser


def _add_lessons(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    record = commands.add_parser("record", help="run a notebook and record its answers anew")
    record.add_argument("--practice", action="store_true", help="let the practice model answer")
    replay = commands.add_parser("replay", help="run a notebook from its recording, and compare")
    replay.add_argument("--save", action="store_true", help="save the notebook with the outputs")
    cost = commands.add_parser("cost", help="estimate what a notebook costs a class, by model")
    cost.add_argument(
        "--students", type=_count, default=1, metavar="N", help="of the class; else 1"
    )
    cost.add_argument(
        "--answer", type=_count, default=500, metavar="N", help="tokens of an answer; else 500"
    )
    for command, run in ((record, _record), (replay, _replay), (cost, _cost)):
        command.add_argument("notebook", metavar="NOTEBOOK.ipynb")
        command.add_argument("--recording", metavar="FILE", help="else: beside the notebook")
        command.set_defaults(run=run)


def _demo(given: argparse.Namespace) -> None:
    """Open, or run, the quick-start notebook; without a key the practice model answers."""
    environ = _environ(os.environ)
    if given.execute:
        _execute(notebook_source(_LESSON), Path(given.execute), environ)
    else:
        _open(_own_copy(notebook_source(_LESSON), Path(given.dir)), given.no_browser, environ)


def _environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Choose who answers, and say so."""
    names = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL")
    named = next((name for name in names if environ.get(name, "").strip()), "")
    if named:
        print(f"Claude answers: {named} is set, so questions are sent and may cost money.")
        return dict(environ)
    print("No ANTHROPIC_API_KEY is set: the practice model answers (it is not Claude).")
    return {**environ, **_PRACTICE}


def notebook_source(name: str) -> Path:
    """Return a notebook of the project, from the installed package or from a checkout.

    Raises
    ------
    BadInput: it is in neither.
    """
    here = Path(__file__).resolve().parent.parent
    for folder in (here / "notebooks", here.parent / "notebooks"):
        if (folder / name).is_file():
            return folder / name
    raise BadInput(f"{name} is not part of this installation.", hint="Install the package again.")


def _own_copy(source: Path, folder: Path) -> Path:
    """Copy the notebook and its recording to where it can be edited; what is there is kept."""
    copy, recording = folder / source.name, source.with_suffix(".claude")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in filter(Path.is_file, (source, recording)):
            if not (folder / one.name).exists():
                shutil.copyfile(one, folder / one.name)
    except OSError as error:
        raise BadInput(f"{folder} cannot hold the notebook ({error.strerror}).") from error
    print(f"The notebook is {copy}.")
    return copy


def _open(notebook: Path, no_browser: bool, environ: Mapping[str, str]) -> None:
    _needs("jupyterlab", "jupyterlab")
    command = [sys.executable, "-m", "jupyterlab", str(notebook)]
    command.append(f"--LabApp.default_url=/lab/tree/{notebook.name}")
    command += ["--no-browser"] if no_browser else []
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # containers: JupyterLab asks to be told
        command.append("--allow-root")
    sys.stdout.flush()
    os.execve(sys.executable, command, dict(environ))


def _execute(notebook: Path, page: Path, environ: Mapping[str, str]) -> None:
    _needs("nbconvert", "nbconvert")
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbconvert import HTMLExporter

    _make_room(page)
    content = nbformat.read(notebook, as_version=4)
    try:
        NotebookClient(content, timeout=600, kernel_name="python3").execute(env=dict(environ))
    except CellExecutionError as error:
        raise BadInput("a cell of the notebook failed.", hint=str(error)) from error
    finally:
        page.write_text(HTMLExporter().from_notebook_node(content)[0], encoding="utf-8")
    print(f"The notebook ran from top to bottom; the page is {page}.")


def _make_room(page: Path) -> None:
    """Find out before the notebook runs whether its page can be written."""
    if page.suffix.lower() not in (".html", ".htm"):
        raise BadInput(f"{page} cannot be written: a page ends in .html.")
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.open("a").close()
    except OSError as error:
        raise BadInput(f"{page} cannot be written ({error.strerror}).") from error


def _practice(given: argparse.Namespace) -> None:
    from claude_magic.practice.server import serve

    serve(given.port, given.pace)


def _record(given: argparse.Namespace) -> None:
    _needs("nbclient", "nbclient")
    from claude_magic.ui.rehearsal import lesson_at, record

    print(record(lesson_at(given.notebook, given.recording), practice=given.practice))


def _replay(given: argparse.Namespace) -> None:
    _needs("nbclient", "nbclient")
    from claude_magic.ui.rehearsal import lesson_at, replay

    print(replay(lesson_at(given.notebook, given.recording), save=given.save))


def _cost(given: argparse.Namespace) -> None:
    _needs("nbclient", "nbclient")
    from claude_magic.ui.lesson_cost import lesson_cost
    from claude_magic.ui.rehearsal import lesson_at

    lesson = lesson_at(given.notebook, given.recording)
    if given.recording and not lesson.recording.exists():
        raise BadInput(f"there is no recording {given.recording}.")
    files = (lesson.notebook, lesson.recording)
    print(lesson_cost(*files, students=given.students, answer=given.answer))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _needs(module: str, package: str) -> None:
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise BadInput(
            f"this needs {package}, which is not installed.",
            hint='Install it with: pip install "claude-magic[lab]"',
        )

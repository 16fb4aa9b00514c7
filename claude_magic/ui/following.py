"""The running cell -> its notebook's conversations, as the notebook shows them now."""

from collections.abc import Collection, Sequence
from typing import Any

from claude_magic.capture.above import above
from claude_magic.capture.cells import CellRun
from claude_magic.capture.running import Running
from claude_magic.capture.saved import SavedCells, SavedNotebooks
from claude_magic.capture.whereabouts import Whereabouts
from claude_magic.content.message import Message
from claude_magic.content.notebook import Notebook
from claude_magic.content.turn import PANEL, Place, Turn
from claude_magic.conversations import Conversations
from claude_magic.holding import Space

_VS_CODE = "vscode-notebook-cell:"
_LOST = "?"  # the cell of a turn whose cell has another id now


class Following:
    """Keeps the conversations of one shell in step with its notebooks."""

    def __init__(self, shell: Any, running: Running, conversations: Conversations) -> None:
        self._running = running
        self._conversations = conversations
        self._saved = SavedNotebooks()
        self.whereabouts = Whereabouts(shell, self._saved.has_cell)
        self._notebook: Notebook | None = None

    @property
    def notebook(self) -> Notebook:
        """The notebook whose cell ran last."""
        if self._notebook is None:
            self._notebook = self.whereabouts.of(self._running.run)
        return self._notebook

    def arrive(self, answers: str, *, private: bool) -> None:
        """Let questions go to the notebook of the running cell, and leave out what it lost.

        `answers`: who answers; `private`: what is asked is not kept.
        """
        self._notebook = self.whereabouts.of(self._running.run)
        self.stay(answers, private=private)
        self._conversations.hide(self._running.is_gone)
        self._hide_unsaved()
        self.whereabouts.look()

    def stay(self, answers: str, *, private: bool) -> None:
        """Let questions that no cell asks go to the notebook whose cell ran last.

        A terminal has no cells to come back to: each begins anew.
        """
        notebook = self._conversations.notebook_id(self.notebook, self.cell_ids)
        anew = bool(self.notebook.folder)
        # A rehearsal is over with its run, and the next must find nothing of it.
        rehearsed = bool(answers) and self.notebook == Notebook()
        space = Space(notebook, answers)
        self._conversations.enter(space, private=private or rehearsed, anew=anew)

    def cell_ids(self) -> Collection[str] | None:
        """Return the ids of the cells in the notebook's file; None where it tells none."""
        return self._saved.cell_ids(self.notebook.path) if self.notebook.path else None

    def place(self, question: Message) -> Place:
        """Return where `question`, which the running cell asks, stands; each call is a question."""
        place = self._running.place()
        self._conversations.follow(place)
        if place.cell and self._is_made_up(place.cell):
            self._find_again(place, question.text)
        return place

    def above(self, cells: Sequence[CellRun]) -> tuple[CellRun, ...]:
        """Return the cells of this notebook that ran above the running one, in their order."""
        run, saved = self._running.run, self.saved()
        own = [cell for cell in cells if self.whereabouts.of(cell.run).key == self.notebook.key]
        order = list(saved.sources) if saved else []
        shown = [cell for cell in own if not self._running.is_deleted(cell.run.cell)]
        return above(shown, order if run.cell in order else (), run.cell)

    def _hide_unsaved(self) -> None:
        """Hide turns whose cells were deleted and the notebook saved, when nobody told us.

        JupyterLab tells of deleted cells once, and a kernel without this extension does not listen.
        """
        running, saved = self._running.run.cell, self.saved()
        cells = {turn.cell for turn in self._conversations.current.turns if not turn.hidden}
        if saved and not saved.sources.keys().isdisjoint({*cells, running}):
            at, there = saved.at, {"", running, *saved.sources}

            def gone(turn: Turn, since: float) -> bool:
                kept = turn.cell in there or turn.cell.startswith((PANEL, _VS_CODE))
                return not kept and turn.asked < at

            self._conversations.hide(gone)

    def _find_again(self, place: Place, question: str) -> None:
        """Let the turn that `question` stands at by its words take `place`, whose id is made up.

        An edited question is not found; it stands where its id says, unless the words that stood
        there are those of another cell.
        """
        now = self._conversations.current
        known = now.at(place)
        if known and known.asked >= self._running.since:
            return
        same = next((turn for turn in now.turns if self._is_same(turn, place, question)), None)
        if same:
            self._conversations.move(now.id, same, place)
        elif known and self._is_elsewhere(known.messages[0].text):
            self._conversations.move(now.id, known, Place(_LOST, place.number))

    def _is_same(self, turn: Turn, place: Place, question: str) -> bool:
        of_a_cell = turn.cell and turn.number == place.number and turn.asked < self._running.since
        return bool(of_a_cell) and turn.messages[0].text == question

    def _is_elsewhere(self, words: str) -> bool:
        saved = self.saved()
        return saved is not None and any(words in source for source in saved.sources.values())

    def _is_made_up(self, cell: str) -> bool:
        """Whether the cell's id holds only while its notebook is open.

        VS Code counts cells anew each time; files before nbformat 4.5 have no ids.
        """
        saved = self.saved()
        return _of_vscode(cell) or (saved is not None and not saved.sources)

    def saved(self) -> SavedCells | None:
        """Return the notebook's cells as they were saved last; None: it has no file."""
        return self._saved.cells(self.notebook.path) if self.notebook.path else None


def _of_vscode(cell: str) -> bool:
    return cell.startswith(_VS_CODE)

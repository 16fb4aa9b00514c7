"""One shell and its engine: a cell's question is asked, and its answer shown."""

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from traitlets import HasTraits

from claude_magic.api.request import Options
from claude_magic.asking import Request, Standing
from claude_magic.capture.cells import Cells
from claude_magic.capture.displays import Displays
from claude_magic.capture.running import Running
from claude_magic.content.blocks import Block
from claude_magic.content.message import Message
from claude_magic.content.turn import Conversation, Place
from claude_magic.engine import Engine
from claude_magic.errors import Interrupted
from claude_magic.settings import Settings
from claude_magic.store.home import home
from claude_magic.store.store import Store
from claude_magic.store.values import Listed
from claude_magic.ui.attached import Attached
from claude_magic.ui.context import Context, context
from claude_magic.ui.failed import ASK_FOR_REPAIR, blocks_of_failure
from claude_magic.ui.following import Following
from claude_magic.ui.offering import NOTHING, Offering
from claude_magic.ui.prompt import Prompt, Reader, environment

if TYPE_CHECKING:
    from claude_magic.panel.widget import ChatPanel
    from claude_magic.tools.toolbox import Bench, Toolbox
    from claude_magic.ui.bench import Workplace
    from claude_magic.ui.next_cell import NextCell

# Seconds for the first request to leave, before what shows its answer is imported: that takes as
# long as a request does, and would hold it up.
_TO_LEAVE = 0.05


class Desk:
    """Asks for the cells of one shell.

    `traits` are the notebook's settings, which `%config` changes; the engine holds the
    conversation.
    """

    def __init__(
        self,
        shell: Any,
        traits: HasTraits,
        engine: Engine | None = None,
        running: Running | None = None,
        cells: Cells | None = None,
        displays: Displays | None = None,
    ) -> None:
        self.shell = shell
        self.traits = traits
        self.engine = engine or Engine(store=Store(home()))
        self.running = running or Running(shell)
        self._cells = cells or Cells(shell)
        self._retained = False  # what is too old or too large was removed
        self.panel: ChatPanel | None = None  # once it was asked for
        self._following = Following(shell, self.running, self.engine.conversations)
        self.displays = displays or Displays(shell)
        self.attached = Attached(environment(shell), self.engine.pictures, self.displays)
        self._reader = Reader(self.attached)
        self._workplace: Workplace | None = None  # once there are tools
        self.offering = Offering(shell, self._bench)
        self._toolboxes: dict[str, Toolbox | None] = {}  # of each turn that was asked here

    @property
    def settings(self) -> Settings:
        """The notebook's defaults as they stand now."""
        return Settings(*(getattr(self.traits, name) for name in Settings._fields))

    def ask(self, line: str, cell: str) -> None:
        """Ask what a `%%claude` cell says, and show the answer in it.

        Raises
        ------
        ClaudeMagicError: nothing was sent, or the answer did not come whole; see `errors`.
        Interrupted: the person stopped it.
        """
        settings = self.settings
        prompt = self._reader.read(line, cell, settings)
        if prompt.synthetic:
            self.engine.add(prompt.question, self.standing(prompt.question, prompt))
            print(f"Put into the conversation as the {prompt.question.role}'s; nothing was sent.")
            return
        standing = Standing() if prompt.once else self.standing(prompt.question, prompt)
        context = self._context(prompt, standing)
        failed = blocks_of_failure(self._cells.ran) if prompt.fix else ()
        words = prompt.question.content or ASK_FOR_REPAIR
        question = replace(prompt.question, content=(*context.blocks, *failed, *words))
        request = self.engine.prepare(
            *(question, prompt.options, settings),
            once=prompt.once,
            standing=standing,
            upload=prompt.upload and not prompt.dry_run,
            tools=self.offering.toolbox(prompt.tools, settings),
        )
        if prompt.dry_run:
            self.running.try_out()
            from claude_magic.ui.preview import preview

            print(preview(request, self.engine))
        else:
            self._show(request, settings, prompt, context.line)

    def _context(self, prompt: Prompt, standing: Standing) -> Context:
        """The cells above that go along with a question."""
        if prompt.context in ("", "0"):
            return Context()
        cells = self._following.above(self._cells.ran)
        turns = () if prompt.once else self.engine.earlier(standing, self.settings)
        return context(prompt.context, cells, turns, self.settings.context_tokens)

    def close(self) -> None:
        """Stop what is being answered, and end the panel."""
        self.engine.close()
        if self._workplace is not None:
            self._workplace.close()
        if self.panel is not None:
            self.panel.close()

    def filled(self, text: str) -> tuple[Block, ...]:
        """Return the blocks of a text, its `{{ expressions }}` evaluated.

        Raises
        ------
        BadInput: an expression fails, or there are no words.
        """
        return self._reader.blocks(text)

    def arrive(self) -> None:
        """Let questions go to the conversations of the notebook whose cell runs."""
        settings = self.settings
        self._following.arrive(settings.answers, private=settings.private)

    def stay(self) -> None:
        """Let questions that no cell asks go to the notebook whose cell ran last."""
        settings = self.settings
        self._following.stay(settings.answers, private=settings.private)

    def standing(self, question: Message, prompt: Prompt | None = None) -> Standing:
        """Return where a question of the running cell stands; each call is a question."""
        self.arrive()
        place = self._following.place(question)
        if prompt is None:
            return Standing(place=place)
        conversations, name = self.engine.conversations, prompt.conversation
        if prompt.branch and not prompt.dry_run:
            conversations.use(self._branch(prompt.branch, place))
        there = conversations.named(name) or conversations.begin(name) if name else None
        return Standing(
            conversation=there.id if there else "",
            place=place,
            append=prompt.append,
            last=prompt.last,
            reuse=not prompt.fresh and _reuses(self.settings),
        )

    def tell_of_store(self) -> None:
        """Let what was said reach the disk, and tell, once, if it cannot."""
        conversations, settings = self.engine.conversations, self.settings
        if not self._retained:
            self._retained = True
            conversations.retain(settings.keep_days, settings.keep_megabytes)
        for words in conversations.settle():
            print(words)

    def adopt(self, listed: Listed) -> Conversation:
        """Go on here with a copy of another notebook's conversation.

        Its turns belong to cells of this notebook only where it has these too, as a copy has.
        """
        conversations, cells = self.engine.conversations, self._following.cell_ids() or ()
        turns = conversations.adopt(listed)
        own = [turn if turn.cell in cells else replace(turn, cell="", number=0) for turn in turns]
        begun = conversations.begin(conversations.free_name(listed.heading.name), own)
        conversations.use(begun)
        return begun

    def _branch(self, name: str, place: Place) -> Conversation:
        """The conversation of that name; if it is new, with the turns before `place`."""
        conversations = self.engine.conversations
        return conversations.named(name) or conversations.begin(
            name, conversations.current.until(place)
        )

    def put(self, question: Message, options: Options, standing: Standing | None = None) -> None:
        """Put a question that no prompt asks, and show its answer.

        Raises as `ask` does.
        """
        where = standing or self.standing(question)
        tools = self._tools_again(where)
        request = self.engine.prepare(question, options, self.settings, standing=where, tools=tools)
        self._show(request, self.settings, Prompt(question, options))

    def _bench(self, settings: Settings) -> "Bench":
        """Where the tools of this notebook run."""
        if self._workplace is None:
            from claude_magic.ui.bench import Workplace

            self._workplace = Workplace(self.shell)
        return self._workplace.bench(settings.tool_timeout)

    def _tools_again(self, standing: Standing) -> "Toolbox | None":
        """The tools of a question that is asked again; of any other, those of the notebook."""
        if standing.summary:
            return None
        if standing.turn in self._toolboxes:
            return self._toolboxes[standing.turn]
        return self.offering.toolbox(NOTHING, self.settings)

    @cached_property
    def _next_cell(self) -> "NextCell":
        """Where code is put; imported by then."""
        from claude_magic.ui.next_cell import NextCell

        return NextCell(self.shell, self._following.saved)

    def _show(self, request: Request, settings: Settings, prompt: Prompt, told: str = "") -> None:
        try:
            growing = self.engine.ask(request)
            self._toolboxes[request.turn] = request.tools
            growing.wait(0, _TO_LEAVE)
            from claude_magic.ui.sent import header_of
            from claude_magic.ui.showing import Showing

            header = header_of(request, prompt.pictures, told)
            how = settings.show_usage, self._next_cell, header
            Showing(self.shell, request, prompt, *how).show(growing)
            self.tell_of_store()
        except Interrupted:
            raise
        except KeyboardInterrupt:  # before it was shown, which would have ended it
            self.engine.stop(request)
            raise Interrupted from None


def _reuses(settings: Settings) -> bool:
    """Whether the kept answer of an unchanged cell is shown again."""
    return bool(settings.replay) if settings.reuse is None else settings.reuse

"""A lesson's policy -> what questions of the lesson are like, and what they may not be.

It is a help, not a lock: whoever can run code in the notebook can also do without it.
"""

from pathlib import Path
from typing import NamedTuple

from claude_magic.api.models import model_named
from claude_magic.api.request import Options
from claude_magic.content.money import budgeted
from claude_magic.errors import NotInLesson
from claude_magic.settings import Settings
from claude_magic.teaching.tutor import with_tutor

_USUAL = Settings()


class Policy(NamedTuple):
    """What a lesson lays down; what it leaves open is as the notebook has it.

    `tutor`: a level, off, or a text beside the file; `language` of that text. `system` stands
    before one's own system prompt. `models`: those that may be asked, the first one where none is
    chosen. `max_tokens`: the longest answer. `budget` in US dollars. `tools`, `web`, `run_code`:
    false forbids them; `tools` covers all three.
    """

    tutor: str = ""
    language: str = ""
    system: str = ""
    models: tuple[str, ...] = ()
    max_tokens: int = 0
    budget: float | None = None
    tools: bool = True
    web: bool = True
    run_code: bool = True
    path: Path = Path()

    @property
    def named(self) -> str:
        """The file, as it is told to people."""
        return self.path.name

    def tutor_named(self, chosen: str) -> str:
        """Return the tutor: the lesson's, which may lie beside its file, or else the one chosen."""
        beside = self.path.parent / self.tutor
        return str(beside) if self.tutor and beside.is_file() else self.tutor or chosen

    def options(self, options: Options, settings: Settings) -> Options:
        """Return the options of a question as the lesson has them.

        Raises
        ------
        NotInLesson: they ask for what the lesson forbids; nothing was sent.
        BadInput: the tutor's text is not there.
        """
        self._check_tools(options)
        tutor, language = self.tutor_named(settings.tutor), self.language or settings.language
        own = "\n\n".join(filter(None, (self.system, options.system)))
        return options._replace(
            model=self.model_for(options.model),
            max_tokens=self._limit(options.max_tokens),
            system=with_tutor(own, tutor, language),
        )

    def model_for(self, model: str) -> str:
        """Return the model that is asked: the lesson's first, where nobody chose one.

        Raises
        ------
        NotInLesson: the one that was chosen is not among the lesson's.
        """
        if self.models and model == _USUAL.model and model not in self.models:
            return self.models[0]
        self.check_model(model)
        return model

    def check_model(self, model: str) -> None:
        """Refuse a model that the lesson does not ask.

        Raises
        ------
        NotInLesson: it is not among the lesson's.
        """
        allowed = [model_named(name).id for name in self.models]
        if allowed and model_named(model).id not in allowed:
            raise self.forbids(
                f"asks {_or(self.models)} only, not {model_named(model).id}",
                f"Choose one with `-m {self.models[0]}`, or `%claude model {self.models[0]}` for "
                "the whole notebook.",
            )

    def check_budget(self, amount: float | None) -> None:
        """Refuse a budget beyond the lesson's; None is no budget at all.

        Raises
        ------
        NotInLesson: it is.
        """
        if self.budget is not None and (amount is None or amount > self.budget):
            most = budgeted(self.budget)
            raise self.forbids(f"may cost {most} at most", "A smaller budget is fine.")

    def check_tutor(self) -> None:
        """Refuse another tutor than the lesson's.

        Raises
        ------
        NotInLesson: the lesson chose one.
        """
        if self.tutor:
            raise self.forbids(
                f"is taught with the tutor at {self.tutor!r}",
                "It is meant to help you find things out; ask your teacher if it gets in the way.",
            )

    def forbids(self, what: str, hint: str = "") -> NotInLesson:
        """Return the error that says what this lesson does, and where that is written."""
        return NotInLesson(f"this lesson {what}: so says {self.named}.", hint=hint)

    def _limit(self, asked: int | None) -> int | None:
        if self.max_tokens and asked and asked > self.max_tokens:
            raise self.forbids(
                f"has answers of at most {self.max_tokens:,} tokens, not {asked:,}",
                f"Ask with `-n {self.max_tokens}` or less.",
            )
        return asked if asked is not None else self.max_tokens or None

    def _check_tools(self, options: Options) -> None:
        own = bool(options.tools) or "mcp_servers" in options.extra
        asked = {"--web": options.web, "--run-code": options.run_code, "tools": own}
        fine = {"--web": self.web, "--run-code": self.run_code, "tools": True}
        for name, wanted in asked.items():
            if wanted and not (self.tools and fine[name]):
                raise self.forbids(f"does without {name}", "Leave it out, and try it yourself.")


NO_POLICY = Policy()


def policy_of(settings: Settings) -> Policy:
    """Return the policy that the settings name; without one, everything is open.

    Raises
    ------
    BadInput: the file is not there, or holds what no policy has.
    """
    return read(Path(settings.lesson).expanduser()) if settings.lesson else NO_POLICY


def read(path: Path) -> Policy:
    """Return the policy of a file.

    Raises
    ------
    BadInput: as `policy_of` says.
    """
    from claude_magic.teaching.policy_file import laid_down

    return Policy(**laid_down(path), path=path)


def _or(names: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))

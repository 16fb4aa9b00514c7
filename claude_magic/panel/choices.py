"""What a person chose in the panel's settings -> what a question asks for."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

_LONGEST = 100_000  # characters of a system prompt


@dataclass(frozen=True)
class Choices:
    """The panel's settings; what is empty is as in the notebook.

    `plot`: whether the picture that was displayed last goes along with each question.
    """

    model: str = ""
    system: str = ""
    effort: str = ""
    think: str = ""
    web: bool = False
    run_code: bool = False
    plot: bool = False

    def with_changes(self, given: dict[str, Any]) -> "Choices":
        """Return the choices with those that came from the page, as far as they are any.

        >>> Choices().with_changes({"model": "haiku", "web": "yes", "colour": "red"}).model
        'haiku'
        """
        kinds = {field.name: type(field.default) for field in fields(self)}
        fit = {n: v for n, v in given.items() if n in kinds and isinstance(v, kinds[n])}
        cut: dict[str, Any] = {
            n: v.strip()[:_LONGEST] if isinstance(v, str) else v for n, v in fit.items()
        }
        return replace(self, **{**fit, **cut})

    def json(self) -> dict[str, Any]:
        """Return them for the page."""
        return asdict(self)

"""Models -> a table of what each can do and costs."""

from collections.abc import Iterable

from claude_magic.api.models import Model

Rows = list[tuple[str, ...]]

_HEADS = ("model", "context", "output", "$ in / out", "thinking", "effort", "takes")
# What the types of thinking are as values of --think.
_THINK = {"adaptive": "adaptive", "enabled": "tokens", "disabled": "off", "between_tools": "off"}


def model_rows(models: Iterable[Model]) -> Rows:
    """Return the rows of the table, its heads first; of an unknown model only the name is known."""
    return [_HEADS, *map(_row, models)]


def _row(model: Model) -> tuple[str, ...]:
    if not model.known:
        return (model.id, *[""] * (len(_HEADS) - 1))
    price = f"{model.price.input:g} / {model.price.output:g}" if model.price else ""
    thinking = ", ".join(dict.fromkeys(_THINK[kind] for kind in model.thinking))
    always = "always " if model.thinks == "always" else ""
    efforts = f"{model.efforts[0]} to {model.efforts[-1]}" if model.efforts else ""
    return (
        *(model.id, _short(model.context), _short(model.output), price),
        *(always + thinking, efforts, ", ".join(_takes(model))),
    )


def _takes(model: Model) -> list[str]:
    able = {
        "pictures": model.pictures,
        "PDF": model.pdfs,
        "schema": model.structured,
        "prefill": model.prefill,
        "temperature": model.sampling,
    }
    ends = [f"until {model.retires}"] if model.retires else []
    return [name for name, is_able in able.items() if is_able] + ends


def _short(tokens: int) -> str:
    """A number of tokens as people say it.

    >>> _short(1_000_000), _short(64_000), _short(1_048_576), _short(4096)
    ('1M', '64k', '1.05M', '4.1k')
    """
    size, unit = (tokens / 1e6, "M") if tokens >= 1e6 else (tokens / 1e3, "k")
    return (
        f"{size:.3g}{unit}"
        if size >= 100 or unit == "M"
        else f"{size:.1f}".removesuffix(".0") + unit
    )

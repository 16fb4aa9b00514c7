"""A number of things, as a person reads it."""


def counted(count: int, what: str, more: str = "s") -> str:
    """Return a number with its noun; `more` is what the noun gets at its end for all but one.

    >>> counted(1, "turn"), counted(1200, "turn"), counted(0, "box", "es")
    ('1 turn', '1,200 turns', '0 boxes')
    """
    return f"{count:,} {what}{'' if count == 1 else more}"

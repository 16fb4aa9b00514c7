"""Amounts of money as a person reads them."""

from math import floor, log10


def dollars(amount: float) -> str:
    """Return an amount of US dollars, finer when it is small.

    >>> dollars(0.00123), dollars(1.5), dollars(0), dollars(0.0000239), dollars(0.000001)
    ('$0.0012', '$1.50', '$0.0000', '$0.000024', '$0.000001')
    """
    if 0 < amount < 0.0001:
        return f"${amount:.{1 - floor(log10(amount))}f}".rstrip("0")
    return f"${amount:.2f}" if amount >= 1 else f"${amount:.4f}"


def budgeted(amount: float) -> str:
    """Return an amount of US dollars that a person set: in whole cents, where it is one of these.

    >>> budgeted(0.5), budgeted(0.0025)
    ('$0.50', '$0.0025')
    """
    return f"${amount:.2f}" if amount == round(amount, 2) else dollars(amount)

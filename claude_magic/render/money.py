"""Amounts of money as a person reads them."""


def dollars(amount: float) -> str:
    """Return an amount of US dollars, finer when it is small.

    >>> dollars(0.00123), dollars(1.5)
    ('$0.0012', '$1.50')
    """
    return f"${amount:.2f}" if amount >= 1 else f"${amount:.4f}"

"""Words -> the same without what another run of the same cell, or another day, has differently."""

import re

_VOLATILE = (
    (re.compile(r"/[^\s\"']*/ipykernel_\d+/\d+\.py"), "cell"),
    (re.compile(r"<ipython-input-\d+-\w+>"), "cell"),
    (re.compile(r"\b(In ?\[)\d+\]"), r"\1…]"),
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "0x…"),
    (re.compile(r"(?:[A-Za-z]:)?[/\\][^\s\"']*[/\\]site-packages[/\\]"), "…/site-packages/"),
    # Of a cell above: what stands in it says the same, and says it without such words.
    (re.compile(r'(<cell )(?:number="\d+" )?version="[0-9a-f]{12}">'), r"\1…>"),
)
# None of them matches where none of these stands: most words are looked at no further.
_SIGNS = ("ipykernel_", "ipython-input-", "In[", "In [", "0x", "site-packages", "<cell ")


def steady(text: str) -> str:
    """Return `text` without numbers of cells, addresses in memory, and where files lie.

    >>> steady("In [3]: <object at 0x7f3a2c0d>")
    'In […]: <object at 0x…>'
    """
    for sign in _SIGNS:
        if sign in text:
            break
    else:
        return text
    for pattern, words in _VOLATILE:
        text = pattern.sub(words, text)
    return text

"""Question -> the words in it worth using: quoted phrases, names, subjects, numbers."""

import re

from claude_magic.practice.reading import words

SMALL = """
    a about above after all also am an and any are as ask at be because been before below but by
    call can cell could did do does doing done each else every few find for from get give had has
    have he her here him his how i if in into is it its just know let like list look made make many
    may me more most much must my name new no not now number of off on one only or other our out
    over own per please return returns run same say see set she should show so some such take tell
    than that the their them then there these they this those through to too tool two under up us
    use used uses using value very want was we were what when where which while who why will with
    word words would write you your
"""
SMALL_WORDS = frozenset(SMALL.split())
BRIEF = re.compile(
    r"\b(brief|briefly|short|shortly|concise|concisely|terse|in one (line|sentence|word)|"
    r"one[- ](line|sentence|word)|in a (line|sentence|word|few words)|just say|yes or no)\b",
    re.I,
)


def quoted(text: str) -> list[str]:
    """The phrases in quotation marks or backticks.

    >>> quoted('Look up "blue whale" and `krill`')
    ['blue whale', 'krill']
    """
    return [
        next(filter(None, hit)) for hit in re.findall(r'"([^"\n]+)"|“([^”\n]+)”|`([^`\n]+)`', text)
    ]


def names(text: str) -> list[str]:
    """Capitalised words that do not merely begin a sentence, neighbours joined.

    >>> names("What did Ada Lovelace write to Babbage?")
    ['Ada Lovelace', 'Babbage']
    """
    found = re.finditer(r"[A-Z][\w'\u2019-]*(?: +[A-Z][\w'\u2019-]*)*", text)
    inside = (hit for hit in found if " " in hit.group() or not _begins(text, hit.start()))
    return list(dict.fromkeys(hit.group() for hit in inside if hit.group().lower() != "i"))


def _begins(text: str, start: int) -> bool:
    before = text[:start].rstrip(" ")
    return not before or before[-1] in ".!?\n"


def subjects(text: str) -> list[str]:
    """The words that carry meaning, longest first, each once.

    >>> subjects("What is the mean of a skewed distribution?")
    ['distribution', 'skewed', 'mean']
    """
    said = dict.fromkeys(word for word in words(text) if is_subject(word))
    return sorted(said, key=len, reverse=True)


def is_subject(word: str) -> bool:
    """Whether the word says what a text is about."""
    return len(word) > 2 and word.lower() not in SMALL_WORDS and not word[0].isdigit()


def stem(word: str) -> str:
    """A word without its commonest endings, to compare it with others.

    >>> stem("Rolling"), stem("rolls")
    ('roll', 'roll')
    """
    return re.sub(r"(?<=\w{3})(ing|ed|es|s|e)$", "", word.lower())


def numbers(text: str) -> list[float]:
    """The numbers in a text; whole ones as int.

    >>> numbers("add 2 and 3.5")
    [2, 3.5]
    """
    found = re.findall(r"(?<![\w.])-?\d{1,15}(?:\.\d{1,15})?(?![\w])", text)
    return [float(one) if "." in one else int(one) for one in found]


def wants_brevity(text: str) -> bool:
    """Whether the question asks for a short answer."""
    return bool(BRIEF.search(text))

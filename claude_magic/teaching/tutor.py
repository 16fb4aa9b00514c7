"""A level of help and a language -> the part of the system prompt that says how to teach.

The texts are the files in `prompts`, one for each level and language. A text stands last in the
system prompt, so that it has the last word over one's own; and between tags, so that a recording
knows a level by its name: the words may get better in a later version.
"""

from importlib.resources import files
from pathlib import Path

from claude_magic.errors import BadInput

LEVELS = ("hints", "guide", "explain")
_OTHER_NAMES = {"zh": "zh-Hant", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant"}


def languages() -> list[str]:
    """Return the languages that there are texts in, as tags of BCP 47.

    >>> languages()
    ['en', 'es', 'zh-Hant']
    """
    names = (file.name.split(".")[1] for file in files(__package__).joinpath("prompts").iterdir())
    return sorted(set(names))


def language_named(name: str) -> str:
    """Return the language there is of that name; "" is English.

    >>> language_named("es-MX"), language_named("zh-TW"), language_named("")
    ('es', 'zh-Hant', 'en')

    Raises
    ------
    BadInput: there is no text in it.
    """
    tag = _OTHER_NAMES.get(name.lower(), name) or "en"
    found = (one for one in languages() if one.lower() in (tag.lower(), tag.lower().split("-")[0]))
    language = next(found, None)
    if language is None:
        raise BadInput(
            f"the tutor has no text in the language {name!r}; it has {', '.join(languages())}.",
            hint="Write one of your own: `%claude tutor --copy FILE.txt`, then "
            "`%claude tutor FILE.txt`.",
        )
    return language


def text(tutor: str, language: str = "") -> str:
    """Return how a tutor teaches: `tutor` is a level, or the path of a text of one's own.

    Raises
    ------
    BadInput: there is no such level, language or file.
    """
    if tutor in LEVELS:
        name = f"{tutor}.{language_named(language)}.txt"
        return files(__package__).joinpath("prompts", name).read_text("utf-8").strip()
    return _own(Path(tutor).expanduser())


def with_tutor(system: str, tutor: str, language: str = "") -> str:
    """Return the system prompt with how to teach at its end; without a tutor, as it is.

    Raises
    ------
    BadInput: as `text` says.
    """
    if tutor in ("", "off"):
        return system
    known = tutor in LEVELS
    about = f'level="{tutor}" language="{language_named(language)}"' if known else 'level="own"'
    return f"{system}\n\n<tutor {about}>\n{text(tutor, language)}\n</tutor>".lstrip()


def _own(path: Path) -> str:
    try:
        words = path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"the tutor knows no {str(path)!r}, neither as a level nor as a file of text.",
            hint=f"Its levels are {', '.join(LEVELS)} and off.",
        ) from error
    if not words:
        raise BadInput(f"{path.name} is empty: it should say how to teach.")
    return words

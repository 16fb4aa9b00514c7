"""Claims about a lesson's policy: one file says what is taught how, and kindly says no."""

from pathlib import Path

import pytest
from loopback import Loopback
from shell import Notebook

POLICY = """
tutor = "hints"
language = "es"
system = "This is a lesson about ants."
models = ["haiku", "sonnet"]
max_tokens = 2000
budget = 0.05
run_code = false
"""


@pytest.fixture
def lesson(notebook: Notebook, tmp_path: Path) -> Notebook:
    """A notebook in a lesson with a policy."""
    path = tmp_path / "lesson.toml"
    path.write_text(POLICY, "utf-8")
    notebook.run(f"%claude lesson policy {path}")
    return notebook


def test_a_lesson_is_taught_as_its_file_says(api: Loopback, lesson: Notebook) -> None:
    """Model, length, system prompt and tutor; one's own system prompt stands between."""
    lesson.run("%%claude -s 'Be brief.'\nHi")
    body = api.bodies[-1]  # the first was the count of tokens

    assert body["model"] == "claude-haiku-5-5"
    assert body["max_tokens"] <= 2000
    (system,) = body["system"]  # a block, for it is long enough for the prompt cache
    assert system["text"].startswith("This is a lesson about ants.\n\nBe brief.\n\n<tutor")
    assert 'level="hints" language="es"' in system["text"]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%claude -m opus\nHi", "this lesson asks haiku or sonnet only, not claude-opus-5-5"),
        ("%%claude -n 5000\nHi", "answers of at most 2,000 tokens, not 5,000"),
        ("%%claude --run-code\nHi", "this lesson does without --run-code"),
        ("%claude tutor off", "taught with the tutor at 'hints'"),
        ("%claude tutor explain", "taught with the tutor at 'hints'"),
        ("%claude model opus", "this lesson asks haiku or sonnet only, not claude-opus-5-5"),
        ("%claude budget 3", "this lesson may cost $0.05 at most"),
        ("%claude budget off", "this lesson may cost $0.05 at most"),
    ],
)
def test_what_it_forbids_it_says_kindly(
    api: Loopback, lesson: Notebook, cell: str, said: str
) -> None:
    """Nothing is sent, and the file is named."""
    told = lesson.fail(cell)

    assert told.startswith("NotInLesson: this lesson")
    assert said in told
    assert "so says lesson.toml." in told
    assert api.requests == []


def test_what_it_leaves_open_is_free(api: Loopback, lesson: Notebook) -> None:
    """The other allowed model, shorter answers, web search, a smaller budget."""
    lesson.run("%claude budget 0.04")
    lesson.run("%%claude -m sonnet -n 100 --web\nHi")
    body = api.bodies[-1]

    assert (body["model"], body["max_tokens"]) == ("claude-sonnet-5-5", 100)
    assert body["tools"]


def test_its_budget_stops_questions(api: Loopback, lesson: Notebook) -> None:
    """As one's own does."""
    lesson.engine.spent = 0.05

    assert lesson.fail("%%claude\nHi").startswith("BudgetSpent")


def test_tools_off_covers_all_tools(notebook: Notebook, tmp_path: Path) -> None:
    """Ours and the server's."""
    path = tmp_path / "no_tools.toml"
    path.write_text("tools = false", "utf-8")
    notebook.run(f"%claude lesson policy {path}")

    assert "does without --web" in notebook.fail("%%claude --web\nHi")
    assert "does without --run-code" in notebook.fail("%%claude --run-code\nHi")


def test_a_tutor_of_the_lessons_own_lies_beside_its_file(
    api: Loopback, notebook: Notebook, tmp_path: Path
) -> None:
    """Wherever the kernel runs."""
    (tmp_path / "ours.txt").write_text("Answer in riddles.", "utf-8")
    path = tmp_path / "lesson.toml"
    path.write_text('tutor = "ours.txt"', "utf-8")
    notebook.run(f"%claude lesson policy {path}")
    notebook.run("%%claude\nHi")

    assert "Answer in riddles." in api.bodies[0]["system"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tutor = ", "lesson.toml is no TOML: Invalid value (at "),
        ('tutor = "hints"\nmodles = ["haiku"]', "line 2: a policy knows no 'modles'"),
        ("# no tutor\n\n[tutor]\nlevel = 1", "line 3: tutor is text, not {'level': 1}"),
        ('tutor = "hint"', "line 1: the tutor knows no 'hint'"),
        ('language = "fr"', "line 1: the tutor has no text in the language 'fr'"),
        ("models = 3", "line 1: models is a list of names, not 3"),
        ("models = []", "line 1: models is a list of names, not []"),
        ("models = ['haiku', 3]", "line 1: models is a list of names"),
        ("models = ['hakiu']", "line 1: there is no model 'hakiu'"),
        ("\nbudget = -1", "line 2: budget is an amount of US dollars, not -1"),
        ("budget = inf", "line 1: budget is an amount"),
        ("budget = true", "line 1: budget is an amount"),
        ("budget = '0.50'", "line 1: budget is an amount"),
        ("web = 1", "line 1: web is true or false, not 1"),
        ("tools = 'off'", "line 1: tools is true or false, not 'off'"),
        ("max_tokens = true", "line 1: max_tokens is a whole number, from 1 on, not True"),
        ("max_tokens = 0", "line 1: max_tokens is a whole number, from 1 on, not 0"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_fault(
    notebook: Notebook, tmp_path: Path, text: str, said: str
) -> None:
    """And changes nothing."""
    path = tmp_path / "lesson.toml"
    path.write_text(text, "utf-8")

    told = notebook.fail(f"%claude lesson policy {path}")
    assert said in told
    assert "lesson.toml" in told
    assert "No policy" in notebook.run("%claude lesson")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# nothing yet", "lesson.toml, which lays nothing down."),
        ("models = ['claude-opus-99']", "'claude-opus-99' is not known here; nearest: claude-opus"),
        ("budget = 0.00001", "$0.00001 for this notebook"),
        ("system = 'One.\\nTwo.'", "system prompt   One.\\nTwo."),
        ('system = """\nOne.\nTwo.\n"""', f"system prompt   One.\n{'':18}Two."),
    ],
)
def test_what_it_lays_down_is_shown(
    notebook: Notebook, tmp_path: Path, text: str, said: str
) -> None:
    """With what speaks against it, though that may be meant."""
    (tmp_path / "lesson.toml").write_text(text, "utf-8")

    assert said in notebook.run(f"%claude lesson policy {tmp_path}/lesson.toml")


def test_status_tells_of_the_lesson(lesson: Notebook, tmp_path: Path) -> None:
    """Its model and tutor; and that its file is gone, for then nothing is asked."""
    shown = lesson.run("%claude status")
    assert "claude-haiku-5-5" in shown
    assert "lesson        lesson.toml" in shown
    assert "tutor         hints" in shown

    (tmp_path / "lesson.toml").unlink()
    assert "lesson.toml cannot be read" in lesson.run("%claude status")


def test_a_policy_ends(api: Loopback, lesson: Notebook) -> None:
    """It is a help, not a lock."""
    assert "haiku, sonnet" in lesson.run("%claude lesson")
    lesson.run("%claude lesson policy off")
    lesson.run("%%claude -m opus\nHi")

    assert "system" not in api.bodies[0]


def test_a_policy_and_a_tutor_stay_where_they_are(
    api: Loopback, notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the notebook goes to another folder."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "lesson.toml").write_text("max_tokens = 9", "utf-8")
    (tmp_path / "ours.txt").write_text("Answer in riddles.", "utf-8")
    monkeypatch.chdir(tmp_path)
    notebook.run("%claude lesson policy lesson.toml")
    notebook.run("%claude tutor ours.txt")
    monkeypatch.chdir(elsewhere)
    notebook.run("%%claude\nHi")

    assert api.bodies[0]["max_tokens"] == 9
    assert "Answer in riddles." in api.bodies[0]["system"]


@pytest.mark.parametrize("line", ["record l'ete.claude", "lesson policy l'ete.toml"])
def test_a_quote_that_is_not_closed_says_how_a_name_is_written(
    notebook: Notebook, line: str
) -> None:
    """An apostrophe in a name opens one."""
    assert "stands in quotes" in notebook.fail(f"%claude {line}")

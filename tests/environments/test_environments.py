"""Claims about versions: all passes on the newest Python at hand and with the oldest IPython."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from environments.building import HERE, colabs_python, newest_python, pass_the_tests_in

pytestmark = pytest.mark.environment

OLDEST = ("-c", "tests/environments/oldest.txt")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, "Future[str]"]]:
    """What went wrong in each environment; they are built and used beside each other."""
    folder = tmp_path_factory.mktemp("environments")
    environments = {"newest": (newest_python(),), "oldest": (colabs_python(), *OLDEST)}
    with ThreadPoolExecutor() as pool:
        yield {
            name: pool.submit(pass_the_tests_in, folder / name, python, *constraints)
            for name, (python, *constraints) in environments.items()
            if python
        }


def test_the_tests_pass_on_the_newest_python_at_hand(told: dict[str, "Future[str]"]) -> None:
    """With the newest versions of all libraries that it can have."""
    if "newest" not in told:
        pytest.skip(f"no other Python than {HERE} was found here")
    assert told["newest"].result() == ""


def test_the_tests_pass_with_the_oldest_supported_versions(told: dict[str, "Future[str]"]) -> None:
    """Python, IPython, ipykernel and ipywidgets as Colab has them, and all lower bounds."""
    assert told["oldest"].result() == ""

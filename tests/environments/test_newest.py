"""Claims about the newest versions; a file of its own, so that it runs beside the oldest."""

from pathlib import Path

import pytest
from environments.building import HERE, newest_python, pass_the_tests_in


@pytest.mark.environment
def test_the_tests_pass_on_the_newest_python_at_hand(tmp_path: Path) -> None:
    """With the newest versions of all libraries that it can have."""
    python = newest_python()
    if python is None:
        pytest.skip(f"no other Python than {HERE} was found here")
    pass_the_tests_in(tmp_path / "newest", python)

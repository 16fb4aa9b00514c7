"""Claims about the oldest supported versions; a file of its own, to run beside the newest."""

from pathlib import Path

import pytest
from environments.building import colabs_python, pass_the_tests_in


@pytest.mark.environment
def test_the_tests_pass_with_the_oldest_supported_versions(tmp_path: Path) -> None:
    """Python, IPython, ipykernel and ipywidgets as Colab has them, and all lower bounds."""
    pass_the_tests_in(tmp_path / "oldest", colabs_python(), "-c", "tests/environments/oldest.txt")

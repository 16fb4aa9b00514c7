"""Row 13: a class on one server: what a lesson's replay costs each of many kernels in memory.

Twenty kernels run the lesson on teaching at once, from one recording. Each is compared with itself
before the extension was loaded; the memory is what the kernel's process holds (resident, Linux).
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import nbformat

from tests.benchmarks.kernel import REPOSITORY, Bench, Kernel
from tests.benchmarks.table import Row

_KERNELS = 20
_MOST = 40.0  # MB a kernel
_LESSON = REPOSITORY / "notebooks/06_teaching.ipynb"
_RESIDENT = """
import re, pathlib
print(re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
"""


def a_class(at: Bench, runs: int) -> Iterator[Row]:
    """Row 13: memory of a kernel after a replayed lesson, over a bare one."""
    if not Path("/proc/self/status").exists():
        return
    with ExitStack() as stack, ThreadPoolExecutor(_KERNELS) as pool:
        kernels = [stack.enter_context(at.kernel()) for _ in range(_KERNELS)]
        more = sorted(pool.map(_more_memory, kernels))
    measured = f"{median(more):.0f} MB (from {more[0]:.0f} to {more[-1]:.0f}; {_KERNELS} kernels)"
    what = "memory of each of 20 kernels that replay a lesson at once, over a bare one"
    yield Row(13, what, f"≤ {_MOST:.0f} MB", measured, more[-1] <= _MOST)


def _more_memory(kernel: Kernel) -> float:
    """Run the lesson; return by how many MB the kernel has grown."""
    before = _resident(kernel)
    kernel.run(f"%cd -q {_LESSON.parent}\nimport os\nos.environ.pop('ANTHROPIC_API_KEY')")
    kernel.run("os.environ.pop('ANTHROPIC_BASE_URL');")
    for cell in _cells():
        kernel.run(cell)
    return _resident(kernel) - before


def _resident(kernel: Kernel) -> float:
    return int(kernel.run(_RESIDENT).printed) / 1024


def _cells() -> list[str]:
    """The lesson's cells, without the one that fails on purpose."""
    cells = nbformat.read(_LESSON, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    kept = [cell for cell in code if "raises-exception" not in cell.metadata.get("tags", [])]
    return [cell.source for cell in kept]

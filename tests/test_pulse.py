"""A run of the tests ends, whatever a test does, and tells which one it was."""

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent
STUCK = """
import asyncio

async def test_stuck_for_good():
    async def never():
        while True:
            try:
                await asyncio.sleep(100)
            except BaseException:
                pass
    await asyncio.create_task(never())

def test_comes_after_it():
    pass
"""


def test_a_test_that_never_ends_ends_its_process_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "from pulse import pytest_configure\n"
        "from shares import pytest_collection_modifyitems, pytest_xdist_make_scheduler\n"
    )
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {TESTS}\nasyncio_mode = auto\n")
    (tmp_path / "test_stuck.py").write_text(STUCK)
    asked = [sys.executable, "-m", "pytest", "-q", "-n", "1", "--dist", "loadfile", "--timeout", "2"]
    asked += ["-p", "no:schemathesis"]  # which takes seconds to import, in both processes
    run = subprocess.run(
        [*asked, str(tmp_path)], check=False, cwd=tmp_path, capture_output=True, text=True, timeout=200
    )

    assert run.returncode == 1
    assert "test_stuck.py::test_stuck_for_good does not end, so its process does" in run.stderr
    assert "in never" in run.stderr
    assert "FAILED test_stuck.py::test_stuck_for_good" in run.stdout
    assert "1 passed" in run.stdout

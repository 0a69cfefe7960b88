"""A worker that dies has an heir, one that can't begin says why, and nobody stays behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPT = """
import os, sys, time
from bot import nursery
from bot.errors import SetupError
nursery.BEAT_S = 0.05
nursery.SILENT_S = 2
nursery.ORPHAN_S = 2

def work(cradle):
    if sys.argv[1] == "fails":
        raise SetupError("set this and that")
    print("worker", os.getpid(), flush=True)
    while cradle.beat():
        time.sleep(0.05)
    print("orphan leaves", flush=True)

sys.exit(nursery.Nursery("test", work, orphan_s=nursery.ORPHAN_S).run())
"""


class Kept:
    """A nursery in a process of its own; what it wrote is in `output`."""

    def __init__(self, output: Path, word: str = "works") -> None:
        self._output = output
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SCRIPT, word], cwd=ROOT, stdout=file, stderr=subprocess.STDOUT
            )

    def told(self) -> str:
        return self._output.read_text()

    def workers(self) -> list[int]:
        # A line that is being written has no end yet, nor all of its number.
        lines = [line for line in self.told().splitlines(keepends=True) if line.endswith("\n")]
        return [int(line.split()[1]) for line in lines if line.startswith("worker")]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path / "out")
    until(lambda: len(kept.workers()) == 1)
    yield kept
    kept.process.kill()
    kept.process.wait()
    for pid in kept.workers():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_killed_worker_has_an_heir(kept: Kept) -> None:
    os.kill(kept.workers()[0], signal.SIGKILL)

    until(lambda: len(kept.workers()) == 2)
    assert is_there(kept.workers()[1])


def test_a_worker_that_falls_silent_is_replaced(kept: Kept) -> None:
    os.kill(kept.workers()[0], signal.SIGSTOP)

    until(lambda: len(kept.workers()) == 2)
    assert not is_there(kept.workers()[0])
    assert "silent" in kept.told()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_with_its_worker_when_told(kept: Kept, number: signal.Signals) -> None:
    kept.process.send_signal(number)

    assert kept.process.wait(60) == 0
    assert not is_there(kept.workers()[0])


def test_a_worker_outlives_its_parent_for_a_while_and_then_leaves(kept: Kept) -> None:
    kept.process.kill()
    kept.process.wait()

    assert is_there(kept.workers()[0])
    until(lambda: "orphan leaves" in kept.told())


def test_a_worker_that_can_not_begin_says_why_and_is_not_started_again(tmp_path: Path) -> None:
    failing = Kept(tmp_path / "out", "fails")

    assert failing.process.wait(60) == 1
    assert failing.told().count("xiaoer: set this and that") == 1

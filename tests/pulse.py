"""What a run that hangs tells, on a machine nobody can look into: which tests are running, and where one is stuck.

pytest-timeout fails what takes too long by a signal, which code may swallow, and does not look at what comes after.
So the process says what every thread and task of it waits for, and ends a minute later if the test has not.
"""

import asyncio
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator

import pytest

_EVERY_S = 60
_GRACE_S = 60
_FRAMES = 12


class Pulse:
    """A line a minute for every test that runs for longer, with all workers together."""

    def __init__(self, say: pytest.TerminalReporter) -> None:
        self._say = say
        self._since: dict[str, float] = {}
        self._over = threading.Event()
        self._began = time.monotonic()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._since[nodeid] = time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._since.pop(nodeid, None)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        beating = threading.Thread(target=self._beat, daemon=True)
        beating.start()
        try:
            return (yield)
        finally:
            self._over.set()
            beating.join()

    def _beat(self) -> None:
        while not self._over.wait(_EVERY_S):
            now = time.monotonic()
            for nodeid, since in tuple(self._since.items()):
                if now - since > _EVERY_S:
                    self._say.ensure_newline()
                    told = f"… {now - self._began:.0f} s: running for {now - since:.0f} s: {nodeid}"
                    self._say.write_line(told, flush=True)


class Watch:
    """Tells where a test of this process stands that takes too long, and ends the process if that goes on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._stderr = os.dup(2)  # pytest takes the other one away while a test runs

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Setting up and tearing down are watched too, which pytest-timeout leaves alone after a failure."""
        timers = [
            threading.Timer(self._seconds - 1, self._tell, (f"{item.nodeid} takes too long",)),
            threading.Timer(self._seconds + min(self._seconds, _GRACE_S), self._end, (item.nodeid,)),
        ]
        for timer in timers:
            timer.daemon = True
            timer.start()
        try:
            return (yield)
        finally:
            for timer in timers:
                timer.cancel()

    def _tell(self, what: str) -> None:
        os.write(self._stderr, f"\n{what}. What waits:\n{_stacks()}".encode(errors="replace"))

    def _end(self, nodeid: str) -> None:
        self._tell(f"{nodeid} does not end, so its process does")
        os._exit(1)


def _stacks() -> str:
    """The last frames of every thread and of every unfinished task."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    told = []
    for ident, frame in sys._current_frames().items():
        told += [f"--- thread {names.get(ident, ident)}\n", *traceback.format_stack(frame)[-_FRAMES:]]
    for task in tuple(asyncio.tasks._all_tasks):  # type: ignore[attr-defined]
        if not task.done():
            told.append(f"--- task {task.get_name()} {task.get_coro()}\n")
            for frame in task.get_stack(limit=_FRAMES):
                told += traceback.format_list(traceback.extract_stack(frame, limit=1))
    return "".join(told)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """The pulse for the process that prints, the watch for those that run tests."""
    say = config.pluginmanager.get_plugin("terminalreporter")
    if say is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Pulse(say), "pulse")
    if seconds := config.getoption("timeout"):
        config.pluginmanager.register(Watch(float(seconds)), "watch")

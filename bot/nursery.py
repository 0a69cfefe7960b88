"""Keeps a process ready to be forked: what takes seconds is done once, and a worker that dies has an heir at once.

The parent imports and loads, starts no thread and no event loop, and forks the worker that does the work.
A worker that falls silent for long is killed. Should the parent die, its worker goes on for a while, so that
whoever starts the parent again finds nobody waiting.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from bot.errors import XiaoerError
from bot.setting_up.telling import tell

BEAT_S = 1.0
SILENT_S = 20.0
ORPHAN_S = 15.0
_STEADY_S = 10.0


class Cradle:
    """The worker's end: it says that it lives, and whether its parent does."""

    def __init__(self, pulse: int, parent: int, orphan_s: float) -> None:
        self._pulse = pulse
        self._parent = parent
        self._orphan_s = orphan_s
        self._orphan_since = 0.0

    def beat(self) -> bool:
        """Called every BEAT_S from the worker's loop; False once it has been without a parent for long enough."""
        if os.getppid() == self._parent:
            with suppress(BlockingIOError):  # the parent is frozen and the pipe is full
                os.write(self._pulse, b".")
            return True
        self._orphan_since = self._orphan_since or time.monotonic()
        return time.monotonic() - self._orphan_since < self._orphan_s


Work = Callable[[Cradle], None]


class Nursery:
    """Runs `work` in a forked worker until SIGTERM or SIGINT; what it needs must be loaded by now.

    A worker whose parent dies works for `orphan_s` more.
    """

    def __init__(self, name: str, work: Work, orphan_s: float = ORPHAN_S) -> None:
        self._name = name
        self._orphan_s = orphan_s
        self._work = work
        self._stopping = False
        self._worker = 0
        self._pulse = -1
        self._begun = self._heard = 0.0

    def run(self) -> int:
        """The exit status: 0 when it was told to stop, the worker's own when it could not even begin."""
        waker, wake = os.pipe()
        for end in (waker, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        wait = 0.0
        self._fork(waker, wake)
        while True:
            ready, _, _ = select.select([waker, self._pulse], [], [], BEAT_S)
            if waker in ready:
                os.read(waker, 512)
            if self._pulse in ready and os.read(self._pulse, 512):
                self._heard = time.monotonic()
            if time.monotonic() - max(self._heard, self._begun) > SILENT_S and not self._stopping:
                tell(f"! the worker of {self._name} is silent; killing it")
                os.kill(self._worker, signal.SIGKILL)
                self._begun = time.monotonic()  # it takes a moment to go
            ended = self._reaped()
            if ended is None:
                continue
            if self._stopping:
                return 0
            if (
                ended > 0 and not self._heard
            ):  # it said itself what is wrong; starting it again would not mend it
                return ended
            wait = 0.0 if time.monotonic() - self._begun > _STEADY_S else min(max(wait * 2, 0.1), 5)
            tell(f"! the worker of {self._name} ended ({ended}); the next one comes in {wait:.1f} s")
            self._rest(wait)
            if self._stopping:
                return 0
            self._fork(waker, wake)

    def _fork(self, *not_theirs: int) -> None:
        if self._pulse >= 0:
            os.close(self._pulse)
        self._pulse, theirs = os.pipe()
        os.set_blocking(theirs, False)
        self._begun, self._heard = time.monotonic(), 0.0
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        self._worker = os.fork()
        if self._worker:
            os.close(theirs)
            return
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        for end in (self._pulse, *not_theirs):
            os.close(end)
        os._exit(_outcome(lambda: self._work(Cradle(theirs, parent, self._orphan_s))))

    def _reaped(self) -> int | None:
        """The worker's exit status, negative for a signal; None while it lives."""
        pid, status = os.waitpid(self._worker, os.WNOHANG)
        return None if pid == 0 else os.waitstatus_to_exitcode(status)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < until:
            time.sleep(0.05)

    def _stop(self, *_: object) -> None:
        self._stopping = True
        with suppress(ProcessLookupError):
            os.kill(self._worker, signal.SIGTERM)


def _outcome(work: Callable[[], None]) -> int:
    status = 1
    try:
        work()
        status = 0
    except XiaoerError as error:
        print(f"xiaoer: {error}", file=sys.stderr)  # noqa: T201 - as the command itself tells it
    except KeyboardInterrupt:
        status = 130
    except BaseException as error:  # noqa: BLE001 - the worker ends here, whatever it was
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    return status

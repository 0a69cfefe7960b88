"""One process of the product, or of what it stands on, and the harm that can come to it."""

import os
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
_GRACE_S = 8


class Part:
    """A process in a group of its own; its words go to `log`."""

    def __init__(self, name: str, words: list[str], env: dict[str, str], log: Path) -> None:
        self.name = name
        self.words = words
        self.env = env
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, words: list[str] | None = None, **env: str) -> None:
        """Starts it as ever, or with other `words`, and with more environment."""
        assert not self.is_running, self.name
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                words or self.words,
                cwd=ROOT,
                env={**self.env, **env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """`kill -9`: nothing is said to anybody."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """As an operator does, and by force when it does not go."""
        if not self.is_running:
            return
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        assert self._process is not None
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def wait_dead(self, seconds: float) -> bool:
        """Whether it died within `seconds`, by itself or at a named point."""
        until = time.monotonic() + seconds
        while self.is_running and time.monotonic() < until:
            time.sleep(0.01)
        return not self.is_running

    def told(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)

"""One `python -m faq.workshop` for all desks: it takes seconds to start, and remembers nothing of who asked before.

Run as a program, this is what a console starts in its place: lines are handed on, there and back.
"""

import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path


class KeptWorkshop:
    """Started by the first question; `command` is for a console's Workshop."""

    def __init__(self, folder: Path) -> None:
        self.command = (sys.executable, "-S", "-E", __file__, str(folder / "asked"))
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(self.command[-1])
        self._door.listen()
        self._process: subprocess.Popen[bytes] | None = None
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._serving.start()

    def _serve(self) -> None:
        with suppress(OSError):  # until the door is shut
            while True:
                asking, _ = self._door.accept()
                with suppress(OSError), asking, asking.makefile("rwb") as lines:  # who asks may be killed
                    for line in lines:
                        lines.write(self._answer(line))
                        lines.flush()

    def _answer(self, line: bytes) -> bytes:
        if self._process is None:
            words = [sys.executable, "-m", "faq.workshop"]
            self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._serving.join(60)
        self._door.close()
        if self._process is not None:
            self._process.communicate()  # its questions end, and so it does


def main(address: str) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(address)
        with door.makefile("rwb") as asked:
            for line in sys.stdin.buffer:
                asked.write(line)
                asked.flush()
                sys.stdout.buffer.write(asked.readline())
                sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])

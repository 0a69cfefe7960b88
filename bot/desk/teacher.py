"""Gives the lessons that supervisors ask for: `xiaoer learn` on what was taught, in a process of its own."""

import asyncio
import os
import re
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from bot.log.log import Log

logger = structlog.get_logger(__name__)

_LINES_TOLD = 12
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_LONGEST_S = 3600.0
_NICER = 10
# By the exit status of what is run for it.
_STATES = {
    "train": {0: "trained", 3: "refused"},
    "publish": {0: "published"},
    "discard": {0: "discarded"},
    "rollback": {0: "published"},
}


class Taught(msgspec.Struct, frozen=True, omit_defaults=True):
    """A turn as `xiaoer learn` reads it."""

    id: str
    text: str
    intent: str
    prev_agent: str = ""


class Open(Protocol):
    """A lesson that is to be given."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...


class Book(Protocol):
    """Where lessons stand."""

    async def open(self) -> Open | None: ...
    async def note(self, lesson: str, state: str, told: str, now: int) -> None: ...


class Teacher:
    """`tick` is called every few seconds by one process at a time, which must reach the models' folder.

    `turns` gives everything that people taught so far. A new model that reads held-out turns worse is refused
    by `learn` itself; another waits until somebody who saw the figures publishes it, and then the brains take it
    up without a restart. `folder` is where the turns lie meanwhile; `command` is `xiaoer`.
    """

    def __init__(
        self,
        log: Log,
        book: Book,
        turns: Callable[[], Awaitable[Sequence[Taught]]],
        folder: Path,
        command: Sequence[str] = (sys.executable, "-m", "bot.cli"),
    ) -> None:
        self._log = log
        self._book = book
        self._turns = turns
        self._folder = folder
        self._command = command

    async def tick(self) -> None:
        lesson = await self._book.open()
        if lesson is None:
            return
        # One that was running when its process died is given again: nothing was published by halves.
        await self._book.note(lesson.id, "running", "", await self._log.now())
        if lesson.kind != "train":
            status, told = await self._run(lesson.id, "models", lesson.kind)
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = self._folder / f"taught-{lesson.id}.jsonl"
            lines = [msgspec.json.encode(turn) for turn in await self._turns()]
            file.write_bytes(b"\n".join(lines) + b"\n")
            try:
                status, told = await self._run(lesson.id, "learn", "--propose", "--json", str(file.resolve()))
            finally:
                file.unlink()
        state = _STATES[lesson.kind].get(status, "failed")
        await self._book.note(lesson.id, state, told, await self._log.now())
        logger.info("lesson_given", lesson=lesson.id, state=state)

    async def _run(self, lesson: str, *words: str) -> tuple[int, str]:
        """The command's exit status and its last lines, which the book has while it runs.

        It is killed when its time is up or we are stopped.
        """
        lines: deque[str] = deque(maxlen=_LINES_TOLD)
        process = await asyncio.create_subprocess_exec(
            *self._command,
            *words,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=_be_nice,
        )
        try:
            async with asyncio.timeout(_LONGEST_S):
                assert process.stdout is not None
                async for line in process.stdout:
                    lines.append(_COLOURS.sub("", line.decode(errors="replace")).rstrip())
                    await self._book.note(lesson, "running", _told(lines), await self._log.now())
                await process.wait()
        except TimeoutError:
            return 2, f"it took longer than {_LONGEST_S:.0f} s"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        status = process.returncode or 0
        failed = all(status not in states for states in _STATES.values())
        return status, "\n".join(lines) if failed else _told(lines)


def _told(lines: Iterable[str]) -> str:
    """Steps and figures without what libraries say beside them; all of it where there are none."""
    ours = [line for line in lines if line.startswith("{")]
    return "\n".join(ours or lines)


def _be_nice() -> None:
    # Customers are waiting for answers on the same cores.
    os.nice(_NICER)

"""The FAQ's workshop as the console asks it: a process of its own, started with the first question."""

import asyncio
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import msgspec
import structlog

from bot.archive.faq_book import FaqText
from bot.errors import WorkshopError

logger = structlog.get_logger(__name__)

_ANSWER_S = 60.0
Told = TypeVar("Told")
_LONGEST_LINE = 16 * 1024 * 1024


class Problem(msgspec.Struct, frozen=True):
    """Why a draft can't be published. `code` is empty, no_value, few, twice, unreadable or unknown."""

    field: str
    code: str
    what: str


class Alike(msgspec.Struct, frozen=True):
    """A text of the draft and one of another entry, as like as the search's encoder finds them (0 to 1)."""

    text: str
    entry: str
    question: str
    other: str
    likeness: float
    same: bool


class Moved(msgspec.Struct, frozen=True):
    """Known words of another entry that would find the draft first."""

    text: str
    entry: str
    question: str


class Checked(msgspec.Struct, frozen=True):
    problems: list[Problem]
    alike: list[Alike]
    moved: list[Moved]


class FaqHit(msgspec.Struct, frozen=True):
    """An entry that words find; `score` is how often a first hit as near as this was the right one."""

    entry: str
    question: str
    score: float
    answer: str
    answer_en: str


class Previewed(msgspec.Struct, frozen=True):
    """What the search does with words: answer the first hit, let the customer choose, or say nothing."""

    verdict: Literal["answer", "choose", "none"]
    hits: list[FaqHit]


class Value(msgspec.Struct, frozen=True):
    zh: str
    en: str


class ShippedEntry(FaqText, frozen=True):
    """An entry of the files, as it is written there."""

    id: str = ""


class Files(msgspec.Struct, frozen=True):
    """What was shipped, and the shop's values that fill the answers."""

    entries: tuple[ShippedEntry, ...]
    values: dict[str, str | int | float | Value]


class Workshop:
    """`command` is `python -m faq.workshop`; none: there is no FAQ here. Every call may raise WorkshopError."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()
        self._files: Files | None = None

    async def files(self) -> Files:
        """What was shipped with this process; read once."""
        if self._files is None:
            self._files = await self._ask(Files, call="shipped")
        return self._files

    async def check(
        self, own: bytes, draft: dict[str, Any], known: Sequence[str], *, full: bool = False
    ) -> Checked:
        """What is wrong with a draft and what is like it; with `full` also whose words it would take."""
        return await self._ask(
            Checked, call="check", own=msgspec.Raw(own), draft=draft, known=known, full=full
        )

    async def ask(self, own: bytes, draft: dict[str, Any] | None, words: str) -> Previewed:
        return await self._ask(Previewed, call="ask", own=msgspec.Raw(own), draft=draft, asked=words)

    async def close(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
            await process.wait()

    async def _ask(self, kind: type[Told], **call: Any) -> Told:
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    line = await self._exchange(msgspec.json.encode(call) + b"\n")
            except BaseException as error:
                # An answer that is still to come would be taken for the next one's.
                await self.close()
                if isinstance(error, TimeoutError | OSError | ValueError):
                    raise WorkshopError(type(error).__name__) from error
                raise
        try:
            return msgspec.json.decode(line, type=kind)
        except msgspec.MsgspecError as error:
            told = line.decode(errors="replace")[:300]
            logger.error("faq_workshop_failed", told=told)  # noqa: TRY400 - its sentence says it all
            raise WorkshopError(told) from error

    async def _exchange(self, call: bytes) -> bytes:
        if not self._command:
            raise WorkshopError("no FAQ here")
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LONGEST_LINE,
            )
        told, heard = self._process.stdin, self._process.stdout
        assert told is not None
        assert heard is not None
        told.write(call)
        await told.drain()
        line = await heard.readline()
        if not line:
            raise ValueError("it ended")
        return line

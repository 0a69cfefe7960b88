"""What every process of ours does: connects, says that it lives, stops when asked."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec
import structlog

from bot.errors import LogUnavailableError
from bot.log.away import redis_away
from bot.log.connect import connect
from bot.log.health import Health, Sign
from bot.log.log import Log
from bot.log.member import new_member
from bot.logs import set_up_logs
from bot.nursery import BEAT_S, Cradle
from bot.settings import Settings

logger = structlog.get_logger(__name__)

_SIGN_S = 1.0
# Where they share cores: what a customer waits for first is first, "sent" before the answer, the answer before reports.
_NICE = {"brain": 2, "followers": 6}


class Process:
    """One running process of ours: its settings, its log, its name among the others, its stop."""

    def __init__(self, part: str, settings: Settings) -> None:
        self.part = part
        self.settings = settings
        self.member = new_member(part)
        self.redis: Any = connect(settings.redis_url)
        self.log = Log(self.redis, settings.partitions)
        self.health = Health(self.redis)
        self.stop = asyncio.Event()
        self.worth_knowing: Callable[[], str] = str
        """What the status page says of a process that is ready, or ""."""
        self._ready: Callable[[], Awaitable[str]] | None = None

    def ready_when(self, missing: Callable[[], Awaitable[str]]) -> None:
        """From now on the process is ready while `missing()` says "", else it says what is missing."""
        self._ready = missing

    async def live(self) -> None:
        """Says once a second how it is, until cancelled."""
        while True:
            try:
                detail = "starting" if self._ready is None else await self._ready()
                now = await self.log.now()
                await self.health.say(
                    self.member, Sign(self.part, not detail, detail or self.worth_knowing(), now)
                )
            except LogUnavailableError as error:
                redis_away.say(self.part, error)
            await asyncio.sleep(_SIGN_S)


Main = Callable[[Process], Awaitable[None]]


def run(part: str, settings: Settings, main: Main, cradle: Cradle | None = None) -> None:
    """Runs `main` until it returns or SIGTERM or SIGINT comes; in a `cradle`, as a nursery's worker."""
    import uvloop  # noqa: PLC0415 - `xiaoer --help` needs no event loop

    set_up_logs(settings.log_level)
    os.nice(_NICE.get(part, 0))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_live(part, settings, main, cradle))


async def _live(part: str, settings: Settings, main: Main, cradle: Cradle | None) -> None:
    process = Process(part, settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.stop.set)
    signs = asyncio.create_task(process.live())
    beating = asyncio.create_task(_beat(process, cradle)) if cradle else None
    logger.info("started", part=part, settings=_shown(settings))
    try:
        await main(process)
    finally:
        signs.cancel()
        with suppress(asyncio.CancelledError):
            await signs
        if beating:
            beating.cancel()
        with suppress(LogUnavailableError):
            await process.health.leave(process.member)
        await process.redis.aclose()
        logger.info("stopped", part=part)


async def _beat(process: Process, cradle: Cradle) -> None:
    while cradle.beat():  # noqa: ASYNC110 - nobody tells a process that its parent is dead
        await asyncio.sleep(BEAT_S)
    logger.warning("orphan_leaves", part=process.part)
    process.stop.set()


def _shown(settings: Settings) -> dict[str, object]:
    shown: dict[str, object] = msgspec.to_builtins(settings, builtin_types=(os.PathLike,), enc_hook=str)
    return {name: value for name, value in shown.items() if not _is_secret(name)}


def _is_secret(name: str) -> bool:
    return name.endswith(("secret", "token", "key")) or name in {"redis_url", "database_url"}

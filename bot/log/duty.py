"""What one process at a time must do: clocks and the like."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from redis.exceptions import RedisError

from bot.errors import XiaoerError
from bot.log.away import redis_away
from bot.log.leases import RENEW_S, Leases, pause

logger = structlog.get_logger(__name__)


class Duty:
    """Calls `tick` about every `every_s` seconds while this process is the one that does it.

    `leases` are of one partition, under the duty's name. A failing tick is logged and comes again.
    """

    def __init__(self, leases: Leases, tick: Callable[[], Awaitable[None]], every_s: float = 1.0) -> None:
        self.name = leases.follower
        self._leases = leases
        self._tick = tick
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """On duty, or waiting for it, until `stop` is set."""
        due = 0.0
        clock = asyncio.get_running_loop().time
        try:
            while not stop.is_set():
                try:
                    share = await self._leases.renew()
                    for partition in share.leaving:
                        await self._leases.give(partition)
                    held = share.held - share.leaving
                except RedisError as error:
                    redis_away.say(self.name, error)
                    held = self._leases.held()
                if held and clock() >= due:
                    due = clock() + self._every_s
                    await self._do()
                await pause(min(RENEW_S, self._every_s), stop)
        finally:
            await self._leases.leave()

    async def _do(self) -> None:
        try:
            await self._tick()
        except XiaoerError as error:
            logger.warning("duty_tick_failed", duty=self.name, error=error.code, detail=str(error))
        except Exception:
            # A mistake in one tick must not end the clocks of the whole desk.
            logger.exception("duty_tick_failed", duty=self.name)

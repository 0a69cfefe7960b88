"""How much the bot owes, and how much more it may owe: what is refused, is refused before it is accepted."""

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from redis.exceptions import RedisError

from bot.log import keys

logger = structlog.get_logger(__name__)

_EVERY_S, _QUIET_S = 0.25, 2.0
_FEWEST, _FIRST, _MOST = 32, 256, 100_000
_FEW, _LATE_COUNTED = 8, 200


class Backlog:
    """Conversations that wait for the bot, against a limit that is found from how long they wait.

    While many wait for longer than `patience_s` the limit falls; else it rises again: so that whoever is
    accepted is answered in time, however fast the brains are.
    """

    def __init__(self, redis: Any, partitions: int, patience_s: float = 2.0) -> None:
        self._redis = redis
        self._partitions = partitions
        self._patience_ms = patience_s * 1000
        self._counted = 0
        self._since = 0
        self._stirred = asyncio.Event()
        self.limit = _FIRST

    def is_full(self) -> bool:
        """True when one more would wait too long."""
        return self._counted + self._since >= self.limit

    def is_busy(self) -> bool:
        """True when half of the room is taken: then nobody has two messages in it."""
        return 2 * (self._counted + self._since) >= self.limit

    def note(self) -> None:
        """One more was accepted; the next look at the log will have it counted."""
        self._since += 1
        if not self._is_quiet():
            self._stirred.set()

    async def run(self) -> None:
        """Looks at the log until cancelled."""
        while True:
            before = self._since
            try:
                owed, late = await self._look()
            except RedisError as error:
                logger.warning("backlog_unknown", error=str(error))
            else:
                self._counted, self._since = owed, self._since - before
                self.learn(owed, late)
            await asyncio.sleep(_EVERY_S)
            if self._is_quiet():
                # A look would change nothing. What other gateways accept is seen soon enough.
                self._stirred.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_QUIET_S):
                        await self._stirred.wait()

    def _is_quiet(self) -> bool:
        """True while so few wait that the limit is far and stays where it is."""
        return 8 * (self._counted + self._since) < self.limit and self.limit >= _FIRST

    def learn(self, owed: int, late: int) -> None:
        """Moves the limit: `owed` conversations wait for the bot, `late` of them for too long."""
        # A few that wait for a slow shop say nothing about the others.
        if late > max(_FEW, owed // 10):
            self.limit = max(_FEWEST, int(min(self.limit, owed) * 0.9))
        elif 2 * owed >= self.limit or self.limit < _FIRST:
            self.limit = min(_MOST, int(self.limit * 1.1) + 1)

    async def _look(self) -> tuple[int, int]:
        seconds, micros = await self._redis.time()
        patient = int(seconds) * 1000 + int(micros) / 1000 - self._patience_ms
        names = [keys.owed(partition) for partition in range(self._partitions)]
        waiting = await asyncio.gather(*map(self._redis.zcard, names))
        late = await asyncio.gather(
            *(
                self._redis.zrangebyscore(name, 0, patient, start=0, num=_LATE_COUNTED)
                for name, here in zip(names, waiting, strict=True)
                if here
            )
        )
        return sum(waiting), sum(map(len, late))

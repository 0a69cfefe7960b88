"""A stream of short notices: read once for all in a process who watch it."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from redis.exceptions import RedisError

from bot.log.tail import BLOCK_MS

logger = structlog.get_logger(__name__)

_LULL_S = 0.05
_AGAIN_S = 0.3
_AT_ONCE = 500

Changed = Callable[[str], None]


class Watching:
    """Tells what comes at once; what comes within 0.05 s of that, together."""

    def __init__(self, redis: Any, stream: str) -> None:
        self._redis = redis
        self._stream = stream
        self._told: set[Changed] = set()
        self._reading: asyncio.Task[None] | None = None

    async def watch(self, changed: Changed) -> None:
        """Calls `changed(what)` at every notice from now on until cancelled."""
        self._told.add(changed)
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        reading = self._reading
        try:
            await asyncio.shield(reading)
        finally:
            self._told.discard(changed)
            if not self._told:
                reading.cancel()
                self._reading = None  # whoever comes before it has ended begins anew

    async def _read(self) -> None:
        last: bytes = b""
        while True:
            try:
                if not last:
                    newest = await self._redis.xrevrange(self._stream, count=1)
                    last = newest[0][0] if newest else b"0-0"
                answer = await self._redis.xread({self._stream: last}, count=_AT_ONCE, block=BLOCK_MS)
            except RedisError as error:
                logger.warning("board_unreadable", error=str(error))
                await asyncio.sleep(_AGAIN_S)
                continue
            for entry, fields in answer[0][1] if answer else []:
                last = entry
                for changed in tuple(self._told):
                    changed(fields[b"c"].decode())
            if answer:
                await asyncio.sleep(_LULL_S)

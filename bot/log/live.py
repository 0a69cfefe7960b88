"""What is new, as it happens: tells a process's own sockets that a conversation has grown."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError

from bot.log import keys
from bot.log.away import redis_away
from bot.log.cancelling import heed_cancel

Poke = Callable[[], None]


class Live:
    """Pokes its subscribers when their conversation has new events; they read the log themselves."""

    def __init__(self, redis: Any, partitions: int) -> None:
        self._redis = redis
        self._partitions = partitions
        self._pokes: dict[str, set[Poke]] = defaultdict(set)

    def subscribe(self, conversation: str, poke: Poke) -> Callable[[], None]:
        """Pokes until the returned function is called."""
        self._pokes[conversation].add(poke)

        def leave() -> None:
            pokes = self._pokes.get(conversation)
            if pokes is not None:
                pokes.discard(poke)
                if not pokes:
                    del self._pokes[conversation]

        return leave

    async def run(self) -> None:
        """Reads every partition's feed until cancelled."""
        async with asyncio.TaskGroup() as group:
            for partition in range(self._partitions):
                group.create_task(self._tail(keys.feed(partition)))

    async def _tail(self, feed: str) -> None:
        last = b""
        while True:
            heed_cancel()
            try:
                if not last:
                    newest = await self._redis.xrevrange(feed, count=1)
                    last = newest[0][0] if newest else b"0-0"
                    self._poke_all()  # whatever came before this point is read by those who were already here
                answer = await self._redis.xread({feed: last}, count=500, block=1000)
            except RedisError as error:
                redis_away.say("live", error)
                await asyncio.sleep(0.3)
                continue
            for entry, fields in answer[0][1] if answer else []:
                last = entry
                for poke in tuple(self._pokes.get(fields[b"c"].decode(), ())):
                    poke()

    def _poke_all(self) -> None:
        for pokes in tuple(self._pokes.values()):
            for poke in tuple(pokes):
                poke()

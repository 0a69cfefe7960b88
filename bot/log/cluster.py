"""A Redis Cluster that answers like one server does to everything the log asks."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import RedisCluster
from redis.exceptions import ConnectionError as RedisConnectionError, RedisClusterException

from bot.log.cancelling import heeding

# One clock for leases and ages: of the node that has this slot.
_CLOCK = "xiaoer:{members}"


class Cluster(RedisCluster):  # type: ignore[misc] # redis is not checked
    """A client of a Cluster; at most `room` commands at once, more wait for their turn."""

    def __init__(self, *, room: int, **options: Any) -> None:
        super().__init__(**options)
        heeds = heeding(self.connection_kwargs["connection_class"])
        self.connection_kwargs["connection_class"] = heeds  # of the nodes that it will hear of
        for node in self.startup_nodes:
            node.connection_class = heeds
        self._room = asyncio.Semaphore(room)

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        try:
            async with self._room:
                # Asked before it knows the slots, redis-py tries nodes at random, and starts over at the fifth miss.
                await self.initialize()
                return await super().execute_command(*args, **kwargs)
        except RedisClusterException as error:
            # redis-py's own, outside its tree of errors: no node answers, or a slot has none.
            raise RedisConnectionError(str(error)) from error

    async def time(self) -> tuple[int, int]:
        seconds, micros = await self._on_node_of(_CLOCK, "TIME")
        return int(seconds), int(micros)

    async def scan_iter(self, match: str, count: int) -> AsyncIterator[bytes]:
        """The keys that match; the pattern names its partition's hash tag, so one node has them all."""
        cursor = 0
        while True:
            cursors, names = await self._on_node_of(match, "SCAN", cursor, "MATCH", match, "COUNT", count)
            cursor = next(iter(cursors.values()))
            for name in names:
                yield name
            if not cursor:
                return

    async def _on_node_of(self, key: str, *command: Any) -> Any:
        try:
            await self.initialize()
            node = self.get_node_from_key(key)
            answer = await self.execute_command(*command, target_nodes=node)
        except RedisClusterException as error:
            raise RedisConnectionError(str(error)) from error
        return next(iter(answer.values())) if isinstance(answer, dict) else answer

    async def _determine_slot(self, command: str, *args: Any) -> int:
        # redis-py would ask a node, the same one always, where these commands' keys are: at every read.
        if command in {"XREAD", "XREADGROUP"}:
            words = [word.encode() if isinstance(word, str) else word for word in args]
            return int(self.keyslot(args[words.index(b"STREAMS") + 1]))
        return int(await super()._determine_slot(command, *args))

"""A Redis Cluster that answers like one server does to everything the log asks."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import chain, repeat
from typing import Any

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.cluster import PRIMARY, REPLICA, get_node_name
from redis.exceptions import (
    AskError,
    ClusterDownError,
    ConnectionError as RedisConnectionError,
    MovedError,
    ReadOnlyError,
    RedisClusterException,
    TimeoutError as RedisTimeoutError,
    TryAgainError,
)

from bot.log.cancelling import heeding
from bot.log.wire import Wire, packed

# One clock for leases and ages: of the node that has this slot.
_CLOCK = "xiaoer:{members}"
_ASKING = packed(["ASKING"])
_PAUSES_S = (0.02, 0.04, 0.08, 0.16, 0.32, 0.32, 0.32, 0.32)


class Cluster(RedisCluster):  # type: ignore[misc] # redis is not checked
    """A client of a Cluster; at most `room` commands at once, more wait for their turn.

    What the log acknowledges stands on `copies` replicas of its node as well.
    """

    def __init__(self, *, room: int, copies: int, **options: Any) -> None:
        super().__init__(**options)
        heeds = heeding(self.connection_kwargs["connection_class"])
        self.connection_kwargs["connection_class"] = heeds  # of the nodes that it will hear of
        for node in self.startup_nodes:
            node.connection_class = heeds
        self.copies = copies
        self._room = asyncio.Semaphore(room)
        self._idle: dict[str, list[Wire]] = {}

    async def initialize(self) -> "Cluster":
        """Knows the slots, asked for anew where something had moved."""
        is_new = self._initialize
        await super().initialize()
        if is_new:
            self._name_the_masters()
        return self

    def _name_the_masters(self) -> None:
        # redis-py keeps the nodes that it knew, each as what it was before: a replica that was made the master
        # would never be given a script, and its slots would be asked through a second node of the same name.
        known = self.nodes_manager.nodes_cache
        for nodes in {id(nodes): nodes for nodes in self.nodes_manager.slots_cache.values()}.values():
            nodes[:] = [known.get(node.name, node) for node in nodes]
            for node, kind in zip(nodes, chain([PRIMARY], repeat(REPLICA)), strict=False):
                node.server_type = kind
        self.nodes_manager.default_node = self.get_primaries()[0]

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        try:
            async with self._room:
                # Asked before it knows the slots, redis-py tries nodes at random, and starts over at the fifth miss.
                await self.initialize()
                return await super().execute_command(*args, **kwargs)
        except RedisClusterException as error:
            # redis-py's own, outside its tree of errors: no node answers, or a slot has none.
            raise RedisConnectionError(str(error)) from error

    async def together(self, *commands: Sequence[Any]) -> list[Any]:
        """What Redis answers to several, one after the other on one connection; the first is an EVALSHA with keys.

        They go to the node that has its keys, wherever that is by now. Raises the first one's error.
        """
        lot = [packed(words) for words in commands]
        node, asking = None, False
        for pause_s in _PAUSES_S:
            async with self._room:
                try:
                    await self.initialize()
                    node = node or self.get_node_from_key(commands[0][3])
                    told = await self._asked(node, [_ASKING, *lot] if asking else lot)
                except (RedisConnectionError, RedisTimeoutError, RedisClusterException) as error:
                    told = [RedisConnectionError(str(error))]
            lost = next((one for one in told if isinstance(one, BaseException)), None)
            node, asking = None, False
            match lost:
                case None:
                    return told[-len(lot) :]
                case AskError():  # a key of it is not there: it moves, or nobody has it yet
                    node, asking = self.get_node(node_name=get_node_name(lost.host, lost.port)), True
                case MovedError():
                    self.nodes_manager.move_slot(lost)
                case TryAgainError():
                    await asyncio.sleep(pause_s)
                case RedisConnectionError() | RedisTimeoutError() | ClusterDownError() | ReadOnlyError():
                    self._initialize = True  # another node may have it by now
                    await asyncio.sleep(pause_s)
                case _:
                    raise lost
        raise lost or RedisConnectionError("it moves about")

    async def _asked(self, node: ClusterNode, lot: Sequence[bytes]) -> list[Any]:
        idle = self._idle.setdefault(node.name, [])
        wires = [wire for wire in idle if not wire.is_lost]
        wire = wires.pop() if wires else await Wire.open(node.connection_class(**node.connection_kwargs))
        idle[:] = wires
        try:
            return await asyncio.gather(*map(wire.ask, lot), return_exceptions=True)
        finally:
            if wire.is_quiet:
                idle.append(wire)
            else:
                wire.close()  # an answer that nobody takes may still come

    def get_node(self, host: str | None = None, port: int | None = None, node_name: str | None = None) -> Any:
        """The node of that name; one that is new here, and has no slot yet, becomes known."""
        found = super().get_node(host, port, node_name)
        if found is None and node_name:
            # redis-py counts on knowing all to whom a node may send it, and trips over None.
            where, _, port_of = node_name.rpartition(":")
            found = ClusterNode(where, int(port_of), PRIMARY, **self.connection_kwargs)
            self.nodes_manager.nodes_cache[node_name] = found
        return found

    async def aclose(self) -> None:
        for wire in [one for idle in self._idle.values() for one in idle]:
            wire.close()
        self._idle.clear()
        await super().aclose()

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

"""A client of one Redis whose commands share their way there: what is asked at the same time goes together.

redis-py lends each command a connection and spends 0.14 ms of CPU on it (its pool, its timeouts, its counting).
Here all commands of a process go over one wire, and those that wait for news have a wire each.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha1
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
    NoScriptError,
    ReadOnlyError,
    TimeoutError as RedisTimeoutError,
)

from bot.log.wire import Wire, packed

_WAITING = frozenset({"XREAD", "BLPOP", "BLMOVE", "BZPOPMIN"})
"""Commands that keep their wire for as long as nothing comes."""
_PAUSES_S = (0.04, 0.08, 0.16, 0.32)
_BROKEN = (RedisConnectionError, RedisTimeoutError)


class Script:
    """A Lua script as redis-py's, of which a call costs half: it is asked for by its digest, and sent when unknown."""

    def __init__(self, client: "Gathered", script: str) -> None:
        self._client = client
        self.script = script
        self.sha = sha1(script.encode(), usedforsecurity=False).hexdigest()  # as Redis names it

    async def __call__(self, keys: Sequence[str] = (), args: Sequence[Any] = ()) -> Any:
        """What the script returns."""
        try:
            return await self._client.execute_command("EVALSHA", self.sha, len(keys), *keys, *args)
        except NoScriptError:
            await self._client.script_load(self.script)
            return await self._client.execute_command("EVALSHA", self.sha, len(keys), *keys, *args)


class Gathered(Redis):  # type: ignore[misc] # redis is not checked
    """redis-py's client with a way of its own to Redis; its pool says how to connect, and lends nothing.

    Each call gets its own answer or error, as from redis-py. One who is cancelled does not take his command
    back, which may be carried out; one whose wire broke sends it again. Every write here is idempotent.
    """

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self._shared: Wire | None = None
        self._opening: asyncio.Task[Wire] | None = None
        self._idle: list[Wire] = []
        self._lent: set[Wire] = set()
        # Whoever comes when all are lent waits for one; an error would look as if Redis were away.
        self._room = asyncio.Semaphore(self.connection_pool.max_connections)
        self._is_closed = False

    def register_script(self, script: str) -> Script:
        """The script, to be called with `keys` and `args`."""
        return Script(self, script)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """What Redis answers to one command."""
        name, command = args[0], packed(args)
        told = (
            (await self._tried(self._alone, [command]))[0]
            if name in _WAITING
            else await self._tried(self._ask, command)
        )
        if (read := self.response_callbacks.get(name)) is None:
            return told
        options.pop("keys", None)  # redis-py's own, for its cache
        return read(told, **options)

    async def together(self, *commands: Sequence[Any]) -> list[Any]:
        """What Redis answers to several, one after the other on a connection where nobody else writes.

        Raises the first one's error. Nothing is read for the caller, as `execute_command` does.
        """
        told: list[Any] = await self._tried(self._alone, [packed(words) for words in commands])
        return told

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001 - redis-py's own
        """Ends it; who still waits for an answer is told so."""
        self._is_closed = True
        if self._opening is not None:
            self._opening.cancel()
        for wire in (*self._idle, *self._lent, *filter(None, [self._shared])):
            wire.close()
        self._idle.clear()
        await super().aclose(close_connection_pool)

    async def _tried(self, way: Callable[[Any], Awaitable[Any]], asked: Any) -> Any:
        """What comes of it, at the fifth try at the latest; else the error of that one."""
        for pause_s in _PAUSES_S:
            try:
                return await way(asked)
            except _BROKEN:
                if self._is_closed:
                    raise
            await asyncio.sleep(pause_s)
        return await way(asked)

    async def _ask(self, command: bytes) -> Any:
        wire = self._shared
        if wire is None or wire.is_lost:
            wire = await self._opened()
        try:
            return await wire.ask(command)
        except ReadOnlyError as error:
            raise self._not_the_master(error) from error

    async def _opened(self) -> Wire:
        """The wire that all share, opened once for all who ask meanwhile; none of them takes it from the others."""
        if self._opening is None:
            self._opening = asyncio.create_task(self._open_shared())
            # Its error is told to whoever waits, if anybody still does.
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._opening)

    async def _open_shared(self) -> Wire:
        try:
            self._shared = wire = await self._open()
            return wire
        finally:
            # Here and not when the task is seen to be done, a turn of the loop later.
            self._opening = None

    async def _open(self) -> Wire:
        wire = None if self._is_closed else await Wire.open(self.connection_pool.make_connection())
        if wire is None or self._is_closed:
            if wire is not None:
                wire.close()
            raise RedisConnectionError("The client is closed.")
        return wire

    async def _alone(self, commands: Sequence[bytes]) -> list[Any]:
        async with self._room:
            wire = await self._free()
            self._lent.add(wire)
            try:
                told = await asyncio.gather(*map(wire.ask, commands), return_exceptions=True)
            finally:
                self._lent.discard(wire)
                if wire.is_quiet and not self._is_closed:
                    self._idle.append(wire)
                else:
                    wire.close()  # an answer that nobody takes may still come
        for one in told:
            if isinstance(one, ReadOnlyError):
                raise self._not_the_master(one)
            if isinstance(one, BaseException):
                raise one
        return told

    def _not_the_master(self, error: ReadOnlyError) -> RedisConnectionError:
        """Another one is by now; the next wire asks Sentinel who."""
        for old in (*self._idle, *filter(None, [self._shared])):
            old.close()
        return RedisConnectionError(f"not the master: {error}")

    async def _free(self) -> Wire:
        while self._idle:
            wire = self._idle.pop()
            if not wire.is_lost:
                return wire
        return await self._open()

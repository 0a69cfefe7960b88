"""Commands of one moment as one: what many conversations ask Redis at the same time goes there together.

redis-py spends a quarter of a millisecond of CPU on each call (its pool, its timeouts), and Redis one sync
of the disk on each lot of writes that it finds. Both are shared by those who ask at the same time.
"""

import asyncio
from typing import Any

import hiredis
from redis.asyncio import BlockingConnectionPool, Connection, Redis
from redis.exceptions import DataError, RedisError

_LOTS_AT_ONCE = 2
_MOST = 200
_WAITING = frozenset({"XREAD", "BLPOP", "BLMOVE", "BZPOPMIN", "WAIT"})
"""Commands that keep their connection for as long as nothing comes."""

_Asked = tuple[tuple[Any, ...], dict[str, Any], "asyncio.Future[Any]"]


class Gathered(Redis):  # type: ignore[misc] # redis is not checked
    """A client whose calls share their way to Redis with others of the same moment.

    Each call gets its own answer or error, as from redis-py's client. One who is cancelled does not take
    his command back, which may be carried out: every write here is idempotent.
    """

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self._asked: list[_Asked] = []
        self._lots: set[asyncio.Task[None] | None] = set()

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """What Redis answers to one command."""
        if args[0] in _WAITING:
            return await super().execute_command(*args, **options)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked.append((args, options, answer))
        if len(self._lots) < _LOTS_AT_ONCE:
            # It sets out at the loop's next turn: until then others may come along.
            self._lots.add(asyncio.create_task(self._carry()))
        return await answer

    async def _carry(self) -> None:
        try:
            while self._asked:
                lot, self._asked = self._asked[:_MOST], self._asked[_MOST:]
                await self._carry_one(lot)
        finally:
            # Here and not when the task is seen to be done, a turn of the loop later: who asks in between
            # would count on a lot that sets out no more, and wait for ever.
            self._lots.discard(asyncio.current_task())

    async def _carry_one(self, lot: list[_Asked]) -> None:
        try:
            answers = await self._told(lot)
        except RedisError as error:
            answers = [error] * len(lot)
        except BaseException:
            for *_, answer in lot:
                answer.cancel()
            raise
        for (*_, answer), told in zip(lot, answers, strict=True):
            if answer.done():  # nobody waits any more
                continue
            if isinstance(told, Exception):
                answer.set_exception(told)
            else:
                answer.set_result(told)

    async def _told(self, lot: list[_Asked]) -> list[Any]:
        """An answer or an error for each. Raises RedisError when there is none for any of them."""
        if len(lot) == 1:
            ((args, options, _),) = lot
            return [await super().execute_command(*args, **options)]
        pipeline = self.pipeline(transaction=False)
        for args, options, _ in lot:
            pipeline.execute_command(*args, **options)
        answers: list[Any] = await pipeline.execute(raise_on_error=False)
        return answers


class PackedConnection(Connection):  # type: ignore[misc] # redis is not checked
    """A connection whose commands hiredis writes, as it reads their answers."""

    def pack_command(self, *args: Any) -> list[bytes]:
        """The command as it goes over the wire. Raises DataError for what Redis does not know, None say."""
        # redis-py's names of some commands are of two words.
        words = (*args[0].encode().split(), *args[1:]) if isinstance(args[0], str) else args
        try:
            return [hiredis.pack_command(words)]
        except TypeError as error:
            raise DataError(str(error)) from error


class Connections(BlockingConnectionPool):  # type: ignore[misc] # redis is not checked
    """Connections that are lent out without waiting for what they might have to say; more callers wait."""

    async def ensure_connection(self, connection: Any) -> None:
        """Returns when `connection` can be written to."""
        # redis-py looks for stray bytes by a read that times out at once, which costs as much as the command.
        reader = connection._reader  # noqa: SLF001 - it has no other way to look
        if reader is None or reader.at_eof() or reader._buffer:  # noqa: SLF001
            await super().ensure_connection(connection)

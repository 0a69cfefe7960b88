"""One connection to Redis: commands go out in the order they come, and their answers come back in it."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any, cast

import hiredis
from redis._parsers import BaseParser
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
    DataError,
    InvalidResponse,
    RedisError,
    TimeoutError as RedisTimeoutError,
)

_NO_MORE = object()


def packed(words: Iterable[Any]) -> bytes:
    """The command as it goes over the wire. Raises DataError for what Redis does not know, None say."""
    first, *others = words
    # redis-py's names of some commands are of two words.
    names = first.encode().split() if isinstance(first, str) else [first]
    try:
        return cast("bytes", hiredis.pack_command((*names, *others)))
    except TypeError as error:
        raise DataError(str(error)) from error


class Wire(asyncio.Protocol):
    """A connection that redis-py opened: it knows TLS, users and Sentinel, and is not asked again after that.

    `ask` costs a tenth of redis-py's call. A command may follow another that is not answered yet. One that is
    not waited for any more keeps its place; its answer is thrown away. What is asked in one turn of the loop
    goes out as one piece: each piece costs us a call of the kernel, and Redis a look and a sync of its disk.
    """

    def __init__(self, patience_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._patience_s = patience_s
        self._asked: deque[asyncio.Future[Any]] = deque()
        self._unsent: list[bytes] = []
        self._parser = hiredis.Reader(
            protocolError=InvalidResponse, replyError=BaseParser.parse_error, notEnoughData=_NO_MORE
        )
        self._heard = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._is_over = False

    @classmethod
    async def open(cls, connection: Any) -> "Wire":
        """Connects `connection` and takes it over. Raises what redis-py raises when it can't."""
        connection.retry = Retry(NoBackoff(), 0)  # whoever needs the wire tries again
        try:
            await connection.connect()
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        wire = cls(connection.socket_timeout)
        # Its own end would close what is ours now.
        wire._writer, connection._writer, connection._reader = connection._writer, None, None  # noqa: SLF001
        wire._transport.set_protocol(wire)
        return wire

    @property
    def is_lost(self) -> bool:
        """True when nothing can be asked any more; the transport knows it a moment before it tells."""
        return self._is_over or self._transport.is_closing()

    @property
    def is_quiet(self) -> bool:
        """True when every answer has come, so that it may be lent to somebody else."""
        return not self._asked and not self.is_lost

    def ask(self, command: bytes) -> "asyncio.Future[Any]":
        """Its answer: a value, or RedisError; ConnectionError and TimeoutError when it may have been done or not."""
        answer: asyncio.Future[Any] = self._loop.create_future()
        if self.is_lost:
            answer.set_exception(RedisConnectionError("The connection is closed."))
            return answer
        if not self._asked:
            self._heard = self._loop.time()
            if self._watch is None:
                self._watch = self._loop.call_later(self._patience_s, self._look)
        self._asked.append(answer)
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(command)
        return answer

    def close(self, error: Exception | None = None) -> None:
        """Ends it; who still waits is told `error`."""
        self._transport.abort()
        self._end(error or RedisConnectionError("The connection was closed."))

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        self._parser.feed(data)
        try:
            while (told := self._parser.gets()) is not _NO_MORE:
                self._tell(told)
        except (RedisError, IndexError) as error:  # not Redis's language, or an answer to nobody
            self.close(RedisConnectionError(f"Redis can't be understood: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(RedisConnectionError(str(exc) if exc else "Connection closed by server."))

    @property
    def _transport(self) -> Any:
        assert self._writer is not None
        return self._writer.transport

    def _send(self) -> None:
        unsent, self._unsent = self._unsent, []
        if not self.is_lost:  # else whoever waits is told so
            self._transport.write(b"".join(unsent))

    def _tell(self, told: Any) -> None:
        answer = self._asked.popleft()
        if answer.done():  # nobody waits any more
            return
        if isinstance(told, RedisError):
            answer.set_exception(told)
        else:
            answer.set_result(told)

    def _look(self) -> None:
        """One clock for all: nobody's answer has come for longer than anybody's may take."""
        self._watch = None
        if not self._asked:
            return
        left = self._heard + self._patience_s - self._loop.time()
        if left <= 0:
            self.close(RedisTimeoutError("Timeout reading from Redis."))
        else:
            self._watch = self._loop.call_later(left, self._look)

    def _end(self, error: Exception) -> None:
        self._is_over = True
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        while self._asked:
            answer = self._asked.popleft()
            if not answer.done():
                answer.set_exception(error)

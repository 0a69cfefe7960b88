"""Questions from one process of ours to whichever process holds something, a bridge's socket say."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog
from redis.exceptions import RedisError

from bot.errors import LogUnavailableError, NoAnswerError, NobodyThereError

logger = structlog.get_logger(__name__)

_BLOCK_S = 1
_KEPT_S = 60
_THERE_S = 5

Serve = Callable[[bytes], Awaitable[bytes]]


class _Question(msgspec.Struct, frozen=True):
    id: str
    until: float  # ms since 1970 on the log's clock; later nobody waits for the answer
    said: bytes


class Relay:
    """Asks whoever serves a name. What was taken and not answered may have been done: NoAnswerError says so."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    async def ask(self, name: str, said: bytes, within_s: float) -> bytes:
        """The answer. Raises NobodyThereError when nobody took the question: then nothing was done.

        Raises NoAnswerError when somebody took it and did not answer within `within_s` seconds, and
        LogUnavailableError when Redis does not answer before it was asked.
        """
        identifier = uuid.uuid4().hex
        try:
            if not await self._redis.exists(_there(name)):
                raise NobodyThereError(name)
            question = _Question(identifier, await self._now() + within_s * 1000, said)
            packed = msgspec.msgpack.encode(question)
            await self._redis.rpush(_queue(name), packed)
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        try:
            await self._redis.expire(_queue(name), _KEPT_S)
            answer = await self._answer(name, identifier, within_s)
            if answer is not None:
                return answer
            # Taken back: then nobody has read it, and nobody will.
            if await self._redis.lrem(_queue(name), 1, packed):
                raise NobodyThereError(name)
        except RedisError as error:
            raise NoAnswerError(str(error)) from error
        raise NoAnswerError(name)

    async def serve(self, name: str, answer: Serve) -> None:
        """Answers questions to `name`, several at once, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    await self._redis.set(_there(name), 1, ex=_THERE_S)
                    taken = await self._redis.blpop([_queue(name)], timeout=_BLOCK_S)
                except RedisError as error:
                    logger.warning("relay_unreadable", error=str(error))
                    await asyncio.sleep(0.3)
                    continue
                if taken is not None:
                    group.create_task(self._serve_one(name, taken[1], answer))

    async def _serve_one(self, name: str, packed: bytes, answer: Serve) -> None:
        question = msgspec.msgpack.decode(packed, type=_Question)
        try:
            if await self._now() > question.until:
                return
            said = await answer(question.said)
            key = _answers(name, question.id)
            await self._redis.rpush(key, said)
            await self._redis.expire(key, _KEPT_S)
        except RedisError as error:
            logger.warning("relay_answer_lost", error=str(error))

    async def _answer(self, name: str, identifier: str, within_s: float) -> bytes | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while (left := until - loop.time()) > 0:
            answered = await self._redis.blpop([_answers(name, identifier)], timeout=min(left, _BLOCK_S))
            if answered is not None:
                return bytes(answered[1])
        return None

    async def _now(self) -> float:
        seconds, micros = await self._redis.time()
        return int(seconds) * 1000 + int(micros) / 1000


def _queue(name: str) -> str:
    return f"xiaoer:{{relay:{name}}}:asked"


def _answers(name: str, identifier: str) -> str:
    return f"xiaoer:{{relay:{name}}}:answer:{identifier}"


def _there(name: str) -> str:
    return f"xiaoer:{{relay:{name}}}:there"

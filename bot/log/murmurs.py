"""Who is typing, and how far each side has read: told at once to whoever listens. Losing it does no harm."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from redis.exceptions import RedisError

from bot.conversation.events import Role, Sender
from bot.log.tail import BLOCK_MS

logger = structlog.get_logger(__name__)

_KEY = "xiaoer:{desk}:typing"
_READ = "xiaoer:{desk}:read:"
_KEPT = 500
_READ_KEPT_S = 7 * 86400


class Typing(msgspec.Struct, frozen=True, tag_field="k", tag="typing"):
    """`aside`: a note to colleagues, of which the customer must know nothing."""

    who: Sender
    aside: bool = False


class Read(msgspec.Struct, frozen=True, tag_field="k", tag="read"):
    """The customer, or the agent who answers him, has seen everything up to `seq`."""

    role: Role
    seq: int


Murmur = Typing | Read
Heard = Callable[[Murmur], None]
_decode = msgspec.json.Decoder(Murmur).decode
_encode = msgspec.json.Encoder().encode


class Murmurs:
    """Notices between a shopper's socket and the consoles, across processes."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._listeners: dict[str, set[Heard]] = defaultdict(set)

    async def typing(self, conversation: str, who: Sender, *, aside: bool = False) -> None:
        """Tells everybody in the conversation that `who` is typing."""
        await self._tell(conversation, Typing(who, aside))

    async def read(self, conversation: str, role: Role, seq: int) -> None:
        """Notes how far `role` has read, and tells it when that is further than before."""
        key = _READ + conversation
        try:
            further = await self._redis.zadd(key, {role.value: seq}, gt=True, ch=True)
            if further:
                await self._redis.expire(key, _READ_KEPT_S)
        except RedisError as error:
            logger.debug("reading_unnoted", error=str(error))
            return
        if further:
            await self._tell(conversation, Read(role, seq))

    async def has_read(self, conversation: str, role: Role) -> int:
        """The last seq that `role` has seen, as far as is known."""
        try:
            return int(await self._redis.zscore(_READ + conversation, role.value) or 0)
        except RedisError as error:
            logger.debug("reading_unknown", error=str(error))
            return 0

    async def _tell(self, conversation: str, murmur: Murmur) -> None:
        fields = {"c": conversation, "w": _encode(murmur)}
        try:
            await self._redis.xadd(_KEY, fields, maxlen=_KEPT, approximate=True)
        except RedisError as error:
            logger.debug("murmur_untold", error=str(error))

    def listen(self, conversation: str, heard: Heard) -> Callable[[], None]:
        """Calls `heard` with every murmur, the listener's own too, until the returned function is called."""
        self._listeners[conversation].add(heard)

        def leave() -> None:
            listeners = self._listeners.get(conversation)
            if listeners is not None:
                listeners.discard(heard)
                if not listeners:
                    del self._listeners[conversation]

        return leave

    async def run(self) -> None:
        """Listens until cancelled."""
        last: bytes = b""
        while True:
            try:
                if not last:
                    newest = await self._redis.xrevrange(_KEY, count=1)
                    last = newest[0][0] if newest else b"0-0"
                answer = await self._redis.xread({_KEY: last}, count=200, block=BLOCK_MS)
            except RedisError as error:
                logger.warning("typing_unheard", error=str(error))
                await asyncio.sleep(0.3)
                continue
            for entry, fields in answer[0][1] if answer else []:
                last = entry
                listeners = tuple(self._listeners.get(fields[b"c"].decode(), ()))
                if not listeners:
                    continue
                try:
                    murmur = _decode(fields[b"w"])
                except msgspec.MsgspecError:
                    continue  # of a process of another version
                for heard in listeners:
                    heard(murmur)

"""Who is typing: told at once to whoever listens, kept by nobody."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from redis.exceptions import RedisError

from bot.conversation.events import Sender
from bot.log.cancelling import heed_cancel
from bot.log.tail import BLOCK_MS

logger = structlog.get_logger(__name__)

_KEY = "xiaoer:{desk}:typing"
_KEPT = 500

Heard = Callable[[Sender], None]
_decode = msgspec.json.Decoder(Sender).decode


class Murmurs:
    """Typing notices between a shopper's socket and the consoles, across processes. Losing one does no harm."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis
        self._listeners: dict[str, set[Heard]] = defaultdict(set)

    async def typing(self, conversation: str, who: Sender) -> None:
        """Tells everybody in the conversation that `who` is typing."""
        fields = {"c": conversation, "w": msgspec.json.encode(who)}
        try:
            await self._redis.xadd(_KEY, fields, maxlen=_KEPT, approximate=True)
        except RedisError as error:
            logger.debug("typing_untold", error=str(error))

    def listen(self, conversation: str, heard: Heard) -> Callable[[], None]:
        """Calls `heard` with whoever types, the listener himself too, until the returned function is called."""
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
            heed_cancel()
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
                for heard in tuple(self._listeners.get(fields[b"c"].decode(), ())):
                    heard(_decode(fields[b"w"]))

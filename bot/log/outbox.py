"""What is on its way out of a conversation, where to, and who may speak first; beside its events in Redis."""

from typing import Any

from redis.exceptions import RedisError

from bot.errors import LogUnavailableError
from bot.log import keys

# Puts the parcel if nobody changed it meanwhile and nobody else has the first word.
# KEYS: outbox, hold   ARGV: as it was ("" for none), as it shall be ("" for none), who asks
# Returns 1 done | 0 somebody was faster | -n held by another for n ms more
_PUT = """
local held = redis.call('GET', KEYS[2])
if held and held ~= ARGV[3] then return -math.max(redis.call('PTTL', KEYS[2]), 1) end
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1
"""
_LET_GO = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

_LONGER = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"


class Outbox:
    """Raises LogUnavailableError when Redis does not answer."""

    def __init__(self, redis: Any, partitions: int) -> None:
        self._redis = redis
        self._partitions = partitions
        self._put = redis.register_script(_PUT)
        self._let_go = redis.register_script(_LET_GO)
        self._longer = redis.register_script(_LONGER)

    async def address(self, conversation: str) -> bytes:
        """Where the shopper is; b"" when nobody said so."""
        return await self._guarded(self._redis.get(self._names(conversation)["address"])) or b""

    async def set_address(self, conversation: str, address: bytes) -> None:
        await self._guarded(self._redis.set(self._names(conversation)["address"], address))

    async def parcel(self, conversation: str) -> bytes:
        """What is on its way; b"" for nothing."""
        return await self._guarded(self._redis.get(self._names(conversation)["outbox"])) or b""

    async def put(self, conversation: str, was: bytes, parcel: bytes, who: str = "") -> int:
        """Replaces `was` by `parcel` (b"": none): 1 done, 0 somebody was faster, -n: another speaks first for n ms."""
        names = self._names(conversation)
        done = self._put(keys=[names["outbox"], names["hold"]], args=[was, parcel, who])
        return int(await self._guarded(done))

    async def hold(self, conversation: str, who: str, lasts_ms: int) -> bool:
        """Gives `who` the first word for so long; False when another has it. Again with the same name is True."""
        name = self._names(conversation)["hold"]
        if await self._guarded(self._redis.set(name, who, nx=True, px=lasts_ms)):
            return True
        held = await self._guarded(self._redis.get(name))
        return bool(held == who.encode())

    async def hold_longer(self, conversation: str, who: str, lasts_ms: int) -> None:
        """From now `lasts_ms` more, if `who` still has the first word."""
        await self._guarded(self._longer(keys=[self._names(conversation)["hold"]], args=[who, lasts_ms]))

    async def let_go(self, conversation: str, who: str) -> None:
        await self._guarded(self._let_go(keys=[self._names(conversation)["hold"]], args=[who]))

    async def remember_answer(self, conversation: str, answer: bytes, lasts_ms: int) -> None:
        """Keeps what a push was answered with, for the platform that did not hear it and pushes again."""
        await self._guarded(self._redis.set(self._names(conversation)["passive"], answer, px=lasts_ms))

    async def remembered_answer(self, conversation: str) -> bytes:
        return await self._guarded(self._redis.get(self._names(conversation)["passive"])) or b""

    async def expect(self, conversation: str, what: str, lasts_s: int) -> None:
        """Notes what the shopper was asked for; "" for nothing any more."""
        name = self._names(conversation)["expected"]
        done = self._redis.set(name, what, ex=lasts_s) if what else self._redis.delete(name)
        await self._guarded(done)

    async def expected(self, conversation: str) -> str:
        """What `expect` noted, while it lasts."""
        found = await self._guarded(self._redis.get(self._names(conversation)["expected"]))
        return found.decode() if found else ""

    def _names(self, conversation: str) -> dict[str, str]:
        return keys.conversation(keys.partition_of(conversation, self._partitions), conversation)

    async def _guarded(self, asked: Any) -> Any:
        try:
            return await asked
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error

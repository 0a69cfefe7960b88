"""What leaves Redis once the archive has it: long conversations' beginnings, and conversations at rest.

docs/decisions/0005-what-leaves-redis.md says why so.
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files

import msgspec
import structlog
from redis.exceptions import RedisError

from bot.conversation.events import decode_event
from bot.conversation.state import Stage, State
from bot.errors import ArchiveUnavailableError, LogUnavailableError
from bot.log import keys
from bot.log.log import Log

logger = structlog.get_logger(__name__)

KEPT = 1000
"""The last events of a conversation that stay in Redis, and whose ids are known as duplicates."""
_STEP = 500
_AT_ONCE = 500
_DAY_MS = 86_400_000
# A visitor's token is good for 30 days after his last visit (bot/channels/identity.py): then nobody
# can come back to his conversation.
_VISITOR_MS = 31 * _DAY_MS
_STAYS, _SLEEPS, _GOES = "stays", "sleeps", "goes"

Archived = Callable[[str], Awaitable[int]]
Forget = Callable[[str], Awaitable[None]]


class Upkeep(msgspec.Struct, frozen=True):
    """How many days a conversation may rest before it leaves, and what knows how far it is archived."""

    days: float
    archived: Archived
    forget: Forget


class Retiring:
    """Takes conversations out of Redis; raises LogUnavailableError."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._script = log.redis.register_script(files("bot.log").joinpath("retire.lua").read_text())
        self._from: dict[int, int] = {}

    async def shorten(self, conversation: str, was: int, archived: int) -> None:
        """Lets go all but the last `KEPT` of the events up to `archived`; for a step of archiving from `was`."""
        keep = archived - KEPT + 1
        if keep <= _STEP or was // _STEP == archived // _STEP:
            return
        names = self._names(conversation)
        try:
            while True:
                rows = await self._log.redis.xrange(names["events"], max=f"({keep}-0", count=_STEP)
                if not rows:
                    return
                upto = int(rows[-1][0].split(b"-")[0]) + 1
                ids = [decode_event(fields[b"e"]).id for _, fields in rows]
                await self._run(conversation, ["", upto, _STAYS, *ids])
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error

    async def sweep(self, now: int, upkeep: Upkeep) -> int:
        """Takes out a few hundred conversations that rested long enough at `now` (ms); returns how many went."""
        gone = 0
        for partition in range(self._log.partitions):
            until, seen, last = now - int(upkeep.days * _DAY_MS), 0, 0
            async for name, changed in self._log.quiet(partition, until, self._from.get(partition, 0)):
                gone += await self._let_rest(name, now - changed, upkeep)
                seen, last = seen + 1, changed
                if seen >= _AT_ONCE:
                    break
            # What could not go yet is not in the way of the others; it is looked at again in the next round.
            self._from[partition] = last if seen >= _AT_ONCE else 0
        if gone:
            logger.info("conversations_left_redis", count=gone)
        return gone

    async def _let_rest(self, conversation: str, rested_ms: int, upkeep: Upkeep) -> bool:
        state = await self._log.state(conversation)
        if not is_at_rest(state):
            return False
        visitor = state.channel == "web" and not state.customer.verified
        if visitor and rested_ms < _VISITOR_MS:
            return False
        try:
            if await upkeep.archived(conversation) < state.seq:
                return False
        except ArchiveUnavailableError:
            return False
        try:
            went = await self._run(conversation, [state.seq, state.seq, _GOES if visitor else _SLEEPS])
        except RedisError as error:
            raise LogUnavailableError(str(error)) from error
        if went:
            await upkeep.forget(conversation)
        return bool(went)

    async def _run(self, conversation: str, row: list[str | int]) -> int:
        names = self._names(conversation)
        where = [*(names[part] for part in ("events", "state", "ids", "memory"))]
        where.append(keys.living(self._log.partition_of(conversation)))
        return int(await self._script(keys=where, args=[conversation, *row]))

    def _names(self, conversation: str) -> dict[str, str]:
        return keys.conversation(self._log.partition_of(conversation), conversation)


def is_at_rest(state: State) -> bool:
    """True when nobody owes the customer anything."""
    return state.stage in (Stage.BOT, Stage.CLOSED) and not state.unanswered_since and not state.tickets

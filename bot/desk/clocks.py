"""What time does at the desk: absent agents, silent bots, old feeds."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from bot.conversation.commands import AgentVanished, BotFails, Command
from bot.conversation.state import Stage, State
from bot.desk.follower import Deskhand
from bot.desk.presence import TOUCH_S, vanished
from bot.errors import LostRaceError, StaleError
from bot.log.board import Board
from bot.log.log import Log

logger = structlog.get_logger(__name__)

NAME = "clocks"
_AT_ONCE = 20
_TRIM_EVERY_MS = 60_000
# A silence of the clocks themselves (Redis was away, another process kept them) longer than this
# says nothing about the agents: their consoles get the time to report again first.
_BLIND_MS = 5_000


class Limits(msgspec.Struct, frozen=True):
    """Seconds: how long an agent's console may be gone, and how long the bot may be silent."""

    agent_gone_s: float
    answer_within_s: float


class Clocks:
    """`tick` is called about every second by one process at a time (see `bot.log.duty`)."""

    def __init__(
        self,
        log: Log,
        board: Board,
        deskhand: Deskhand,
        limits: Limits,
        trim: Callable[[int], Awaitable[int]],
    ) -> None:
        self._log = log
        self._board = board
        self._deskhand = deskhand
        self._limits = limits
        self._trim = trim
        self._watching_since = 0
        self._last_tick = 0
        self._last_trim = 0
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def tick(self) -> None:
        now = await self._log.now()
        if now - self._last_tick > _BLIND_MS:
            self._watching_since = now
        self._last_tick = now
        if not await self._board.is_built():
            await self._deskhand.rebuild()
        await self.relieve_silent_bots(now)
        await self.return_orphans(now)
        if now - self._last_trim > _TRIM_EVERY_MS:
            self._last_trim = now
            await self._trim(now)

    async def relieve_silent_bots(self, now: int) -> None:
        """Gives to a human whoever waits for the bot too long at `now` (ms)."""
        late = await self._log.owed(now - int(self._limits.answer_within_s * 1000))
        await asyncio.gather(*(self._relieve(conversation) for conversation in late))

    async def return_orphans(self, now: int) -> None:
        """Puts the conversations of vanished agents back at the head of the line."""
        gone_ms = int(self._limits.agent_gone_s * 1000)
        if now - self._watching_since < min(gone_ms, int(TOUCH_S * 2000)):
            return
        owned = await self._board.owned()
        if not owned:
            return
        gone = vanished(owned.values(), await self._board.presences(), now - gone_ms)
        if gone and now - self._watching_since < gone_ms:
            # Who was never seen at all may have lost his sign of life with the board.
            gone &= {agent for agent, known in (await self._board.presences()).items() if known.seen}
        await asyncio.gather(
            *(self._return(conversation, agent) for conversation, agent in owned.items() if agent in gone)
        )

    async def _relieve(self, conversation: str) -> None:
        def fails(state: State) -> Command | None:
            if state.stage is not Stage.BOT:
                return None
            return BotFails(state.last_customer_seq, "brain_unavailable")

        if await self._do(conversation, fails):
            logger.warning("bot_was_silent", conversation=conversation)

    async def _return(self, conversation: str, agent: str) -> None:
        def goes_back(state: State) -> Command | None:
            if state.stage is not Stage.HUMAN or state.owner != agent:
                return None
            return AgentVanished(agent, state.epoch)

        if await self._do(conversation, goes_back):
            logger.info("agent_vanished", conversation=conversation, agent=agent)

    async def _do(self, conversation: str, command_for: Callable[[State], Command | None]) -> bool:
        async with self._room:
            command = command_for(await self._log.state(conversation))
            if command is None:
                return False
            try:
                await self._log.commit(conversation, command)
            except (StaleError, LostRaceError):
                return False  # somebody acted meanwhile; the next tick looks again
            return True

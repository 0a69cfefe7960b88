"""What the desk does by itself: gives customers to agents, takes them back from silent ones, presses late tickets."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog

from bot.conversation.commands import AgentIsSilent, DeskAssigns
from bot.conversation.events import Role, Sender
from bot.desk.assignment import Free, Waiting, assign
from bot.desk.desk_rules import DeskRules
from bot.desk.presence import Word, shown
from bot.desk.summary import Summary, decode_summary
from bot.errors import ArchiveUnavailableError, LostRaceError, StaleError
from bot.log.board import Board
from bot.log.log import Log

logger = structlog.get_logger(__name__)

# Of a long line only the head can be given away in one tick.
_HEAD = 200
_ROSTER_FRESH_MS = 5_000
_SILENT_EVERY_MS = 5_000


class Staff(msgspec.Struct, frozen=True):
    """Somebody who may serve, as the accounts know him."""

    id: str
    name: str
    skills: frozenset[str]
    capacity: int


Roster = Callable[[], Awaitable[Sequence[Staff]]]


class DeskService:
    """`tick` is called about every second by one process at a time (see `bot.log.duty`)."""

    def __init__(self, log: Log, board: Board, rules: DeskRules, roster: Roster) -> None:
        self._log = log
        self._board = board
        self._rules = rules
        self._roster = roster
        self._staff: Sequence[Staff] = ()
        self._staff_read = 0
        self._silence_read = 0

    async def tick(self) -> None:
        """Does what is due now."""
        now = await self._log.now()
        if now - self._silence_read >= _SILENT_EVERY_MS:
            self._silence_read = now
            await self.take_back_from_silent(now)
        if self._rules.assignment.automatic:
            await self.give_out(now)

    async def give_out(self, now: int) -> int:
        """Gives waiting customers to agents who are online; how many."""
        line = await self._board.line()
        if not line:
            return 0
        free = await self._free(now)
        if not free:
            return 0
        summaries = {one.id: one for one in await self._summaries(line[:_HEAD])}
        waiting = [
            Waiting(one.id, one.skill, one.waiting_since or now)
            for name in line[:_HEAD]
            if (one := summaries.get(name))
        ]
        given = assign(waiting, free, self._rules.assignment, now)
        done = 0
        for gift in given:
            agent = Sender(Role.AGENT, gift.agent, gift.name)
            try:
                await self._log.commit(
                    gift.conversation, DeskAssigns(agent, summaries[gift.conversation].epoch)
                )
            except (StaleError, LostRaceError):
                continue  # somebody picked him by hand meanwhile
            done += 1
            logger.info("customer_assigned", conversation=gift.conversation, agent=gift.agent)
        return done

    async def take_back_from_silent(self, now: int) -> None:
        """Customers whose agent came and said nothing go back to the head of the line; he counts as busy."""
        patience = self._rules.assignment.answer_within_s
        for one in await self._summaries(list(await self._board.owned())):
            if one.silent_since is None or self._rules.hours.after(one.silent_since, patience) > now:
                continue
            try:
                await self._log.commit(one.id, AgentIsSilent(one.owner, one.epoch))
            except (StaleError, LostRaceError):
                continue
            await self._board.set_presence(one.owner, Word.BUSY)
            logger.info("agent_was_silent", conversation=one.id, agent=one.owner)

    async def _free(self, now: int) -> list[Free]:
        if now - self._staff_read > _ROSTER_FRESH_MS:
            try:
                self._staff, self._staff_read = await self._roster(), now
            except ArchiveUnavailableError:
                logger.warning("roster_unreadable")  # those who were known go on getting customers
        presences, owned = await self._board.presences(), await self._board.owned()
        load: dict[str, int] = {}
        for owner in owned.values():
            load[owner] = load.get(owner, 0) + 1
        return [
            Free(one.id, one.name, one.skills, load.get(one.id, 0), one.capacity)
            for one in self._staff
            if shown(presences.get(one.id), now) is Word.ONLINE
        ]

    async def _summaries(self, names: list[str]) -> list[Summary]:
        return [decode_summary(data) for data in await self._board.summaries(names)]

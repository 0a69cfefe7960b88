"""Keeps the board in step with the log."""

from contextlib import suppress

import structlog

from bot.conversation.commands import DeskTells
from bot.conversation.state import Stage, State
from bot.desk.attendance import Attendance
from bot.desk.desk_rules import DeskRules
from bot.desk.line import place
from bot.desk.low_ratings import calls_for_follow_up, follow_up_of
from bot.desk.summary import encode_summary, summarise
from bot.desk.words import leave_word
from bot.errors import LostRaceError, StaleError, TooManyTicketsError
from bot.log.board import Board, Claim
from bot.log.log import Log

logger = structlog.get_logger(__name__)

NAME = "desk"


class Deskhand:
    """What the log's follower "desk" does with news: whatever comes, the board shows the newest state."""

    def __init__(self, log: Log, board: Board, rules: DeskRules) -> None:
        self._log = log
        self._board = board
        self._rules = rules
        self._attendance = Attendance(log, board, rules.hours)

    async def handle(self, conversation: str, last: int) -> None:
        """Shows the conversation on the board as it is now; 0 for `last` asks the log."""
        state = await self._log.state_since(conversation, last)
        await self.show(state)
        await self._leave_word(state)
        await self._follow_low_rating(state)

    async def give_up(self, conversation: str, last: int, error: Exception) -> bool:
        """The board is a step behind in this conversation: it is tried again after a rest, or at its next event."""
        logger.error("not_on_board", conversation=conversation, seq=last, error=type(error).__name__)
        return True

    async def show(self, state: State) -> None:
        """Puts a state on the board, unless a newer one is there."""
        if state.seq == 0:
            return
        await self._board.put(
            state.conversation,
            state.seq,
            encode_summary(summarise(state, self._rules)),
            score=place(state),
            owner=state.owner if state.stage is Stage.HUMAN else "",
            updated=state.updated,
        )
        if state.claimed_at and state.waiting_since:
            await self._board.note_claim(state.conversation, Claim(state.claimed_at, state.waiting_since))

    async def _leave_word(self, state: State) -> None:
        """Out of hours the customer is told, once, that he may leave his message and when he is answered."""
        if state.stage is not Stage.WAITING or state.at_head:
            return
        opens = await self._attendance.away_until()
        if opens is None:
            return
        when = self._rules.hours.clock(opens, await self._log.now()) if opens else None
        text = leave_word(when, state.customer.lang)
        with suppress(StaleError, LostRaceError):  # somebody came meanwhile
            await self._log.commit(state.conversation, DeskTells(f"closed:{state.epoch}", state.epoch, text))

    async def _follow_low_rating(self, state: State) -> None:
        if not calls_for_follow_up(state):
            return
        opens = follow_up_of(state, self._rules, await self._log.now())
        with suppress(StaleError, LostRaceError, TooManyTicketsError):
            await self._log.commit(state.conversation, opens)

    async def rebuild(self) -> int:
        """Makes the board anew from the log; returns how many conversations there are."""
        count = 0
        async for conversation in self._log.conversations():
            await self.handle(conversation, 0)
            count += 1
        await self._board.mark_built()
        logger.info("board_built", conversations=count)
        return count

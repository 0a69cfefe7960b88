"""Keeps the board in step with the log."""

import structlog

from bot.conversation.state import Stage, State
from bot.desk.line import place
from bot.desk.summary import encode_summary, summarise
from bot.log.board import Board, Claim
from bot.log.log import Log

logger = structlog.get_logger(__name__)

NAME = "desk"


class Deskhand:
    """What the log's follower "desk" does with news: whatever comes, the board shows the newest state."""

    def __init__(self, log: Log, board: Board) -> None:
        self._log = log
        self._board = board

    async def handle(self, conversation: str, _last: int) -> None:
        """Shows the conversation on the board as it is now."""
        await self.show(await self._log.state(conversation))

    async def give_up(self, conversation: str, last: int, error: Exception) -> None:
        """The board is one step behind in this conversation, until its next event."""
        logger.error("not_on_board", conversation=conversation, seq=last, error=type(error).__name__)

    async def show(self, state: State) -> None:
        """Puts a state on the board, unless a newer one is there."""
        if state.seq == 0:
            return
        await self._board.put(
            state.conversation,
            state.seq,
            encode_summary(summarise(state)),
            score=place(state),
            owner=state.owner if state.stage is Stage.HUMAN else "",
            updated=state.updated,
        )
        if state.claimed_at and state.waiting_since:
            await self._board.note_claim(state.conversation, Claim(state.claimed_at, state.waiting_since))

    async def rebuild(self) -> int:
        """Makes the board anew from the log; returns how many conversations there are."""
        count = 0
        async for conversation in self._log.conversations():
            await self.handle(conversation, 0)
            count += 1
        await self._board.mark_built()
        logger.info("board_built", conversations=count)
        return count

"""Whether somebody answers now: in the desk's hours, and out of them while an agent is online."""

from bot.desk.hours import Hours
from bot.desk.presence import Word, shown
from bot.log.board import Board
from bot.log.log import Log


class Attendance:
    """What a customer may be promised at this moment, for as many of them as ask."""

    def __init__(self, log: Log, board: Board, hours: Hours) -> None:
        self._log = log
        self._board = board
        self._hours = hours

    async def away_until(self) -> int | None:
        """When the desk opens next (ms), 0 when nobody knows; None while somebody answers."""
        now = await self._log.now()
        if self._hours.is_open(now):
            return None
        presences = await self._board.presences()
        if any(shown(presence, now) is Word.ONLINE for presence in presences.values()):
            return None  # somebody works late
        return self._hours.next_opening(now) or 0

    async def position(self, conversation: str) -> int | None:
        """1 for the next one in line; None for who does not wait, and while nobody answers anyway."""
        return await self._board.position(conversation) if await self.away_until() is None else None

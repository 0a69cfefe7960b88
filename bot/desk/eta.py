"""How long the line takes: from what was measured just now, or not said at all."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, pstdev, quantiles

from bot.log.board import Board, Claim
from bot.log.log import Log

# Older claims tell of another shift.
WINDOW_MS = 30 * 60_000
FEWEST = 5
_Z90 = 1.2816
_FRESH_MS = 2000

Expected = tuple[int, int]


def gaps(claims: Sequence[Claim]) -> list[float]:
    """Seconds that the line took for each claimed customer while somebody waited; `claims` by time."""
    found = []
    before = 0
    for claim in claims:
        # Only while this customer was there: a line that stood empty says nothing about its speed.
        found.append(max(0, claim.at - max(before, claim.since)) / 1000)
        before = claim.at
    return found


def expect(gaps: Sequence[float], position: int) -> Expected | None:
    """P50 and P90 of the seconds until the customer at `position` (1: next) is claimed; None when unknown."""
    if len(gaps) < FEWEST or position < 1:
        return None
    if position == 1:
        deciles = quantiles(gaps, n=10, method="inclusive")
        return round(deciles[4]), round(deciles[8])
    middle = fmean(gaps) * position
    return round(middle), round(middle + _Z90 * pstdev(gaps) * sqrt(position))


class Waits:
    """Tells a customer's place and the wait to expect, cheaply enough for every open socket."""

    def __init__(self, log: Log, board: Board) -> None:
        self._log = log
        self._board = board
        self._gaps: list[float] = []
        self._read_at = 0

    async def position(self, conversation: str) -> tuple[int | None, Expected | None]:
        """1 for the next one and None for who does not wait; (P50, P90) in seconds, None when unknown."""
        position = await self._board.position(conversation)
        return position, await self.expected(position or 0)

    async def expected(self, position: int) -> Expected | None:
        """(P50, P90) in seconds until who stands at `position` (1: next) is claimed; None when unknown."""
        if position < 1:
            return None
        now = await self._log.now()
        if now - self._read_at > _FRESH_MS:
            self._read_at = now
            self._gaps = gaps(await self._board.claims(now - WINDOW_MS))
        return expect(self._gaps, position)

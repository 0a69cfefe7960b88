"""Copies the log into SQL, behind it but never leaving anything out."""

import asyncio

import structlog

from bot.archive.gathering import Gathering
from bot.archive.store import Store
from bot.conversation.state import State
from bot.errors import ArchiveUnavailableError
from bot.log.log import Log
from bot.log.retire import Retiring
from bot.log.suspects import others_wait

logger = structlog.get_logger(__name__)

NAME = "archive"
_BATCH = 500
_FIRST_S, _LONGEST_S = 0.2, 10.0


class Archivist:
    """What the log's follower "archive" does with news.

    What is missing is read from the log itself, not from the news, so a call that comes twice, late or
    out of order leaves the same archive. While SQL is away it waits, as long as it takes.
    """

    def __init__(self, log: Log, store: Store) -> None:
        self._log = log
        self._store = Gathering(store)
        self._retiring = Retiring(log)

    async def handle(self, conversation: str, last: int) -> None:
        """Archives everything up to `last` and beyond."""
        pause = _FIRST_S
        while True:
            try:
                await self._catch_up(conversation, last)
            except ArchiveUnavailableError as error:
                logger.warning("archive_waits_for_sql", error=str(error), seq=last)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_S)
            else:
                return

    async def give_up(self, conversation: str, last: int, error: Exception) -> bool:
        """Something in this conversation can't be stored: all of it is tried again after a rest, or at its next event."""
        logger.error("not_archived", conversation=conversation, seq=last, error=type(error).__name__)
        return True

    async def _catch_up(self, conversation: str, last: int) -> None:
        if (self._store.known(conversation) or 0) >= last:
            return
        if not others_wait.get():
            await self._store.company()  # the bot's answer is about to come: one write for both
        state = await self._log.state_since(conversation, last)
        archived = await self._archived(state)
        while archived < state.seq:
            # Not past the state that is written beside them, or its newer one would never be.
            limit = min(_BATCH, state.seq - archived)
            events = await self._log.events_until(conversation, archived, archived + limit)
            if not events:
                return
            await self._store.write(state, events)
            was, archived = archived, events[-1].seq
            await self._retiring.shorten(conversation, was, archived)

    async def _archived(self, state: State) -> int:
        """From where on the archive may miss something; it is not asked about what began a moment ago."""
        known = self._store.known(state.conversation)
        if known is None and self._log.heard.has(state.conversation, 0, state.seq):
            return 0
        return await self._store.archived(state.conversation) if known is None else known

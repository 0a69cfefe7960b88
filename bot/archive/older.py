"""The archive as the log reads it: what left Redis, and nothing while SQL is away."""

import structlog

from bot.archive.store import Store
from bot.conversation.events import Event
from bot.errors import ArchiveUnavailableError

logger = structlog.get_logger(__name__)


class OlderEvents:
    """Never raises: with SQL away a conversation begins where Redis has it, and grows again later."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def events(self, conversation: str, before: int, limit: int) -> list[Event]:
        """The last `limit` events with seq < `before`, oldest first."""
        try:
            return await self._store.events(conversation, before=before, limit=limit)
        except ArchiveUnavailableError as error:
            logger.warning("older_events_unread", error=str(error))
            return []

    async def events_after(self, conversation: str, after: int, limit: int) -> list[Event]:
        """The first `limit` events with seq > `after`, oldest first."""
        try:
            return await self._store.events_after(conversation, after, limit)
        except ArchiveUnavailableError as error:
            logger.warning("older_events_unread", error=str(error))
            return []

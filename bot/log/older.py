"""Events that are in Redis no more: where the log finds them."""

from typing import Protocol

from bot.conversation.events import Event


class Older(Protocol):
    """The archive, as the log sees it. Answers with nothing when it can't be asked."""

    async def events(self, conversation: str, before: int, limit: int) -> list[Event]:
        """The last `limit` events with seq < `before`, oldest first."""
        ...

    async def events_after(self, conversation: str, after: int, limit: int) -> list[Event]:
        """The first `limit` events with seq > `after`, oldest first."""
        ...


class _Nothing:
    """Where nothing was set up."""

    async def events(self, conversation: str, before: int, limit: int) -> list[Event]:  # noqa: ARG002
        return []

    async def events_after(self, conversation: str, after: int, limit: int) -> list[Event]:  # noqa: ARG002
        return []


NOTHING = _Nothing()

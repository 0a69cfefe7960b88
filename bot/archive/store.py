"""Conversations in SQL: written once each event, read back whole, found again."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Text, and_, cast, desc, or_, select

from bot.archive import tables
from bot.archive.database import Database, storable
from bot.archive.tickets import keep_step
from bot.conversation.bodies import Closed, Rated, plain_text
from bot.conversation.events import Event, Kind, Role, Sender, decode_body
from bot.conversation.state import State
from bot.conversation.ticket import Ticketed

_FOUND = 200
_KINDS, _ROLES = {kind.value: kind for kind in Kind}, {role.value: role for role in Role}
# A body is read as what it is, and not first as JSON's values.
EVENT_COLUMNS = (
    *(
        tables.events.c[name]
        for name in ("conversation", "seq", "id", "kind", "role", "sender", "sender_name", "ts")
    ),
    cast(tables.events.c.body, Text),
)


class Found(msgspec.Struct, frozen=True):
    """A conversation that a search found, and when it last changed (ms)."""

    conversation: str
    updated: int


class Store:
    """The archive. Raises ArchiveUnavailableError when SQL does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put = _newest_wins(database)

    async def archived(self, conversation: str) -> int:
        """The last seq that is archived; 0 for none."""
        asked = select(tables.conversations.c.archived).where(
            tables.conversations.c.conversation == conversation
        )
        async with self._database.reading() as connection:
            return (await connection.execute(asked)).scalar() or 0

    async def archived_of(self, conversations: Sequence[str]) -> dict[str, int]:
        """The last seq that is archived of each of these; those of which nothing is are left out."""
        table = tables.conversations.c
        asked = select(table.conversation, table.archived).where(table.conversation.in_(conversations))
        async with self._database.reading() as connection:
            return {name: int(seq) for name, seq in await connection.execute(asked)}

    async def write(self, state: State, events: Sequence[Event]) -> None:
        """Keeps `events`, which follow without a gap what is archived; those that are there stay as they are."""
        await self.write_all([(state, events)])

    async def write_all(self, stretches: Sequence[tuple[State, Sequence[Event]]]) -> None:
        """Keeps stretches of several conversations in one transaction, each as `write` does."""
        stretches = [(state, events) for state, events in stretches if events]
        if not stretches:
            return
        rows = [_event_row(state.conversation, event) for state, events in stretches for event in events]
        async with self._database.writing() as connection:
            await self._database.add(connection, tables.events, rows)
            await connection.execute(
                self._put, [_conversation_row(state, events[-1].seq) for state, events in stretches]
            )
            for state, events in stretches:
                for event in events:
                    await self._keep_beside(connection, state, event)

    async def _keep_beside(self, connection: Any, state: State, event: Event) -> None:
        if isinstance(event.body, Ticketed):
            await keep_step(self._database, connection, state, event, event.body)
        if isinstance(event.body, Rated):
            agent = await self._closed_by(connection, state.conversation, event.seq)
            rated = _rating_row(state.conversation, event, event.body, agent)
            await self._database.add(connection, tables.ratings, [rated])

    async def events(self, conversation: str, before: int = 0, limit: int = 0) -> list[Event]:
        """The events with seq < `before` (0: all), oldest first; the last `limit` of them (0: no limit)."""
        table = tables.events
        asked = select(*EVENT_COLUMNS).where(table.c.conversation == conversation).order_by(desc(table.c.seq))
        if before:
            asked = asked.where(table.c.seq < before)
        if limit:
            asked = asked.limit(limit)
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).all()
        return [event_of(row) for row in reversed(rows)]

    async def events_after(self, conversation: str, after: int, limit: int) -> list[Event]:
        """The first `limit` events with seq > `after`, oldest first."""
        table = tables.events
        asked = select(*EVENT_COLUMNS).where(and_(table.c.conversation == conversation, table.c.seq > after))
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked.order_by(table.c.seq).limit(limit))).all()
        return [event_of(row) for row in rows]

    async def search(self, words: str, before: int = 0, limit: int = 50) -> list[Found]:
        """Conversations in which `words` were said or whose customer is called so, newest first.

        `before` (ms) continues a list: only what changed last before then.
        """
        table, said = tables.conversations, tables.events
        like = f"%{_escaped(words)}%"
        spoken = (
            select(said.c.conversation)
            .where(and_(said.c.kind.in_(["said", "noted"]), said.c.text.like(like, escape="\\")))
            .distinct()
        )
        matches = or_(
            table.c.conversation == words,
            table.c.customer == words,
            table.c.customer_name.like(like, escape="\\"),
            table.c.conversation.in_(spoken),
        )
        asked = select(table.c.conversation, table.c.updated).where(matches)
        if before:
            asked = asked.where(table.c.updated < before)
        asked = asked.order_by(desc(table.c.updated)).limit(min(limit, _FOUND))
        async with self._database.reading() as connection:
            return [Found(name, updated) for name, updated in await connection.execute(asked)]

    async def history(self, customer: str, limit: int = 20) -> list[Found]:
        """A signed-in customer's conversations, the newest first."""
        if not customer:
            return []
        table = tables.conversations
        asked = (
            select(table.c.conversation, table.c.updated)
            .where(table.c.customer == customer)
            .order_by(desc(table.c.updated))
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return [Found(name, updated) for name, updated in await connection.execute(asked)]

    async def _closed_by(self, connection: Any, conversation: str, before: int) -> str:
        table = tables.events
        asked = (
            select(table.c.body)
            .where(
                and_(
                    table.c.conversation == conversation,
                    table.c.seq < before,
                    table.c.kind == Kind.CLOSED.value,
                )
            )
            .order_by(desc(table.c.seq))
            .limit(1)
        )
        body = (await connection.execute(asked)).scalar()
        return msgspec.convert(body, Closed).by if body else ""


def _newest_wins(database: Database) -> Any:
    """Puts conversations' rows; one that is there gives way to a newer one only. Built once: that is slow."""
    put = database.insertion(tables.conversations)
    newer = put.excluded.archived > tables.conversations.c.archived
    columns = _conversation_row(State(""), 0).keys() - {"conversation"}
    changes = {name: put.excluded[name] for name in columns}
    return put.on_conflict_do_update(index_elements=["conversation"], set_=changes, where=newer)


def _event_row(conversation: str, event: Event) -> dict[str, Any]:
    return {
        "conversation": conversation,
        "seq": event.seq,
        "id": storable(event.id),
        "kind": event.kind.value,
        "role": event.sender.role.value,
        "sender": storable(event.sender.id),
        "sender_name": storable(event.sender.name),
        "ts": event.ts,
        "body": event.body,
        "text": storable(plain_text(event.body)),
    }


def _conversation_row(state: State, archived: int) -> dict[str, Any]:
    return {
        "conversation": state.conversation,
        "channel": state.channel,
        "site": state.site,
        "customer": storable(state.customer.id),
        "customer_name": storable(state.customer.name),
        "level": storable(state.customer.level),
        "verified": state.customer.verified,
        "stage": state.stage.value,
        "owner": state.owner,
        "owner_name": storable(state.owner_name),
        "reason": state.reason,
        "anger": state.anger,
        "last_text": storable(state.last_text),
        "updated": state.updated,
        "archived": archived,
    }


def _rating_row(conversation: str, event: Event, rated: Rated, agent: str) -> dict[str, Any]:
    return {
        "conversation": conversation,
        "seq": event.seq,
        "agent": agent,
        "stars": rated.stars,
        "reasons": list(rated.reasons),
        "comment": storable(rated.comment),
        "ts": event.ts,
    }


def event_of(row: Any) -> Event:
    """The event that a row of `EVENT_COLUMNS` keeps."""
    _, seq, name, kind, role, sender, sender_name, ts, body = row
    known = _KINDS[kind]
    return Event(seq, name, known, Sender(_ROLES[role], sender, sender_name), ts, decode_body(known, body))


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

"""Keeps what reports are made of in step with the archive: one row a service, one row a reading."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import and_, case, desc, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.archive import tables
from bot.archive.database import Database, storable
from bot.archive.services import Service, Whose, fold_service
from bot.archive.store import EVENT_COLUMNS, event_of
from bot.conversation.bodies import Understood, plain_text
from bot.conversation.events import Event, Kind, Role

_AT_ONCE = 200
_MOST_EVENTS = 5000
_ANSWERERS = (Role.BOT, Role.AGENT)


class _Behind(Struct, frozen=True):
    """A conversation with more in the archive than in the reports: what is new of it, and what was before."""

    whose: Whose
    seen: int
    events: list[Event]
    service: Service | None = None
    answer_before: str = ""
    """What the bot or an agent said last, up to `seen`."""


class Reporter:
    """`tick` is called every few seconds by one process at a time; what it keeps can be thrown away.

    It works behind the archive and not within its transactions: reports may be seconds late, history not.
    Hundreds of conversations are one transaction: asked about one by one, they cost more than their answers.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put_service = _newer(database, tables.services, ("conversation", "first"))
        self._put_seen = _newer(database, tables.reported, ("conversation",))

    async def tick(self) -> None:
        while await self.catch_up():
            pass

    async def catch_up(self) -> bool:
        """Follows a few hundred conversations up to what is archived; whether there may be more to follow."""
        found = await self._behind()
        await self._keep(found)
        return len(found) == _AT_ONCE or sum(len(one.events) for one in found) == _MOST_EVENTS

    async def follow(self, conversation: str) -> None:
        """Brings one conversation up to what is archived, at once."""
        while found := await self._behind(conversation):
            await self._keep(found)

    async def _behind(self, conversation: str = "") -> list[_Behind]:
        """Conversations that the archive knows more of, each with what follows; of the last one a part perhaps."""
        known, done = tables.conversations.c, tables.reported.c
        seen = func.coalesce(done.seq, 0)
        level = case((known.verified, known.level), else_="")
        asked = (
            select(known.conversation, known.channel, known.customer, level, seen)
            .join_from(
                tables.conversations,
                tables.reported,
                known.conversation == done.conversation,
                isouter=True,
            )
            .where(known.archived > seen)
            .limit(_AT_ONCE)
        )
        if conversation:
            asked = asked.where(known.conversation == conversation)
        async with self._database.reading() as connection:
            found = {row[0]: (Whose(*row[:4]), int(row[4])) for row in await connection.execute(asked)}
            if not found:
                return []
            events = await _events_after(connection, {name: seen for name, (_, seen) in found.items()})
            services = await _last_services(connection, list(events))
            answers = await _last_answers(connection, {name: found[name][1] for name in events})
        return [
            _Behind(*found[name], new, services.get(name), answers.get(name, ""))
            for name, new in events.items()
        ]

    async def _keep(self, found: Sequence[_Behind]) -> None:
        if not found:
            return
        services = [asdict(service) for one in found for service in _services(one)]
        seen = [{"conversation": one.whose.conversation, "seq": one.events[-1].seq} for one in found]
        async with self._database.writing() as connection:
            if services:
                await connection.execute(self._put_service, services)
            readings = [row for one in found for row in await _readings(connection, one)]
            await self._database.add(connection, tables.readings, readings)
            await connection.execute(self._put_seen, seen)


def _newer(database: Database, table: Any, key: tuple[str, ...]) -> Any:
    """Puts rows in the place of those with the same key."""
    put = database.insertion(table)
    fresh = {column.name: put.excluded[column.name] for column in table.c if column.name not in key}
    return put.on_conflict_do_update(index_elements=list(key), set_=fresh)


async def _events_after(connection: AsyncConnection, seen: dict[str, int]) -> dict[str, list[Event]]:
    """What follows in each conversation, oldest first; those without anything, or without room, are left out."""
    table, done = tables.events.c, tables.reported.c
    asked = (
        select(*EVENT_COLUMNS)
        .join_from(tables.events, tables.reported, table.conversation == done.conversation, isouter=True)
        .where(table.conversation.in_(seen), table.seq > func.coalesce(done.seq, 0))
        .order_by(table.conversation, table.seq)
        .limit(_MOST_EVENTS)
    )
    rows = await connection.execute(asked)
    return {name: [event_of(row) for row in of_it] for name, of_it in groupby(rows, lambda row: row[0])}


async def _last_services(connection: AsyncConnection, conversations: Iterable[str]) -> dict[str, Service]:
    table = tables.services
    last = (
        select(table.c.conversation, func.max(table.c.first))
        .where(table.c.conversation.in_(list(conversations)))
        .group_by(table.c.conversation)
    )
    asked = select(table).where(tuple_(table.c.conversation, table.c.first).in_(last))
    rows = (await connection.execute(asked)).mappings()
    return {row["conversation"]: Service(**dict(row)) for row in rows}


async def _last_answers(connection: AsyncConnection, seen: dict[str, int]) -> dict[str, str]:
    """What the bot or an agent said last in each conversation, up to what was seen of it."""
    table, done = tables.events, tables.reported.c
    last = (
        select(table.c.conversation, func.max(table.c.seq))
        .join_from(table, tables.reported, table.c.conversation == done.conversation)
        .where(table.c.conversation.in_([name for name, seq in seen.items() if seq]))
        .where(and_(table.c.seq <= done.seq, *_said_by_us()))
        .group_by(table.c.conversation)
    )
    asked = select(table.c.conversation, table.c.text).where(
        tuple_(table.c.conversation, table.c.seq).in_(last)
    )
    return {name: text or "" for name, text in await connection.execute(asked)}


def _said_by_us() -> tuple[Any, Any]:
    table = tables.events.c
    return table.kind == Kind.SAID.value, table.role.in_([role.value for role in _ANSWERERS])


def _services(one: _Behind) -> Iterable[Service]:
    service, changed = one.service, dict[int, Service]()
    for event in one.events:
        service = fold_service(service, event, one.whose)
        if service is not None:
            changed[service.first] = service
    return changed.values()


async def _readings(connection: AsyncConnection, one: _Behind) -> list[dict[str, Any]]:
    said = {event.seq: event for event in one.events if event.kind is Kind.SAID}
    name = one.whose.conversation
    rows = []
    for event in one.events:
        if not isinstance(event.body, Understood):
            continue
        body = event.body
        text = plain_text(said[body.of].body) if body.of in said else ""
        rows.append(
            {
                "conversation": name,
                "seq": body.of,
                "ts": event.ts,
                "text": storable(text) or await _archived_text(connection, name, body.of),
                "before": storable(await _text_before(connection, one, body.of, said)),
                "intent": body.intent,
                "confidence": body.confidence,
                "decision": body.decision,
                "ranking": [{"intent": one.intent, "confidence": one.confidence} for one in body.ranking],
                "review": "",
                "taught": "",
                "by": "",
                "reviewed": 0,
            }
        )
    return rows


async def _archived_text(connection: AsyncConnection, conversation: str, seq: int) -> str:
    table = tables.events
    asked = select(table.c.text).where(table.c.conversation == conversation, table.c.seq == seq)
    return (await connection.execute(asked)).scalar() or ""


async def _text_before(connection: AsyncConnection, one: _Behind, seq: int, said: dict[int, Event]) -> str:
    """What the bot or an agent said last before event `seq`."""
    here = [event for at, event in said.items() if at < seq and event.sender.role in _ANSWERERS]
    if here:
        return plain_text(max(here, key=lambda event: event.seq).body)
    if seq > one.seen:
        return one.answer_before
    # What was said was seen before, what was understood was not: between the two the bot may have spoken.
    table = tables.events.c
    asked = select(table.text).where(
        table.conversation == one.whose.conversation, table.seq < seq, *_said_by_us()
    )
    return (await connection.execute(asked.order_by(desc(table.seq)).limit(1))).scalar() or ""

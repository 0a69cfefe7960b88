"""Keeps what reports are made of in step with the archive: one row a service, one row a reading."""

from collections.abc import Sequence

import structlog
from msgspec.structs import asdict
from sqlalchemy import case, desc, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.archive import tables
from bot.archive.database import Database, storable
from bot.archive.services import Service, Whose, fold_service
from bot.archive.store import Store
from bot.conversation.bodies import Understood, plain_text
from bot.conversation.events import Event, Kind, Role

logger = structlog.get_logger(__name__)

_AT_ONCE = 200
_BATCH = 500


class Reporter:
    """`tick` is called every few seconds by one process at a time; what it keeps can be thrown away.

    It works behind the archive and not within its transactions: reports may be seconds late, history not.
    """

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    async def tick(self) -> None:
        while await self.catch_up() == _AT_ONCE:
            pass

    async def catch_up(self) -> int:
        """Follows a few hundred conversations up to what is archived; returns how many there were."""
        behind = await self._behind()
        for whose, seen in behind:
            await self._follow(whose, seen)
        return len(behind)

    async def follow(self, conversation: str) -> None:
        """Brings one conversation up to what is archived, at once."""
        for whose, seen in await self._behind(conversation):
            await self._follow(whose, seen)

    async def _follow(self, whose: Whose, seen: int) -> None:
        while events := await self._store.events_after(whose.conversation, seen, _BATCH):
            async with self._database.writing() as connection:
                await self._keep(connection, whose, events)
            seen = events[-1].seq

    async def _behind(self, conversation: str = "") -> list[tuple[Whose, int]]:
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
            return [(Whose(*row[:4]), int(row[4])) for row in await connection.execute(asked)]

    async def _keep(self, connection: AsyncConnection, whose: Whose, events: Sequence[Event]) -> None:
        await self._keep_services(connection, whose, events)
        await self._keep_readings(connection, whose.conversation, events)
        put = self._database.insertion(tables.reported).values(
            conversation=whose.conversation, seq=events[-1].seq
        )
        await connection.execute(
            put.on_conflict_do_update(index_elements=["conversation"], set_={"seq": put.excluded.seq})
        )

    async def _keep_services(
        self, connection: AsyncConnection, whose: Whose, events: Sequence[Event]
    ) -> None:
        table = tables.services
        asked = select(table).where(table.c.conversation == whose.conversation).order_by(desc(table.c.first))
        row = (await connection.execute(asked.limit(1))).mappings().first()
        service = Service(**dict(row)) if row else None
        changed: dict[int, Service] = {}
        for event in events:
            service = fold_service(service, event, whose)
            if service is not None:
                changed[service.first] = service
        for one in changed.values():
            values = asdict(one)
            put = self._database.insertion(table).values(values)
            fresh = {name: put.excluded[name] for name in values if name not in {"conversation", "first"}}
            await connection.execute(
                put.on_conflict_do_update(index_elements=["conversation", "first"], set_=fresh)
            )

    async def _keep_readings(
        self, connection: AsyncConnection, conversation: str, events: Sequence[Event]
    ) -> None:
        said = {event.seq: event for event in events if event.kind is Kind.SAID}
        rows = []
        for event in events:
            if not isinstance(event.body, Understood):
                continue
            body = event.body
            text = plain_text(said[body.of].body) if body.of in said else ""
            rows.append(
                {
                    "conversation": conversation,
                    "seq": body.of,
                    "ts": event.ts,
                    "text": storable(text) or await _archived_text(connection, conversation, body.of),
                    "before": await _text_before(connection, conversation, body.of, said),
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
        await self._database.add(connection, tables.readings, rows)


async def _archived_text(connection: AsyncConnection, conversation: str, seq: int) -> str:
    table = tables.events
    asked = select(table.c.text).where(table.c.conversation == conversation, table.c.seq == seq)
    return (await connection.execute(asked)).scalar() or ""


async def _text_before(
    connection: AsyncConnection, conversation: str, seq: int, said: dict[int, Event]
) -> str:
    """What the bot or an agent said last before event `seq`."""
    answerers = (Role.BOT, Role.AGENT)
    here = [event for at, event in said.items() if at < seq and event.sender.role in answerers]
    if here:
        return storable(plain_text(max(here, key=lambda event: event.seq).body))
    table = tables.events
    asked = (
        select(table.c.text)
        .where(
            table.c.conversation == conversation,
            table.c.seq < seq,
            table.c.kind == Kind.SAID.value,
            table.c.role.in_([role.value for role in answerers]),
        )
        .order_by(desc(table.c.seq))
        .limit(1)
    )
    return (await connection.execute(asked)).scalar() or ""

"""Tickets in SQL, as the log's steps add up to: found by owner, stage and deadline."""

from typing import Any

import msgspec
from sqlalchemy import and_, desc, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.archive import tables
from bot.archive.database import Database, storable
from bot.conversation.events import Event
from bot.conversation.state import State
from bot.conversation.ticket import Ticket, Ticketed, TicketStage

PAGE = 50


class Filed(msgspec.Struct, frozen=True):
    """A ticket, and the conversation and customer that it belongs to."""

    ticket: Ticket
    conversation: str
    customer: str
    customer_name: str


class StepTaken(msgspec.Struct, frozen=True):
    """Who did what to a ticket, and when (ms)."""

    rev: int
    step: str
    by: str
    by_name: str
    note: str
    stage: str
    owner_name: str
    ts: int


async def keep_step(
    database: Database, connection: AsyncConnection, state: State, event: Event, body: Ticketed
) -> None:
    """Files one step of a ticket; one that is filed already stays as it is."""
    ticket = body.ticket
    step = {
        "ticket": ticket.id,
        "rev": ticket.rev,
        "step": body.step,
        "by": storable(event.sender.id),
        "by_name": storable(event.sender.name),
        "note": storable(body.note),
        "stage": ticket.stage.value,
        "owner_name": storable(ticket.owner_name),
        "ts": event.ts,
    }
    await database.add(connection, tables.ticket_steps, [step])
    row = {
        "ticket": ticket.id,
        "conversation": state.conversation,
        "customer": storable(state.customer.id),
        "customer_name": storable(state.customer.name),
        "rev": ticket.rev,
        "category": ticket.category,
        "priority": ticket.priority,
        "title": storable(ticket.title),
        "stage": ticket.stage.value,
        "owner": ticket.owner,
        "owner_name": storable(ticket.owner_name),
        "level": ticket.level,
        "opened": ticket.opened,
        "closed": ticket.closed,
        "heard": ticket.heard,
        "next_due": ticket.next_due(),
        "content": msgspec.to_builtins(ticket),
    }
    put = database.insertion(tables.tickets).values(row)
    changes = {name: put.excluded[name] for name in row if name != "ticket"}
    newer = put.excluded.rev > tables.tickets.c.rev
    await connection.execute(put.on_conflict_do_update(index_elements=["ticket"], set_=changes, where=newer))


class TicketBook:
    """Raises ArchiveUnavailableError when SQL does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(  # noqa: PLR0913 - each is one box of the list's filter
        self,
        *,
        owner: str = "",
        stage: str = "",
        late_at: int = 0,
        words: str = "",
        before: int = 0,
        limit: int = PAGE,
    ) -> list[Filed]:
        """Tickets, the last opened first; `stage` "open" is any but closed; `late_at` (ms) only late ones.

        `before` (ms) continues a list: only what was opened before then.
        """
        table = tables.tickets
        asked = select(table).order_by(desc(table.c.opened)).limit(limit)
        if owner:
            asked = asked.where(table.c.owner == owner)
        if stage == "open":
            asked = asked.where(table.c.stage != TicketStage.CLOSED.value)
        elif stage:
            asked = asked.where(table.c.stage == stage)
        if late_at:
            asked = asked.where(and_(table.c.next_due > 0, table.c.next_due <= late_at))
        if words:
            like = f"%{words.replace('%', '').replace('_', '')}%"
            found = table.c.title.like(like) | table.c.customer_name.like(like) | (table.c.ticket == words)
            asked = asked.where(found)
        if before:
            asked = asked.where(table.c.opened < before)
        async with self._database.reading() as connection:
            return [_filed(row) for row in (await connection.execute(asked)).mappings()]

    async def one(self, identifier: str) -> Filed | None:
        table = tables.tickets
        async with self._database.reading() as connection:
            row = (
                (await connection.execute(select(table).where(table.c.ticket == identifier)))
                .mappings()
                .first()
            )
        return _filed(row) if row else None

    async def steps(self, identifier: str) -> list[StepTaken]:
        """Every step of a ticket, the first one first."""
        table = tables.ticket_steps
        asked = select(table).where(table.c.ticket == identifier).order_by(table.c.rev)
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).mappings().all()
        return [StepTaken(**{name: row[name] for name in StepTaken.__struct_fields__}) for row in rows]

    async def late(self, now: int, limit: int = 200) -> list[Filed]:
        """Open tickets whose deadline has passed, the latest first."""
        table = tables.tickets
        overdue = and_(
            table.c.stage != TicketStage.CLOSED.value, table.c.next_due > 0, table.c.next_due <= now
        )
        asked = select(table).where(overdue).order_by(table.c.next_due).limit(limit)
        async with self._database.reading() as connection:
            return [_filed(row) for row in (await connection.execute(asked)).mappings()]

    async def counts(self, now: int, owner: str = "") -> dict[str, int]:
        """How many there are (of an owner) by stage, and `late` and `follow_up` ones at `now` (ms)."""
        table = tables.tickets
        by_stage = select(table.c.stage, func.count()).group_by(table.c.stage)
        due = select(table.c.stage, func.count()).where(and_(table.c.next_due > 0, table.c.next_due <= now))
        if owner:
            by_stage, due = by_stage.where(table.c.owner == owner), due.where(table.c.owner == owner)
        async with self._database.reading() as connection:
            counted = {stage: int(count) for stage, count in await connection.execute(by_stage)}
            for stage, count in await connection.execute(due.group_by(table.c.stage)):
                name = "follow_up" if stage == TicketStage.CLOSED.value else "late"
                counted[name] = counted.get(name, 0) + int(count)
        return counted


def _filed(row: Any) -> Filed:
    ticket = msgspec.convert(row["content"], Ticket)
    return Filed(ticket, row["conversation"], row["customer"], row["customer_name"])

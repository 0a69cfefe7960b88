"""Who did what that a supervisor has to be able to answer for: looked at what is masked, changed who may sign in."""

import secrets
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import and_, desc, select

from bot.archive import people
from bot.archive.database import Database, storable

Deed = Literal[
    "revealed",
    "factor_set",
    "factor_removed",
    "factor_reset",
    "factor_required",
    "password_changed",
    "work_set",
]
PAGE = 50


class Entry(Struct, frozen=True):
    """`whom` is the customer or the agent it was done to; `thing` what of him (an event, a ticket, skills)."""

    id: str
    ts: int
    by: str
    by_name: str
    deed: str
    whom: str = ""
    whom_name: str = ""
    conversation: str = ""
    thing: str = ""
    reason: str = ""


class Audit:
    """Only ever added to. Raises ArchiveUnavailableError when SQL does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, now: int, by: tuple[str, str], deed: Deed, **what: str) -> None:
        """Keeps that the agent `by` (id, name) did it; returns when that is durable. `what` as in Entry."""
        entry: dict[str, Any] = dict.fromkeys(Entry.__struct_fields__, "") | {
            "id": f"{now:013d}-{secrets.token_hex(4)}",
            "ts": now,
            "by": by[0],
            "by_name": storable(by[1]),
            "deed": deed,
        }
        entry |= {name: storable(text) for name, text in what.items()}
        async with self._database.writing() as connection:
            await connection.execute(people.audit.insert().values(entry))

    async def entries(self, before: str = "", deed: str = "", limit: int = PAGE) -> list[Entry]:
        """The last ones first; `before` is the id that a page ended with."""
        table = people.audit
        asked = select(table).order_by(desc(table.c.id)).limit(limit)
        wanted = [table.c.id < before] if before else []
        wanted += [table.c.deed == deed] if deed else []
        if wanted:
            asked = asked.where(and_(*wanted))
        async with self._database.reading() as connection:
            return [Entry(**dict(row)) for row in (await connection.execute(asked)).mappings()]

"""What the merchant's CRM is told: letters of what happened, kept in SQL until they are delivered or dead."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

import msgspec
from sqlalchemy import and_, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.archive import letterbox, tables
from bot.archive.database import Database, storable
from bot.archive.letters import letter_of
from bot.archive.store import Store
from bot.settings import Hook

RETRIES_S = (5, 30, 120, 600, 1800, 3600, 10_800, 21_600, 43_200)
"""After which pauses it is tried again; after the last one the letter is dead (about a day)."""
_KEPT_MS = 30 * 86_400_000
_AT_ONCE = 200
_BATCH = 500


class Letter(msgspec.Struct, frozen=True):
    """One happening for one hook. `body` is what is sent, `told` what the receiver said last; times in ms."""

    hook: str
    conversation: str
    seq: int
    type: str
    body: str
    tries: int
    next_try: int
    state: Literal["due", "sent", "dead"]
    told: str
    changed: int


_COLUMNS = [getattr(letterbox.letters.c, name) for name in Letter.__struct_fields__]


class Letters:
    """Raises ArchiveUnavailableError when SQL does not answer. Times are ms since 1970."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    async def gather(self, hooks: Mapping[str, Hook], now: int) -> None:
        """Writes letters of everything that was archived since; of each event once for each hook."""
        since = await self._since(hooks, now)
        while behind := await self._behind():
            for conversation, seen in behind:
                await self._write(conversation, seen, (hooks, since), now)
            if len(behind) < _AT_ONCE:
                return

    async def due(self, hooks: Collection[str], now: int, limit: int = 50) -> list[Letter]:
        """What is to be sent now: of each conversation only its first letter that is neither sent nor dead."""
        table, earlier = letterbox.letters, letterbox.letters.alias("earlier")
        waits = exists().where(
            and_(
                earlier.c.hook == table.c.hook,
                earlier.c.conversation == table.c.conversation,
                earlier.c.seq < table.c.seq,
                earlier.c.state == "due",
            )
        )
        asked = (
            select(*_COLUMNS)
            .where(and_(table.c.state == "due", table.c.next_try <= now, table.c.hook.in_(hooks), ~waits))
            .order_by(table.c.next_try)
            .limit(limit)
        )  # fmt: skip
        async with self._database.reading() as connection:
            return [Letter(*row) for row in await connection.execute(asked)]

    async def sent(self, letter: Letter, now: int) -> None:
        await self._set(letter, now, state="sent", tries=letter.tries + 1, told="")

    async def failed(self, letter: Letter, told: str, now: int) -> bool:
        """Tried in vain; returns whether it is dead now."""
        tries = letter.tries + 1
        if tries > len(RETRIES_S):
            await self._set(letter, now, state="dead", tries=tries, told=storable(told)[:256])
            return True
        next_try = now + RETRIES_S[tries - 1] * 1000
        await self._set(letter, now, next_try=next_try, tries=tries, told=storable(told)[:256])
        return False

    async def dead(self, limit: int = 200) -> list[Letter]:
        """What was given up, the last first."""
        table = letterbox.letters
        asked = select(*_COLUMNS).where(table.c.state == "dead").order_by(table.c.changed.desc()).limit(limit)
        async with self._database.reading() as connection:
            return [Letter(*row) for row in await connection.execute(asked)]

    async def counts(self) -> dict[str, int]:
        """How many there are by state."""
        table = letterbox.letters
        async with self._database.reading() as connection:
            asked = select(table.c.state, func.count()).group_by(table.c.state)
            return {state: int(count) for state, count in await connection.execute(asked)}

    async def counts_of(self) -> dict[str, dict[str, int]]:
        """The same for each hook."""
        table, found = letterbox.letters, dict[str, dict[str, int]]()
        asked = select(table.c.hook, table.c.state, func.count()).group_by(table.c.hook, table.c.state)
        async with self._database.reading() as connection:
            for hook, state, count in await connection.execute(asked):
                found.setdefault(hook, {})[state] = int(count)
        return found

    async def revive(self, hook: str, now: int, only: tuple[str, int] | None = None) -> int:
        """Dead letters of a hook are due again, or `only` that of a conversation and seq; returns how many."""
        changed = update(letterbox.letters).where(_dead(hook, only))
        async with self._database.writing() as connection:
            done = await connection.execute(changed.values(state="due", tries=0, next_try=now, changed=now))
            return int(done.rowcount)

    async def drop(self, hook: str, only: tuple[str, int] | None = None) -> int:
        """Dead letters of a hook go for good; returns how many."""
        async with self._database.writing() as connection:
            return int(
                (await connection.execute(delete(letterbox.letters).where(_dead(hook, only)))).rowcount
            )

    async def forget(self, now: int) -> None:
        """Letters that were delivered long ago go."""
        table = letterbox.letters
        async with self._database.writing() as connection:
            old = and_(table.c.state == "sent", table.c.changed < now - _KEPT_MS)
            await connection.execute(delete(table).where(old))

    async def _set(self, letter: Letter, now: int, **values: Any) -> None:
        table = letterbox.letters
        this = and_(
            table.c.hook == letter.hook,
            table.c.conversation == letter.conversation,
            table.c.seq == letter.seq,
        )
        async with self._database.writing() as connection:
            await connection.execute(update(table).where(this).values(changed=now, **values))

    async def _since(self, hooks: Mapping[str, Hook], now: int) -> dict[str, int]:
        """From when on (ms) each hook is told; a new one is not told of what was before it."""
        table = letterbox.hooks
        async with self._database.reading() as connection:
            known = {name: int(since) for name, since in await connection.execute(select(table))}
        new = [{"hook": name, "since": now} for name in hooks if name not in known]
        if new:
            async with self._database.writing() as connection:
                await self._database.add(connection, table, new)
        return {name: known.get(name, now) for name in hooks}

    async def _behind(self) -> list[tuple[str, int]]:
        known, done = tables.conversations.c, letterbox.hooked.c
        seen = func.coalesce(done.seq, 0)
        joined = known.conversation == done.conversation
        asked = (
            select(known.conversation, seen)
            .join_from(tables.conversations, letterbox.hooked, joined, isouter=True)
            .where(known.archived > seen)
            .limit(_AT_ONCE)
        )
        async with self._database.reading() as connection:
            return [(row[0], int(row[1])) for row in await connection.execute(asked)]

    async def _write(
        self, conversation: str, seen: int, told: tuple[Mapping[str, Hook], dict[str, int]], now: int
    ) -> None:
        hooks, since = told
        whose = await self._whose(conversation)
        while events := await self._store.events_after(conversation, seen, _BATCH):
            rows = []
            for event in events:
                for name, hook in hooks.items():
                    made = letter_of(conversation, whose, event, hook) if event.ts >= since[name] else None
                    if made is not None:
                        row = Letter(name, conversation, event.seq, *made, 0, now, "due", "", now)
                        rows.append(msgspec.to_builtins(row))
            async with self._database.writing() as connection:
                await self._database.add(connection, letterbox.letters, rows)
                await self._follow(connection, conversation, events[-1].seq)
            seen = events[-1].seq

    async def _whose(self, conversation: str) -> dict[str, Any]:
        known = tables.conversations.c
        asked = select(known.channel, known.customer, known.customer_name, known.level)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked.where(known.conversation == conversation))).one()
        return {"channel": row[0], "customer": {"id": row[1], "name": row[2], "level": row[3]}}

    async def _follow(self, connection: AsyncConnection, conversation: str, seq: int) -> None:
        put = self._database.insertion(letterbox.hooked).values(conversation=conversation, seq=seq)
        further = {"seq": put.excluded.seq}
        await connection.execute(put.on_conflict_do_update(index_elements=["conversation"], set_=further))


def _dead(hook: str, only: tuple[str, int] | None) -> Any:
    table = letterbox.letters
    dead = and_(table.c.hook == hook, table.c.state == "dead")
    return dead if only is None else and_(dead, table.c.conversation == only[0], table.c.seq == only[1])

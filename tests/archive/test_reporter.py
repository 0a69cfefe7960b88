"""What reports are made of comes out the same, however the archive grew and however often it was followed."""

import random
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from bot.archive import reporter as rooms, tables
from bot.archive.database import Database
from bot.archive.reporter import Reporter
from bot.archive.store import Store
from bot.conversation.bodies import Closed, Customer, Reading, Text, Understood
from bot.conversation.events import BOT, Event, Kind, Role, Sender
from bot.conversation.state import State

_KEPT = (tables.services, tables.readings, tables.reported)
_NOW = 1_790_000_000_000


def _talk(rng: random.Random, name: str) -> list[Event]:
    """Questions that are answered at once, late (a word first), or closed by an agent."""
    customer, events = Sender(Role.CUSTOMER, "c", "客"), list[Event]()

    def add(kind: Kind, sender: Sender, body: Any) -> int:
        seq = len(events) + 1
        events.append(
            Event(seq, f"{name}-{seq}", kind, sender, _NOW + seq * rng.choice((900, 3_000_000)), body)
        )
        return seq

    for n in range(rng.randrange(1, 9)):
        asked = add(Kind.SAID, customer, Text(f"问{n}"))
        if rng.random() < 0.3:
            add(Kind.SAID, BOT, Text(f"稍等{n}"))
        add(
            Kind.UNDERSTOOD,
            BOT,
            Understood(asked, "invoice", 0.8, (Reading("invoice", 0.8),), decision="answer"),
        )
        add(Kind.SAID, BOT, Text(f"答{n}"))
        if rng.random() < 0.2:
            add(Kind.CLOSED, Sender(Role.AGENT, "a", "李"), Closed("a"))
    return events


async def _rows(database: Database) -> list[list[tuple[Any, ...]]]:
    async with database.reading() as connection:
        found = [
            [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]
            for table in _KEPT
        ]
    return msgspec.json.decode(msgspec.json.encode(found))


async def _followed(database: Database, seed: int) -> list[list[tuple[Any, ...]]]:
    rng = random.Random(seed)
    left = {f"x{n}": _talk(random.Random(n), f"x{n}") for n in range(12)}
    store, reporter = Store(database), Reporter(database)
    while left:
        name = rng.choice(sorted(left))
        count = rng.randrange(1, 6) if seed else len(left[name])
        now, left[name] = left[name][:count], left[name][count:]
        state = State(name, channel="web", customer=Customer("c", "客", verified=True))
        await store.write(state, now)
        if rng.random() < 0.3:
            await reporter.follow(name)
        if rng.random() < 0.3:
            await reporter.tick()
        left = {name: events for name, events in left.items() if events}
    await reporter.tick()
    return await _rows(database)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_reports_of_a_busy_day_are_those_of_a_quiet_one(
    database: Database, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    quiet = await _followed(database, 0)
    busy = Database(f"sqlite+aiosqlite:///{tmp_path / 'busy.db'}")
    await busy.create()
    monkeypatch.setattr(rooms, "_AT_ONCE", 3)
    monkeypatch.setattr(rooms, "_MOST_EVENTS", 7)

    assert await _followed(busy, seed) == quiet

    services, readings, reported = quiet
    assert (len(reported), len(readings)) == (12, len({tuple(row[:2]) for row in readings}))
    assert len(services) > 12
    assert "答" in {str(word)[:-1] for row in readings for word in row}
    await busy.close()


async def test_a_conversation_longer_than_one_reading_is_followed_to_its_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "_MOST_EVENTS", 5)
    events = [event for n in range(30) for event in _talk(random.Random(n), "long")]
    events = [msgspec.structs.replace(event, seq=n, id=f"l{n}") for n, event in enumerate(events, start=1)]
    await Store(database).write(State("long", channel="web"), events)

    await Reporter(database).tick()

    (_, _, reported) = await _rows(database)
    assert reported == [["long", len(events)]]

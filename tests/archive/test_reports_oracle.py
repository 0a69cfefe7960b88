"""Every measure against sums that are done another way: by hand over the same events, in every kind of zone."""

import random
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st
from msgspec.structs import asdict
from sqlalchemy import text

from bot.archive import tables
from bot.archive.database import Database
from bot.archive.measures import MEASURES, grouped
from bot.archive.reports import Reports
from bot.archive.services import Counted, Service, Whose, fold_service
from bot.conversation.bodies import (
    Claimed,
    Closed,
    HandedOff,
    Rated,
    Reading,
    Released,
    Text,
    Transferred,
    Understood,
)
from bot.conversation.events import BOT, SYSTEM, Event, Kind, Role, Sender

MIN = 60_000
START = int(
    datetime.fromisoformat("2026-10-24T15:40:00+00:00").timestamp() * 1000
)  # clocks go back in Europe
ZONES = (
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/St_Johns",
    "Europe/Berlin",
)
INTENTS = ("logistics_track", "invoice", "service_complaint", "greet")
AGENTS = ("小王", "小李")


def happens(rng: random.Random, conversation: str) -> list[Event]:
    """One conversation as it may be: several services, hand-overs, silences, ratings."""
    customer, agent = Sender(Role.CUSTOMER, "c", "客"), rng.choice(AGENTS)
    now, seq, events = START + rng.randrange(0, 5 * 1440) * MIN, 0, list[Event]()

    def add(kind: Kind, sender: Sender, body: Any, wait: int = 0) -> None:
        nonlocal now, seq
        now, seq = now + wait * MIN + rng.randrange(1000), seq + 1
        events.append(Event(seq, f"{conversation}{seq}", kind, sender, now, body))

    for _ in range(rng.randrange(1, 5)):
        for _ in range(rng.randrange(1, 4)):
            add(Kind.SAID, customer, Text("问"), rng.choice((0, 1, 20, 31, 60, 3000)))
            intent, decision = rng.choice(INTENTS), rng.choice(("answer", "answer", "ask"))
            read = Understood(seq, intent, 0.8, (Reading(intent, 0.8),), decision=decision)
            add(Kind.UNDERSTOOD, BOT, read)
            if rng.random() < 0.8:
                add(Kind.SAID, BOT, Text("答"))
        if rng.random() < 0.5:
            add(Kind.HANDED_OFF, SYSTEM, HandedOff(rng.choice(("asked", "complaint", "second_miss"))))
            if rng.random() < 0.3:
                add(Kind.RELEASED, SYSTEM, Released("passed_on", rng.choice(("payments", "vip"))))
            who = Sender(Role.AGENT, f"a-{agent}", agent)
            if rng.random() < 0.8:
                add(Kind.CLAIMED, who, Claimed(who.id, agent), rng.randrange(20))
                if rng.random() < 0.9:
                    add(Kind.SAID, who, Text("您好"), rng.randrange(10))
                if rng.random() < 0.2:
                    add(Kind.TRANSFERRED, who, Transferred(who.id, "a-王主管", "王主管"))
                if rng.random() < 0.8:
                    add(Kind.CLOSED, who, Closed(who.id), rng.randrange(40))
                    if rng.random() < 0.6:
                        add(Kind.RATED, customer, Rated(rng.randrange(1, 6)), 1)
    return events


def by_hand(events: list[Event]) -> list[list[Event]]:
    """The events cut into services: the rule of the definitions, read once more and written another way."""
    cut: list[list[Event]] = []
    for event in events:
        by_customer = event.sender.role is Role.CUSTOMER and event.kind in (Kind.SAID, Kind.HANDED_OFF)
        if by_customer:
            last = cut[-1] if cut else []
            kinds = {one.kind for one in last}
            closed = Kind.CLOSED in kinds
            with_people = bool(kinds & {Kind.HANDED_OFF, Kind.CLAIMED, Kind.TRANSFERRED}) and not closed
            if not last or closed or (not with_people and event.ts - last[-1].ts > 30 * MIN):
                cut.append([])
        if cut:
            cut[-1].append(event)
    return cut


def bodies(service: list[Event], kind: type) -> list[Any]:
    return [event.body for event in service if isinstance(event.body, kind)]


def at(service: list[Event], kind: Kind, role: Role | None = None) -> int:
    found = [one.ts for one in service if one.kind is kind and (role is None or one.sender.role is role)]
    return found[0] if found else 0


def said(service: list[Event], role: Role) -> int:
    return sum(one.kind is Kind.SAID and one.sender.role is role for one in service)


def share(part: list[bool]) -> tuple[float | None, int]:
    return (float(Fraction(sum(part), len(part))), len(part)) if part else (None, 0)


def percentile(values: list[float], percent: int) -> tuple[float | None, int]:
    """Linear between the two neighbours."""
    if not values:
        return None, 0
    ordered, place = sorted(values), Fraction(percent, 100) * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (ordered[high] - ordered[low]) * (place - low)), len(values)


def matter(service: list[Event]) -> str:
    return next((read.intent for read in bodies(service, Understood) if read.intent != "greet"), "")


def again(service: list[Event], customer: str, others: list[tuple[str, list[Event]]]) -> bool:
    about, began = matter(service), service[0].ts
    earlier = [
        one[0].ts for whose, one in others if whose == customer and matter(one) == about and one[0].ts < began
    ]
    return any(began - ts <= 72 * 3_600_000 for ts in earlier)


Sums = dict[str, tuple[float | None, int]]


def sums(services: list[tuple[str, list[Event]]], everything: list[tuple[str, list[Event]]]) -> Sums:
    """Each measure by its definition, straight from the events."""
    only = [one for _, one in services]
    asked = [one for one in only if said(one, Role.CUSTOMER)]
    words = sum(said(one, Role.CUSTOMER) for one in only)
    ratings = [rating[-1].stars for one in only if (rating := bodies(one, Rated))]
    waits, lasted = list[float](), list[float]()
    for one in only:
        handed, word, closed = at(one, Kind.HANDED_OFF), at(one, Kind.SAID, Role.AGENT), at(one, Kind.CLOSED)
        waits += [(word - handed) / 1000] if handed and word >= handed else []
        lasted += [(closed - handed) / 1000] if handed and closed else []
    answered = [one for one in asked if said(one, Role.BOT)]
    complained = [
        any(read.intent == "service_complaint" for read in bodies(one, Understood))
        or any(off.reason == "complaint" for off in bodies(one, HandedOff))
        for one in asked
    ]
    missed = sum(read.decision == "ask" for one in only for read in bodies(one, Understood))
    return {
        "services": (float(len(only)), len(only)),
        "automation": share([bool(said(one, Role.BOT)) and not at(one, Kind.HANDED_OFF) for one in asked]),
        "involvement": share([said(one, Role.BOT) > 0 for one in asked]),
        "bot_resolution": share([not at(one, Kind.HANDED_OFF) for one in answered]),
        "misses": (missed / words if words else None, words),
        "first_response_p50": percentile(waits, 50),
        "first_response_p90": percentile(waits, 90),
        "resolution_p50": percentile(lasted, 50),
        "satisfaction": share([stars >= 4 for stars in ratings]),
        "stars": (sum(ratings) / len(ratings) if ratings else None, len(ratings)),
        "complaints": share(complained),
        "repeats": share([again(one, who, everything) for who, one in services if who and matter(one)]),
    }


def folded(conversation: str, customer: str, events: list[Event]) -> list[Service]:
    service, rows = None, dict[int, Service]()
    for event in events:
        service = fold_service(service, event, Whose(conversation, "web", customer, ""))
        if service is not None:
            rows[service.first] = service
    return list(rows.values())


def world(seed: int) -> list[tuple[str, str, list[Event]]]:
    """Some conversations of some customers; one of nobody who is known."""
    rng = random.Random(seed)
    return [
        (f"x{n}", rng.choice(("c1", "c2", "c3", "")), happens(rng, f"x{n}")) for n in range(rng.randrange(25))
    ]


def near(mine: dict[str, Any], theirs: Sums) -> None:
    assert set(mine) == set(theirs) == {measure.id for measure in MEASURES}
    for name, (value, n) in theirs.items():
        assert mine[name].n == n, name
        assert mine[name].value == (None if value is None else pytest.approx(value)), name


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_a_service_is_cut_and_counted_as_the_definitions_say(seed: int) -> None:
    for conversation, customer, events in world(seed):
        cut = by_hand(events)
        rows = folded(conversation, customer, events)
        assert [row.first for row in rows] == [one[0].seq for one in cut]
        counted = [Counted(**asdict(row)) for row in rows]
        mine = {measure.id: measure.of(counted) for measure in MEASURES}
        theirs = sums([("", one) for one in cut], [])
        near(mine, theirs)


LOCAL: dict[str, Callable[[datetime], str]] = {
    "day": lambda began: began.date().isoformat(),
    "hour": lambda began: f"{began.hour:02d}",
}


@pytest.mark.parametrize("zone", ZONES)
async def test_reports_from_sql_are_those_sums_in_every_zone_and_empty_days_are_empty(
    database: Database, zone: str
) -> None:
    told = world(len(zone) * 31)
    everything = [(who, one) for _, who, events in told for one in by_hand(events)]
    async with database.writing() as connection:
        for conversation, who, events in told:
            for row in folded(conversation, who, events):
                await connection.execute(tables.services.insert().values(asdict(row)))
    reports = Reports(database, zone)
    since, until = START + 2 * 1440 * MIN, START + 9 * 1440 * MIN
    within = [(who, one) for who, one in everything if since <= one[0].ts < until]
    before = [(who, one) for who, one in everything if 2 * since - until <= one[0].ts < since]
    for by, key in LOCAL.items():
        report = await reports.report(since, until, by)
        near(report.total, sums(within, everything))
        near(report.previous, sums(before, everything))
        clock = lambda one, key=key: key(datetime.fromtimestamp(one[0].ts / 1000, ZoneInfo(zone)))  # noqa: E731
        for row in report.rows:
            near(row.values, sums([(who, one) for who, one in within if clock(one) == row.key], everything))
        assert {clock(one) for _, one in within} <= {row.key for row in report.rows}
        assert len(report.rows) == (24 if by == "hour" else 8)
    agents = await reports.report(since, until, "agent")
    assert sum(row.values["services"].n for row in agents.rows) == len(within)
    behind = await reports.conversations(since, until, "", "", "repeats")
    flags = [one.again for one in behind]
    assert flags == sorted(flags, reverse=True)


@pytest.mark.parametrize("zone", ZONES)
async def test_the_days_of_confidence_are_the_shops_days(database: Database, zone: str) -> None:
    rng, days = random.Random(zone), dict[str, list[float]]()
    since, until = START, START + 4 * 1440 * MIN
    blank = {
        "text": "",
        "before": "",
        "intent": "x",
        "ranking": [],
        "review": "",
        "taught": "",
        "by": "",
        "reviewed": 0,
    }
    async with database.writing() as connection:
        for n in range(200):
            ts, sure = rng.randrange(since, until), rng.random()
            row = blank | {
                "conversation": "x",
                "seq": n,
                "ts": ts,
                "confidence": sure,
                "decision": rng.choice(("answer", "ask")),
            }
            await connection.execute(tables.readings.insert().values(row))
            day = datetime.fromtimestamp(ts / 1000, ZoneInfo(zone)).date().isoformat()
            days.setdefault(day, []).append(sure)
    found = await Reports(database, zone).confidence(since, until)
    assert {one.day: one.n for one in found if one.n} == {day: len(sure) for day, sure in days.items()}
    for one in found:
        if one.n:
            assert one.confidence == pytest.approx(sum(days[one.day]) / len(days[one.day]))
            assert sum(one.decisions.values()) == one.n
    assert [one.day for one in found] == sorted(one.day for one in found)


@pytest.mark.parametrize("zone", ZONES)
async def test_a_period_in_which_nothing_happened_says_so_and_nothing_is_nought(
    database: Database, zone: str
) -> None:
    report = await Reports(database, zone).report(START, START + 3 * 1440 * MIN, "day")
    assert report.total["services"].value == 0
    assert all(value.value is None for name, value in report.total.items() if name != "services")
    assert len(report.rows) == len(report.before) == 4
    assert await Reports(database, zone).conversations(START, START + 1, "", "", "stars") == []


async def test_skills_are_what_a_colleague_passed_on_for_or_what_the_rules_say(database: Database) -> None:
    row = Service("x1", 1, 2, "web", "c1", "", START, START, "invoice", 1, 1, reason="asked", handed=START)
    rows = [row, Service(**asdict(row) | {"conversation": "x2", "skill": "vip"})]
    rows.append(Service(**asdict(row) | {"conversation": "x3", "handed": 0}))
    async with database.writing() as connection:
        for one in rows:
            await connection.execute(tables.services.insert().values(asdict(one)))
    reports = Reports(database, "Asia/Shanghai", lambda one: "payments" if one.intent == "invoice" else "")
    made = await reports.report(START, START + 1, "skill")
    assert {row.key: row.values["services"].n for row in made.rows} == {"": 1, "payments": 1, "vip": 1}


def test_groups_without_a_period_are_only_those_there_are() -> None:
    assert grouped([], "day", ZoneInfo("Asia/Shanghai")) == {}


async def test_an_archive_of_before_is_brought_up_and_its_services_are_made_anew(tmp_path: Path) -> None:
    old = Database(f"sqlite+aiosqlite:///{tmp_path / 'old.db'}")
    await old.create()
    async with old.writing() as connection:
        for statement in (
            "DROP TABLE services",
            "CREATE TABLE services (conversation VARCHAR(128))",
            "INSERT INTO reported VALUES ('x1', 7)",
            "UPDATE schema_version SET version = 1",
        ):
            await connection.execute(text(statement))
    await old.create()
    await old.create()
    async with old.reading() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM reported"))).scalar() == 0
        assert (await connection.execute(text("SELECT skill FROM services"))).all() == []
        assert (await connection.execute(text("SELECT version FROM schema_version"))).all() == [(2,)]
    await old.close()

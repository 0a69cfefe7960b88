"""The supervisors' reports, from SQL."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import asdict
from sqlalchemy import and_, func, select

from bot.archive import tables
from bot.archive.database import Database
from bot.archive.measures import BY_ID, MEASURES, REPEAT_MS, Value, day_of, grouped
from bot.archive.services import Counted, Service

# More services than this are not summed up in one answer: the period must be shorter.
MOST = 200_000
# Whole quarters of an hour of UTC fall into the days of every zone.
_SLOT_MS = 900_000
_MOST_CHOICES = 200

SkillOf = Callable[[Service], str]


class Row(msgspec.Struct, frozen=True):
    """The measures of one group, by the measure's id."""

    key: str
    values: dict[str, Value]


class Report(msgspec.Struct, frozen=True):
    """`total` and `previous` (the period of the same length before) by measure, `rows` and `before` by group.

    The n-th day of `before` is the one that the n-th of `rows` is compared with.
    """

    since: int
    until: int
    by: str
    total: dict[str, Value]
    previous: dict[str, Value]
    rows: list[Row]
    before: list[Row]
    cut: bool


class NarrowTo(msgspec.Struct, frozen=True):
    """What a report can be narrowed to: its key, what it is called by itself, and how many services have it."""

    key: str
    name: str
    services: int


class Bin(msgspec.Struct, frozen=True):
    """Readings of one day: how many, their mean confidence (0-1), and how many led to each decision."""

    day: str
    n: int
    confidence: float
    decisions: dict[str, int]


class Reports:
    """Raises ArchiveUnavailableError when SQL does not answer. Times are ms since 1970.

    `skill_of` says what a service that people answered called for, where no colleague passed it on.
    """

    def __init__(self, database: Database, timezone: str, skill_of: SkillOf = lambda _: "") -> None:
        self._database = database
        self._zone = ZoneInfo(timezone)
        self._skill_of = skill_of

    async def report(self, since: int, until: int, by: str, **only: str) -> Report:
        """Services that began in [since, until), grouped `by` one of GROUPS; `only` agent, channel, intent, reason."""
        services = await self.services(since, until, **only)
        earlier = 2 * since - until
        before = await self.services(earlier, since, **only)
        return Report(
            since,
            until,
            by,
            _values(services),
            _values(before),
            self._rows(services, by, (since, until)),
            self._rows(before, by, (earlier, since)),
            cut=len(services) == MOST,
        )

    async def services(self, since: int, until: int, **only: str) -> list[Counted]:
        """The services that began in [since, until), the first one first."""
        table = tables.services
        asked = select(table).where(and_(table.c.began >= since, table.c.began < until))
        for column, value in only.items():
            if value:
                asked = asked.where(table.c[column] == value)
        asked = asked.order_by(table.c.began).limit(MOST)
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).mappings()
            found = [Service(**dict(row)) for row in rows]
        again = await self._again(since, until)
        return [self._counted(one, again) for one in found]

    async def confidence(self, since: int, until: int) -> list[Bin]:
        """How sure the bot was, day by day; days without a reading, too."""
        table = tables.readings
        slot = func.floor(table.c.ts / _SLOT_MS)
        asked = (
            select(slot, table.c.decision, func.count(), func.avg(table.c.confidence))
            .where(and_(table.c.ts >= since, table.c.ts < until))
            .group_by(slot, table.c.decision)
        )
        days: dict[str, dict[str, tuple[int, float]]] = {
            day: {} for day in grouped([], "day", self._zone, (since, until))
        }
        async with self._database.reading() as connection:
            for at, decision, count, mean in await connection.execute(asked):
                day = day_of(int(at) * _SLOT_MS, self._zone)
                n, total = days.setdefault(day, {}).get(decision, (0, 0.0))
                days[day][decision] = (n + int(count), total + int(count) * float(mean))
        return [_bin(day, counted) for day, counted in sorted(days.items())]

    async def choices(self, since: int, until: int) -> dict[str, list[NarrowTo]]:
        """By what the services that began in [since, until) can be narrowed, the most frequent first."""
        table = tables.services.c
        names = {
            "agent": table.agent_name,
            "channel": table.channel,
            "intent": table.intent,
            "reason": table.reason,
        }
        found: dict[str, list[NarrowTo]] = {}
        async with self._database.reading() as connection:
            for column, name in names.items():
                one = table[column]
                asked = (
                    select(one, func.max(name), func.count())
                    .where(and_(table.began >= since, table.began < until, one != ""))
                    .group_by(one)
                    .order_by(func.count().desc(), one)
                    .limit(_MOST_CHOICES)
                )
                found[column] = [NarrowTo(*row) for row in await connection.execute(asked)]
        return found

    async def conversations(
        self, since: int, until: int, by: str, key: str, measure: str, **only: str
    ) -> list[Counted]:
        """The services behind one number, those that count against it first; at most 200."""
        services = await self.services(since, until, **only)
        if by:
            services = grouped(services, by, self._zone).get(key, [])
        told = [one for one in services if BY_ID[measure].of([one]).n]
        told.sort(key=lambda one: _worst(measure, one), reverse=True)
        return told[:200]

    async def _again(self, since: int, until: int) -> dict[tuple[str, int], bool]:
        """Of the services in [since, until) with a known customer and matter: whether he came again for it.

        What was before `since`, and what a filter leaves out, counts as well: the customer came all the same.
        """
        table = tables.services.c
        asked = (
            select(table.conversation, table.first, table.customer, table.intent, table.began)
            .where(table.began >= since - REPEAT_MS, table.began < until)
            .where(table.customer != "", table.intent != "")
            .order_by(table.began)
        )
        last: dict[tuple[str, str], int] = {}
        again: dict[tuple[str, int], bool] = {}
        async with self._database.reading() as connection:
            for conversation, first, customer, intent, began in await connection.execute(asked):
                matter = (customer, intent)
                again[conversation, first] = matter in last and began - last[matter] <= REPEAT_MS
                last[matter] = began
        return again

    def _counted(self, one: Service, again: dict[tuple[str, int], bool]) -> Counted:
        skill = one.skill or (self._skill_of(one) if one.handed else "")
        known = asdict(one) | {"skill": skill}
        return Counted(**known, again=again.get((one.conversation, one.first)))

    def _rows(self, services: Sequence[Counted], by: str, period: tuple[int, int]) -> list[Row]:
        return [Row(key, _values(these)) for key, these in grouped(services, by, self._zone, period).items()]


def _values(services: Sequence[Counted]) -> dict[str, Value]:
    return {measure.id: measure.of(services) for measure in MEASURES}


def _worst(measure: str, service: Counted) -> float:
    """What to look at first: the slow, the badly rated, those that the bot did not settle."""
    value = BY_ID[measure].of([service]).value or 0.0
    good_when_high = {"automation", "involvement", "bot_resolution", "satisfaction", "stars"}
    return -value if measure in good_when_high else value


def _bin(day: str, counted: dict[str, tuple[int, float]]) -> Bin:
    n = sum(count for count, _ in counted.values())
    total = sum(mass for _, mass in counted.values())
    return Bin(day, n, total / n if n else 0.0, {decision: count for decision, (count, _) in counted.items()})

"""The supervisors' reports, from SQL."""

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import and_, func, select

from bot.archive import tables
from bot.archive.database import Database
from bot.archive.measures import BY_ID, MEASURES, Value, grouped
from bot.archive.services import Service

GROUPS = ("day", "hour", "agent", "channel", "reason", "intent")
# More services than this are not summed up in one answer: the period must be shorter.
MOST = 200_000


class Row(msgspec.Struct, frozen=True):
    """The measures of one group, by the measure's id."""

    key: str
    values: dict[str, Value]


class Report(msgspec.Struct, frozen=True):
    """`total` and `previous` (the period of the same length before) by measure, `rows` by group."""

    since: int
    until: int
    by: str
    total: dict[str, Value]
    previous: dict[str, Value]
    rows: list[Row]
    cut: bool


class Bin(msgspec.Struct, frozen=True):
    """Readings of one day: how many, their mean confidence, and how many led to each decision."""

    day: str
    n: int
    confidence: float
    decisions: dict[str, int]


class Reports:
    """Raises ArchiveUnavailableError when SQL does not answer. Times are ms since 1970."""

    def __init__(self, database: Database, timezone: str) -> None:
        self._database = database
        self._zone = ZoneInfo(timezone)

    async def report(self, since: int, until: int, by: str, **only: str) -> Report:
        """Services that began in [since, until), grouped `by` one of GROUPS; `only` agent, channel, intent, reason."""
        services = await self.services(since, until, **only)
        before = await self.services(2 * since - until, since, **only)
        rows = [Row(key, _values(these)) for key, these in grouped(services, by, self._zone).items()]
        cut = len(services) == MOST
        return Report(since, until, by, _values(services), _values(before), rows, cut)

    async def services(self, since: int, until: int, **only: str) -> list[Service]:
        """The services that began in [since, until), the first one first."""
        table = tables.services
        asked = select(table).where(and_(table.c.began >= since, table.c.began < until))
        for column, value in only.items():
            if value:
                asked = asked.where(table.c[column] == value)
        asked = asked.order_by(table.c.began).limit(MOST)
        async with self._database.reading() as connection:
            return [Service(**dict(row)) for row in (await connection.execute(asked)).mappings()]

    async def confidence(self, since: int, until: int) -> list[Bin]:
        """How sure the bot was, day by day."""
        table = tables.readings
        # Whole hours of UTC fall into the days of every zone but those at odd half hours.
        half = func.floor(table.c.ts / 1_800_000)
        asked = (
            select(half, table.c.decision, func.count(), func.avg(table.c.confidence))
            .where(and_(table.c.ts >= since, table.c.ts < until))
            .group_by(half, table.c.decision)
        )
        days: dict[str, dict[str, tuple[int, float]]] = {}
        async with self._database.reading() as connection:
            for slot, decision, count, mean in await connection.execute(asked):
                day = _day(int(slot) * 1_800_000, self._zone)
                n, total = days.setdefault(day, {}).get(decision, (0, 0.0))
                days[day][decision] = (n + int(count), total + int(count) * float(mean))
        return [_bin(day, counted) for day, counted in sorted(days.items())]

    async def conversations(self, since: int, until: int, by: str, key: str, measure: str) -> list[Service]:
        """The services behind one number, those that count against it first; at most 200."""
        services = await self.services(since, until)
        if by:
            services = grouped(services, by, self._zone).get(key, [])
        told = [one for one in services if BY_ID[measure].of([one]).n]
        told.sort(key=lambda one: _worst(measure, one), reverse=True)
        return told[:200]


def _values(services: list[Service]) -> dict[str, Value]:
    return {measure.id: measure.of(services) for measure in MEASURES}


def _worst(measure: str, service: Service) -> float:
    """What to look at first: the slow, the badly rated, those that the bot did not settle."""
    value = BY_ID[measure].of([service]).value or 0.0
    good_when_high = {"automation", "involvement", "bot_resolution", "satisfaction", "stars"}
    return -value if measure in good_when_high else value


def _day(moment: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(moment / 1000, zone).strftime("%Y-%m-%d")


def _bin(day: str, counted: dict[str, tuple[int, float]]) -> Bin:
    n = sum(count for count, _ in counted.values())
    total = sum(mass for _, mass in counted.values())
    return Bin(day, n, total / n if n else 0.0, {decision: count for decision, (count, _) in counted.items()})

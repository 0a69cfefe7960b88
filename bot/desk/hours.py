"""When the desk is open, and times that only run while it is. Pure: times are ms since 1970."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MS = 1000
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A shop that opens no more within two years has no next opening.
_FARTHEST = 731

Interval = tuple[str, str]


class Hours:
    """Opening intervals by weekday (`mon` …) as ("09:00", "22:00"), other ones by date. Raises ValueError."""

    def __init__(
        self,
        timezone: str,
        weekly: Mapping[str, Sequence[Interval]],
        holidays: Mapping[str, Sequence[Interval]],
        working_days: Sequence[str] = _DAYS[:5],
    ) -> None:
        self._zone = ZoneInfo(timezone)
        self._weekly = [_read(weekly.get(day, ())) for day in _DAYS]
        self._special = {date.fromisoformat(day): _read(spans) for day, spans in holidays.items()}
        self._working = {_DAYS.index(day) for day in working_days}

    def is_open(self, now: int) -> bool:
        moment = self._local(now)
        return any(start <= moment < end for start, end in self._spans(moment.date()))

    def next_opening(self, now: int) -> int | None:
        """When the desk opens next, `now` when it is open, None when it never does."""
        for start, end in self._from(now):
            if end > now:
                return max(start, now)
        return None

    def clock(self, moment: int, now: int) -> str:
        """The time as people of the shop read it: `09:00`, with the date when it is not today's."""
        local = self._local(moment)
        today = local.date() == self._local(now).date()
        return local.strftime("%H:%M" if today else "%m-%d %H:%M")

    def after(self, start: int, seconds: float) -> int:
        """The time at which the desk has been open for `seconds` since `start`; `start` + 2 years at most."""
        left = int(seconds * _MS)
        for begins, ends in self._from(start):
            begins_here = max(begins, start)
            if ends <= begins_here:
                continue
            if ends - begins_here >= left:
                return begins_here + left
            left -= ends - begins_here
        return start + _FARTHEST * 86_400_000

    def working_days_after(self, start: int, days: int) -> int:
        """The end of the `days`-th working day after the day of `start`."""
        day = self._local(start).date()
        for _ in range(_FARTHEST):
            if days <= 0:
                break
            day += timedelta(days=1)
            closed = day in self._special and not self._special[day]
            if day.weekday() in self._working and not closed:
                days -= 1
        return self._ms(datetime.combine(day + timedelta(days=1), time(), self._zone)) - 1

    def _from(self, now: int) -> Iterator[tuple[int, int]]:
        # From the day before, whose last interval may reach past midnight in local time changes.
        first = self._local(now).date() - timedelta(days=1)
        for ahead in range(_FARTHEST):
            for start, end in self._spans(first + timedelta(days=ahead)):
                yield self._ms(start), self._ms(end)

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        spans = self._special.get(day, self._weekly[day.weekday()])
        midnight = datetime.combine(day, time(), self._zone)
        return [(midnight + start, midnight + end) for start, end in spans]

    def _local(self, now: int) -> datetime:
        return datetime.fromtimestamp(now / _MS, self._zone)

    def _ms(self, moment: datetime) -> int:
        return round(moment.timestamp() * _MS)


def _read(spans: Sequence[Interval]) -> list[tuple[timedelta, timedelta]]:
    read = sorted((_clock(start), _clock(end)) for start, end in spans)
    before = timedelta()
    for start, end in read:
        if start >= end or start < before:
            raise ValueError(f"opening hours overlap or end before they begin: {list(spans)}")
        before = end
    return read


def _clock(text: str) -> timedelta:
    hours, _, minutes = text.partition(":")
    moment = timedelta(hours=int(hours), minutes=int(minutes))
    if not timedelta() <= moment <= timedelta(hours=24):
        raise ValueError(f"not a time of day: {text}")
    return moment

"""The shop's time: China Standard Time, whole seconds, and how fast the future comes."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import msgspec

CHINA = timezone(timedelta(hours=8))


class Moment(msgspec.Struct, frozen=True):
    """A point in time with the shop's speed: at speed 60 what takes an hour is due in a minute."""

    now: datetime
    speed: float = 1.0

    def after(self, hours: float) -> datetime:
        """When something that takes `hours` in life is due."""
        return whole(self.now + timedelta(hours=hours / self.speed))

    def at(self, time: datetime) -> "Moment":
        """The same speed at another time."""
        return Moment(time, self.speed)


def whole(time: datetime) -> datetime:
    """The same time in China, without parts of a second."""
    return time.astimezone(CHINA).replace(microsecond=0)


def clock(speed: float) -> Callable[[], Moment]:
    """A clock that tells the real time and moves the future nearer by `speed`."""
    return lambda: Moment(whole(datetime.now(CHINA)), speed)

"""The desk's rules as the repository ships them, but open at whatever hour the tests run."""

from pathlib import Path

from msgspec.structs import replace

from bot.desk.desk_rules import read_desk_rules
from bot.desk.hours import Hours

SHIPPED = read_desk_rules(Path(__file__).parent.parent / "desk.yml")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RULES = replace(SHIPPED, hours=Hours(SHIPPED.timezone, {day: [("00:00", "24:00")] for day in _DAYS}, {}))
CLOSED = replace(SHIPPED, hours=Hours(SHIPPED.timezone, {}, {}))

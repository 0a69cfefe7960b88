"""The desk's hours: what counts while it is closed, and what does not."""

from datetime import datetime

import pytest
from hypothesis import given, strategies as st

from bot.desk.hours import Hours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = {
    key: [("09:00", "12:00"), ("13:00", "22:00")] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
}
SHOP = Hours("Asia/Shanghai", EVERY_DAY, {"2026-10-01": [], "2026-10-02": [("10:00", "16:00")]})


def beijing(day: str, clock: str) -> int:
    return int(datetime.fromisoformat(f"{day}T{clock}:00+08:00").timestamp() * 1000)


@pytest.mark.parametrize(
    ("day", "clock", "is_open"),
    [
        ("2026-11-20", "08:59", False),
        ("2026-11-20", "09:00", True),
        ("2026-11-20", "12:30", False),
        ("2026-11-20", "21:59", True),
        ("2026-11-20", "22:00", False),
        ("2026-10-01", "15:00", False),
        ("2026-10-02", "09:30", False),
        ("2026-10-02", "15:00", True),
    ],
)
def test_the_desk_is_open_in_its_hours_and_on_holidays_in_the_holidays(
    day: str, clock: str, is_open: bool
) -> None:
    assert SHOP.is_open(beijing(day, clock)) is is_open


def test_the_next_opening_is_after_lunch_after_the_night_or_after_the_holiday() -> None:
    assert SHOP.next_opening(beijing("2026-11-20", "12:10")) == beijing("2026-11-20", "13:00")
    assert SHOP.next_opening(beijing("2026-11-20", "23:00")) == beijing("2026-11-21", "09:00")
    assert SHOP.next_opening(beijing("2026-09-30", "22:30")) == beijing("2026-10-02", "10:00")
    assert SHOP.next_opening(beijing("2026-11-20", "10:00")) == beijing("2026-11-20", "10:00")
    assert Hours("Asia/Shanghai", {}, {}).next_opening(beijing("2026-11-20", "10:00")) is None


def test_a_promise_stands_still_while_the_desk_is_closed() -> None:
    assert SHOP.after(beijing("2026-11-20", "11:50"), 20 * 60) == beijing("2026-11-20", "13:10")
    assert SHOP.after(beijing("2026-11-20", "21:55"), 15 * 60) == beijing("2026-11-21", "09:10")
    assert SHOP.after(beijing("2026-11-20", "23:55"), 15 * 60) == beijing("2026-11-21", "09:15")


def test_two_working_days_leave_out_the_weekend_and_the_holiday() -> None:
    friday = beijing("2026-11-20", "15:00")
    assert SHOP.working_days_after(friday, 2) == beijing("2026-11-25", "00:00") - 1
    before_holiday = beijing("2026-09-30", "15:00")  # Thursday the 1st is closed, Friday the 2nd is not
    assert SHOP.working_days_after(before_holiday, 1) == beijing("2026-10-03", "00:00") - 1


@given(st.integers(29_333_334, 31_000_000), st.integers(1, 900))
def test_between_a_start_and_its_deadline_the_desk_is_open_just_as_long_as_promised(
    minute: int, minutes: int
) -> None:
    start = minute * 60_000
    due = SHOP.after(start, minutes * 60)
    # Counted minute by minute, as somebody with a watch would: opening hours are whole minutes.
    assert sum(SHOP.is_open(moment) for moment in range(start, due, 60_000)) == minutes


@pytest.mark.parametrize(
    "spans", [[("10:00", "09:00")], [("09:00", "12:00"), ("11:00", "13:00")], [("25:00", "26:00")]]
)
def test_hours_that_make_no_sense_are_refused_when_they_are_read(spans: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"opening hours|time of day"):
        Hours("Asia/Shanghai", {"mon": spans}, {})

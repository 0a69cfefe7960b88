"""When the customer of a closed ticket is asked again: from the third to the seventh day, while somebody is there."""

from datetime import datetime

import pytest
from desk_rules import SHIPPED
from hypothesis import given, strategies as st
from msgspec.structs import replace

from bot.conversation.ticket import Due, Ticket, TicketStage
from bot.desk.hours import Hours
from bot.desk.ticket_terms import follow_up, put_off
from bot.errors import TooLongPutOffError

DAY_MS = 86_400_000
HOLIDAY = {"2026-11-27": [], "2026-11-28": []}
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAILY = {day: [("09:00", "12:00"), ("13:00", "22:00")] for day in WEEK}
RULES = replace(SHIPPED, hours=Hours("Asia/Shanghai", DAILY, HOLIDAY))


def beijing(day: str, clock: str) -> int:
    return int(datetime.fromisoformat(f"{day}T{clock}:00+08:00").timestamp() * 1000)


def closed(at: int) -> Ticket:
    due = Due(0, 0, 0, follow_up(at, RULES))
    return Ticket("T1", 2, "order", 2, "少发", TicketStage.CLOSED, "a-1", "小王", at, due, closed=at)


@pytest.mark.parametrize(
    ("day", "clock", "asked"),
    [
        ("2026-11-20", "15:00", beijing("2026-11-23", "15:00")),
        ("2026-11-20", "23:30", beijing("2026-11-24", "09:00")),
        ("2026-11-20", "12:30", beijing("2026-11-23", "13:00")),
        ("2026-11-24", "15:00", beijing("2026-11-29", "09:00")),
    ],
)
def test_it_falls_into_the_desks_hours_and_on_no_holiday(day: str, clock: str, asked: int) -> None:
    assert follow_up(beijing(day, clock), RULES) == asked


def test_who_could_not_be_reached_is_asked_the_next_open_day_and_on_the_last_day_it_must_be() -> None:
    ticket = closed(beijing("2026-11-20", "15:00"))
    again = put_off(ticket, beijing("2026-11-23", "16:00"), RULES)
    assert again == beijing("2026-11-24", "16:00")
    with pytest.raises(TooLongPutOffError):
        put_off(ticket, beijing("2026-11-27", "15:00"), RULES)


@given(st.integers(0, 400 * 1440), st.integers(0, 6 * 1440))
def test_it_is_never_later_than_the_seventh_day_nor_earlier_than_the_third(minute: int, waits: int) -> None:
    at = beijing("2026-01-01", "00:00") + minute * 60_000
    ticket = closed(at)
    assert 3 * DAY_MS <= ticket.due.follow_up - at <= 7 * DAY_MS
    now = ticket.due.follow_up + waits * 60_000
    try:
        again = put_off(ticket, now, RULES)
    except TooLongPutOffError:
        assert now - at >= 6 * DAY_MS
    else:
        assert now < again <= at + 7 * DAY_MS

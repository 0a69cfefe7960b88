"""The clocks that run for a customer, and what stops them."""

from datetime import datetime

from bot.conversation.bodies import Claimed, Closed, HandedOff, Text
from bot.conversation.events import BOT, SYSTEM, Event, Kind, Role, Sender
from bot.conversation.state import State, fold
from bot.desk.desk_rules import Promise
from bot.desk.hours import Hours
from bot.desk.promises import running

DAILY = {day: [("09:00", "22:00")] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
HOURS = Hours("Asia/Shanghai", DAILY, {})
PROMISES = (
    Promise("norm", "首次", "first", "first", 900),
    Promise("platform", "3 分钟", "3 min", "first", 180),
    Promise("next", "30 秒", "30 s", "next", 30),
    Promise("done", "1 小时", "1 h", "resolution", 3600),
)
LIN = Sender(Role.CUSTOMER, "c1", "林小雨")
WANG = Sender(Role.AGENT, "a1", "小王")
NOON = int(datetime.fromisoformat("2026-11-20T12:00:00+08:00").timestamp() * 1000)


class Told:
    def __init__(self) -> None:
        self.state = State("x1")
        self.now = NOON

    def happens(self, kind: Kind, sender: Sender, body: object, after_s: float = 0) -> "Told":
        self.now += int(after_s * 1000)
        event = Event(self.state.seq + 1, f"e{self.state.seq}", kind, sender, self.now, body)  # type: ignore[arg-type]
        self.state = fold(self.state, event)
        return self

    def clocks(self) -> dict[str, tuple[float, float]]:
        """Each running clock: seconds since noon at which it warns and is broken."""
        return {
            clock.id: ((clock.warn - NOON) / 1000, (clock.due - NOON) / 1000)
            for clock in running(self.state, PROMISES, HOURS, 0.5)
        }


def handed_over() -> Told:
    told = Told().happens(Kind.SAID, LIN, Text("转人工"))
    return told.happens(Kind.HANDED_OFF, SYSTEM, HandedOff("asked"))


def test_nothing_is_promised_by_people_while_the_bot_answers() -> None:
    assert Told().happens(Kind.SAID, LIN, Text("在吗")).clocks() == {}


def test_several_definitions_run_side_by_side_from_the_hand_over_on() -> None:
    assert handed_over().clocks() == {"platform": (90, 180), "norm": (450, 900), "done": (1800, 3600)}


def test_a_holding_message_of_the_bot_or_the_house_stops_no_human_clock() -> None:
    told = handed_over()
    told.happens(Kind.SAID, BOT, Text("正在为您转接"), 5).happens(Kind.SAID, SYSTEM, Text("请稍等"), 5)
    assert told.clocks()["platform"] == (90, 180)


def test_being_claimed_is_no_answer_and_a_word_is() -> None:
    told = handed_over().happens(Kind.CLAIMED, WANG, Claimed("a1", "小王"), 20)
    assert "platform" in told.clocks()
    told.happens(Kind.SAID, WANG, Text("您好"), 10)
    assert told.clocks() == {"done": (1800, 3600)}


def test_the_next_clock_runs_from_the_customers_first_unanswered_word() -> None:
    told = (
        handed_over()
        .happens(Kind.CLAIMED, WANG, Claimed("a1", "小王"))
        .happens(Kind.SAID, WANG, Text("您好"), 10)
    )
    told.happens(Kind.SAID, LIN, Text("我要退货"), 10).happens(Kind.SAID, LIN, Text("在吗"), 15)
    assert told.clocks()["next"] == (35, 50)


def test_everything_ends_with_the_service() -> None:
    told = handed_over().happens(Kind.CLAIMED, WANG, Claimed("a1", "小王"))
    assert told.happens(Kind.CLOSED, WANG, Closed("a1")).clocks() == {}


def test_a_promise_given_at_closing_time_is_due_next_morning() -> None:
    told = Told()
    told.now = int(datetime.fromisoformat("2026-11-20T21:58:00+08:00").timestamp() * 1000)
    told.happens(Kind.SAID, LIN, Text("转人工")).happens(Kind.HANDED_OFF, SYSTEM, HandedOff("asked"))
    due = {clock.id: clock.due for clock in running(told.state, PROMISES, HOURS, 0.5)}
    assert due["platform"] == int(datetime.fromisoformat("2026-11-21T09:01:00+08:00").timestamp() * 1000)

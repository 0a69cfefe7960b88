"""Who is next, what an agent reads of a conversation, how long it takes: all pure."""

import msgspec
import pytest
from desk_rules import RULES
from hypothesis import given, strategies as st

from bot.conversation.bodies import (
    Acted,
    Card,
    CardShown,
    Closed,
    Customer,
    HandedOff,
    Means,
    Offer,
    Reading,
    Text,
    Understood,
)
from bot.conversation.events import BOT, SYSTEM, Draft, Event, Kind, Role, Sender
from bot.conversation.state import Stage, State
from bot.desk.eta import expect, gaps
from bot.desk.line import STEP_MS, TOP, place, priority
from bot.desk.packet import make_packet
from bot.desk.presence import Word, shown, vanished
from bot.desk.summary import decode_summary, encode_summary, summarise
from bot.log.board import Claim, Presence

NOON = 1_790_000_000_000
LABELS = {"logistics_track": {"zh": "查物流", "en": "Track a parcel"}}
LIN = Sender(Role.CUSTOMER, "c1", "林小雨")


def waiting(since: int = 0, level: str = "", *, verified: bool = True, **more: object) -> State:
    customer = Customer("c1", "林小雨", level, verified)
    state = State("x1", stage=Stage.WAITING, waiting_since=NOON + since, customer=customer, seq=3)
    return msgspec.structs.replace(state, **more)


def comes_first(one: State, other: State) -> bool:
    return (place(one) or 0) < (place(other) or 0)


def test_of_equals_the_one_who_waited_longer_is_next() -> None:
    assert comes_first(waiting(0), waiting(1))


@pytest.mark.parametrize(
    "urgent",
    [
        waiting(level="钻石"),
        waiting(reason="complaint"),
        waiting(reason="anger"),
        waiting(anger=0.9),
        waiting(intent="payment_deducted"),
        waiting(intent="delivery_not_received"),
        waiting(reason="platform_failed"),
    ],
)
def test_complaints_vips_anger_and_exceptions_come_before_the_rest(urgent: State) -> None:
    assert comes_first(urgent, waiting(-60_000))


def test_a_level_that_nobody_vouched_for_does_not_count() -> None:
    assert priority(waiting(level="钻石", verified=False)) == priority(waiting())


@given(
    st.sampled_from(["complaint", "anger", "vip", ""]), st.floats(0, 1), st.sampled_from(["钻石", "金卡", ""])
)
def test_nobody_is_passed_by_those_who_came_eighteen_minutes_later(
    reason: str, anger: float, level: str
) -> None:
    later = waiting(TOP * STEP_MS + 1, level, reason=reason, anger=anger, intent="payment_deducted")
    assert 0 <= priority(later) <= TOP
    assert comes_first(waiting(), later)


@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.sampled_from(["complaint", "vip", ""]), st.booleans()), min_size=1
    ),
    st.integers(1, 4),
)
def test_however_many_urgent_ones_come_everybody_is_served_before_who_came_eighteen_minutes_later(
    comers: list[tuple[int, str, bool]], minutes_each: int
) -> None:
    """One agent who takes the head of the line every few minutes, and a stream that outruns him."""
    line = [
        waiting(minute * 60_000, "钻石" if diamond else "", reason=reason)
        for minute, reason, diamond in comers
    ]
    served: list[State] = []
    now = NOON
    while line:
        here = [one for one in line if one.waiting_since <= now]
        if here:
            served.append(min(here, key=lambda one: place(one) or 0))
            line.remove(served[-1])
        now += minutes_each * 60_000
    for at, one in enumerate(served):
        assert all(before.waiting_since - one.waiting_since <= TOP * STEP_MS for before in served[:at])


def test_who_lost_his_agent_comes_before_everybody() -> None:
    back = waiting(10 * 3_600_000, at_head=True)
    assert comes_first(back, waiting(level="钻石", reason="complaint", anger=1.0))
    assert comes_first(waiting(9 * 3_600_000, at_head=True), back)


def test_who_does_not_wait_has_no_place() -> None:
    assert place(State("x1")) is None
    assert summarise(State("x1", seq=1), RULES, position=3).position is None


def test_a_summary_says_what_the_list_needs() -> None:
    state = waiting(reason="asked", unread=2, last_text="在吗", last_role="customer", updated=NOON)
    summary = decode_summary(encode_summary(summarise(state, RULES, 4)))
    assert (summary.position, summary.unread, summary.priority) == (4, 2, 2)
    assert summary.last is not None
    assert summary.last.text == "在吗"
    assert summarise(State("x1", seq=1, unread=2), RULES).unread == 0
    assert msgspec.json.decode(encode_summary(summarise(State("x1"), RULES)))["waiting_since"] is None


def numbered(*drafts: Draft) -> list[Event]:
    return [
        Event(seq, draft.id, draft.kind, draft.sender, NOON + seq, draft.body)
        for seq, draft in enumerate(drafts, start=1)
    ]


def a_handed_over_talk() -> list[Event]:
    tracking = Card("tracking", "订单 2026", order="2026", as_of="2026-11-22T10:00:00+08:00",
                    choices=(Offer("1", "退款", means=Means("refund_progress")),))  # fmt: skip
    ranking = (Reading("logistics_track", 0.82), Reading("hand_off", 0.1), Reading("invoice", 0.05))
    entity = {"entity": "order_number", "value": "2026", "start": 0, "end": 4}
    return numbered(
        Draft("c:0", Kind.SAID, LIN, Text("以前的问题")),
        Draft("closed:1", Kind.CLOSED, SYSTEM, Closed("a-1")),
        Draft("c:1", Kind.SAID, LIN, Text("我的包裹呢")),
        Draft("bot:3:understood", Kind.UNDERSTOOD, BOT, Understood(3, "logistics_track", 0.82, ranking, (entity,))),
        Draft("bot:3:acted:0", Kind.ACTED, BOT, Acted(3, "action_logistics_track", {"courier": "顺丰", "x": None})),
        Draft("bot:3:said:0", Kind.SAID, BOT, CardShown(tracking, "您的包裹在路上")),
        Draft("c:2", Kind.SAID, LIN, Text("太慢了，我要投诉")),
        Draft("bot:7:understood", Kind.UNDERSTOOD, BOT, Understood(7, "hand_off", 0.9, (), (), 0.7)),
        Draft("handed_off:2", Kind.HANDED_OFF, SYSTEM, HandedOff("complaint", "物流慢")),
    )  # fmt: skip


def test_the_packet_tells_why_what_and_what_was_tried() -> None:
    packet = make_packet(a_handed_over_talk(), LABELS)

    assert packet.reason == "complaint"
    assert [(one.intent, one.label) for one in packet.intents] == [
        ("logistics_track", "查物流"),
        ("invoice", "invoice"),
    ]
    assert packet.slots == {"order_number": "2026", "courier": "顺丰"}
    assert [(one.seq, one.text) for one in packet.tried] == [(5, "您的包裹在路上")]
    assert [card.as_of for card in packet.orders] == ["2026-11-22T10:00:00+08:00"]
    assert packet.orders[0].choices == ()
    assert packet.anger == 0.7
    assert packet.summary == (
        "转人工原因：投诉。备注：物流慢。客户最近说：“太慢了，我要投诉”。机器人理解为“查物流”（82%）。已尝试：查物流。"
    )
    assert "以前的问题" not in packet.summary


def test_the_packet_speaks_the_agents_language() -> None:
    summary = make_packet(a_handed_over_talk(), LABELS, "en").summary
    assert summary.startswith("Handed over because: a complaint.")
    assert '"Track a parcel" (82%)' in summary


def test_a_packet_of_nothing_is_empty() -> None:
    packet = make_packet([], LABELS)
    assert (packet.reason, packet.summary, packet.intents, packet.tried) == ("", "", (), ())


def test_the_wait_is_unknown_without_enough_claims() -> None:
    assert expect([30.0] * 4, 1) is None
    assert expect([30.0] * 5, 0) is None


def test_the_wait_grows_with_the_place_and_its_spread() -> None:
    steady = [30.0] * 10
    assert expect(steady, 1) == (30, 30)
    assert expect(steady, 4) == (120, 120)
    uneven = [10.0, 20.0, 30.0, 40.0, 50.0]
    p50, p90 = expect(uneven, 4) or (0, 0)
    assert p50 == 120
    assert 120 < p90 < 4 * 50


def test_only_the_time_in_which_somebody_waited_counts() -> None:
    claims = [Claim(100_000, 70_000), Claim(130_000, 80_000), Claim(900_000, 890_000)]
    assert gaps(claims) == [30.0, 30.0, 10.0]


def test_who_has_no_console_open_is_offline_whatever_he_said() -> None:
    assert shown(Presence("busy", NOON), NOON + 5000) is Word.BUSY
    assert shown(Presence("online", NOON), NOON + 20_000) is Word.OFFLINE
    assert shown(None, NOON) is Word.OFFLINE
    seen = {"a-1": Presence("online", NOON), "a-2": Presence("online", NOON - 70_000)}
    assert vanished(["a-1", "a-2", "a-3"], seen, NOON - 60_000) == {"a-2", "a-3"}

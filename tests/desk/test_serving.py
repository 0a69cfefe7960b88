"""What the desk does by itself: gives customers away, takes them back, tells who comes at night."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from desk_rules import CLOSED, RULES, SHIPPED
from msgspec.structs import replace

from bot.conversation import commands
from bot.conversation.bodies import Customer, Rated, Text
from bot.conversation.events import Kind, Role, Sender
from bot.conversation.state import Stage
from bot.desk.attendance import Attendance
from bot.desk.desk_rules import DeskRules
from bot.desk.follower import Deskhand
from bot.desk.service import DeskService, Staff
from bot.errors import ArchiveUnavailableError
from bot.log.board import Board
from bot.log.log import Log

WANG, LI = Staff("a-1", "小王", frozenset(), 2), Staff("a-2", "小李", frozenset({"payments"}), 2)
AUTOMATIC = replace(RULES, assignment=replace(RULES.assignment, automatic=True))


class Shift:
    """A log, a board, two agents, and a clock that the test moves."""

    def __init__(self, log: Log, board: Board, monkeypatch: pytest.MonkeyPatch, rules: DeskRules) -> None:
        self.log, self.board = log, board
        self.hand = Deskhand(log, board, rules)
        self.service = DeskService(log, board, rules, self.roster)
        self.sql_is_away = False
        self.ahead_ms = 0
        real = log.now

        async def now() -> int:
            return await real() + self.ahead_ms

        monkeypatch.setattr(log, "now", now)

    async def roster(self) -> Sequence[Staff]:
        if self.sql_is_away:
            raise ArchiveUnavailableError
        return (WANG, LI)

    async def comes(self, agent: Staff, word: str = "online") -> None:
        await self.board.set_presence(agent.id, word)
        await self.board.touch(agent.id, await self.log.now())

    async def waits(self, conversation: str, text: str = "转人工", lang: str = "zh-CN") -> None:
        customer = Customer("c1", "林小雨", lang=lang)
        await self.log.commit(
            conversation, commands.CustomerSays(f"c:{text}", "web", "demo", customer, Text(text))
        )
        await self.hand.handle(conversation, 0)

    async def owner(self, conversation: str) -> str:
        await self.hand.handle(conversation, 0)
        return (await self.log.state(conversation)).owner

    async def house_says(self, conversation: str) -> list[str]:
        return [
            event.body.text
            for event in await self.log.events(conversation)
            if event.kind is Kind.SAID and event.sender.role is Role.SYSTEM and isinstance(event.body, Text)
        ]


@pytest.fixture
def shift(log: Log, board: Board, monkeypatch: pytest.MonkeyPatch, request: Any) -> Shift:
    return Shift(log, board, monkeypatch, getattr(request, "param", AUTOMATIC))


async def test_waiting_customers_go_to_the_agents_who_are_online_the_least_loaded_first(shift: Shift) -> None:
    await shift.comes(WANG)
    await shift.comes(LI, "break")
    await shift.waits("x1")
    await shift.waits("x2")
    await shift.waits("x3")
    await shift.service.tick()
    owners = [await shift.owner(name) for name in ("x1", "x2", "x3")]
    assert owners == [WANG.id, WANG.id, ""]
    await shift.comes(LI)
    await shift.service.tick()
    assert await shift.owner("x3") == LI.id


async def test_while_sql_is_away_the_agents_who_were_known_go_on_getting_customers(shift: Shift) -> None:
    await shift.comes(WANG)
    await shift.waits("x1")
    await shift.service.tick()
    shift.sql_is_away = True
    shift.ahead_ms = 10_000
    await shift.comes(WANG)
    await shift.waits("x2")
    await shift.service.tick()
    assert await shift.owner("x2") == WANG.id


async def test_an_agent_who_says_nothing_loses_the_customer_to_the_head_of_the_line_and_counts_as_busy(
    shift: Shift,
) -> None:
    await shift.comes(WANG)
    await shift.waits("x1")
    await shift.service.tick()
    await shift.hand.handle("x1", 0)
    shift.ahead_ms = 121_000
    await shift.comes(WANG)
    await shift.service.take_back_from_silent(await shift.log.now())
    state = await shift.log.state("x1")
    assert (state.stage, state.at_head) == (Stage.WAITING, True)
    assert (await shift.board.presences())[WANG.id].presence == "busy"
    await shift.service.tick()
    assert await shift.owner("x1") == ""


async def test_an_agent_who_has_spoken_keeps_his_customer(shift: Shift) -> None:
    await shift.comes(WANG)
    await shift.waits("x1")
    await shift.service.tick()
    epoch = (await shift.log.state("x1")).epoch
    wang = Sender(Role.AGENT, WANG.id, WANG.name)
    await shift.log.commit("x1", commands.AgentReplies("r1", wang, epoch, Text("您好")))
    await shift.hand.handle("x1", 0)
    shift.ahead_ms = 500_000
    await shift.service.take_back_from_silent(await shift.log.now())
    assert await shift.owner("x1") == WANG.id


@pytest.mark.parametrize("shift", [RULES], indirect=True)
async def test_where_agents_pick_by_hand_nobody_is_given_a_customer(shift: Shift) -> None:
    await shift.comes(WANG)
    await shift.waits("x1")
    await shift.service.tick()
    assert await shift.owner("x1") == ""


@pytest.mark.parametrize("shift", [CLOSED], indirect=True)
async def test_out_of_hours_a_customer_is_told_once_to_leave_his_message_and_keeps_his_place(
    shift: Shift,
) -> None:
    await shift.waits("x1")
    await shift.waits("x1", "还在吗")
    await shift.hand.handle("x1", 0)
    assert len(await shift.house_says("x1")) == 1
    assert "留言" in (await shift.house_says("x1"))[0]
    assert await shift.board.position("x1") == 1
    await shift.waits("x2", lang="en-GB")
    assert "leave your message" in (await shift.house_says("x2"))[0]


@pytest.mark.parametrize("shift", [CLOSED], indirect=True)
async def test_what_is_left_out_of_hours_is_answered_where_it_was_left(shift: Shift) -> None:
    await shift.waits("x1")
    await shift.waits("x1", "杯子碎了，想换一个")
    await shift.comes(WANG)
    wang = Sender(Role.AGENT, WANG.id, WANG.name)
    epoch = (await shift.log.state("x1")).epoch
    claimed = await shift.log.commit("x1", commands.AgentClaims(wang, epoch))
    await shift.log.commit("x1", commands.AgentReplies("r1", wang, claimed.state.epoch, Text("已安排补发。")))
    said = [event for event in await shift.log.events("x1") if event.kind is Kind.SAID]
    assert [event.sender.role for event in said][-3:] == [Role.SYSTEM, Role.CUSTOMER, Role.AGENT]


@pytest.mark.parametrize("shift", [CLOSED], indirect=True)
async def test_out_of_hours_nobody_is_sent_away_while_an_agent_is_online(shift: Shift) -> None:
    await shift.comes(WANG)
    await shift.waits("x1")
    assert await shift.house_says("x1") == []


async def test_a_customer_may_be_promised_a_person_in_the_hours_and_while_one_works_late(
    shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    def beijing(clock: str) -> int:
        return int(datetime.fromisoformat(f"2026-11-20T{clock}:00+08:00").timestamp() * 1000)

    async def now() -> int:
        return beijing(clock)

    monkeypatch.setattr(shift.log, "now", now)
    away = Attendance(shift.log, shift.board, SHIPPED.hours).away_until
    clock = "08:59"
    assert await away() == beijing("09:00")
    clock = "09:00"
    assert await away() is None
    clock = "22:30"
    assert await away() == beijing("09:00") + 86_400_000
    await shift.comes(WANG, "busy")
    assert await away() is not None
    await shift.comes(WANG)
    assert await away() is None
    await shift.waits("x1")
    late = Attendance(shift.log, shift.board, SHIPPED.hours)
    assert await late.position("x1") == 1
    clock = "22:31"  # his console is gone, and nobody said so
    assert await away() is not None
    assert await late.position("x1") is None
    assert await Attendance(shift.log, shift.board, CLOSED.hours).away_until() == 0


async def test_a_low_rating_opens_one_ticket_of_whoever_served_and_a_good_one_opens_none(
    shift: Shift,
) -> None:
    for conversation, stars in (("bad", 1), ("good", 5)):
        await shift.waits(conversation)
        epoch = (await shift.log.state(conversation)).epoch
        wang = Sender(Role.AGENT, WANG.id, WANG.name)
        claimed = await shift.log.commit(conversation, commands.AgentClaims(wang, epoch))
        await shift.log.commit(conversation, commands.AgentCloses(wang, claimed.state.epoch))
        await shift.log.commit(conversation, commands.CustomerRates(f"c:rate:{conversation}", Rated(stars)))
        # A colleague writes before the desk has seen the rating.
        await shift.log.commit(conversation, commands.AgentNotes("n1", wang, "他很生气"))
        await shift.hand.handle(conversation, 0)
        await shift.hand.handle(conversation, 0)
    tickets = (await shift.log.state("bad")).tickets
    assert [(one.owner, one.category, one.priority) for one in tickets] == [(WANG.id, "complaint", 3)]
    assert "1 星" in tickets[0].title
    assert (await shift.log.state("good")).tickets == ()

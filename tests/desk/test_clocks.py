"""What time does at the desk, and a board that can be thrown away."""

import asyncio
from typing import Any

import pytest
from desk_rules import RULES

from bot.conversation import commands
from bot.conversation.bodies import Customer, Text
from bot.conversation.events import Role, Sender
from bot.conversation.state import Stage
from bot.desk.clocks import Clocks, Limits
from bot.desk.eta import Waits
from bot.desk.follower import Deskhand
from bot.log.board import Board
from bot.log.log import Log

WANG = Sender(Role.AGENT, "a-1", "小王")


class House:
    """A log, a board and a clock that the test moves."""

    def __init__(self, log: Log, board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log, self.board = log, board
        self.hand = Deskhand(log, board, RULES)
        self.ahead_ms = 0
        self.trimmed: list[int] = []
        real = log.now

        async def now() -> int:
            return await real() + self.ahead_ms

        async def trim(at: int) -> int:
            self.trimmed.append(at)
            return 0

        monkeypatch.setattr(log, "now", now)
        self.clocks = Clocks(log, board, self.hand, Limits(60, 8), trim)

    async def passes(self, seconds: int) -> None:
        """Time goes by, a tick each second."""
        for _ in range(seconds):
            self.ahead_ms += 1000
            await self.clocks.tick()

    async def says(self, conversation: str, text: str, level: str = "普通") -> None:
        customer = Customer("c1", "林小雨", level, verified=True)
        said = commands.CustomerSays(f"c:{text}", "web", "demo", customer, Text(text))
        await self.log.commit(conversation, said)
        await self.hand.handle(conversation, 0)

    async def is_claimed(self, conversation: str, agent: Sender = WANG) -> None:
        epoch = (await self.log.state(conversation)).epoch
        await self.log.commit(conversation, commands.AgentClaims(agent, epoch))
        await self.hand.handle(conversation, 0)


@pytest.fixture
def house(log: Log, board: Board, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(log, board, monkeypatch)


async def test_a_vanished_agents_customer_is_back_at_the_head_with_his_time(house: House) -> None:
    await house.says("old", "转人工")
    waited = (await house.log.state("old")).waiting_since
    await house.is_claimed("old")
    await house.says("vip", "转人工", level="钻石")
    await house.board.touch(WANG.id, await house.log.now())

    await house.passes(58)
    assert (await house.log.state("old")).owner == WANG.id
    await house.passes(4)
    await house.hand.handle("old", 0)

    state = await house.log.state("old")
    assert (state.stage, state.waiting_since, state.at_head) == (Stage.WAITING, waited, True)
    assert await house.board.line() == ["old", "vip"]
    assert (await house.log.last_events("old"))[-1].body.reason == "agent_gone"  # type: ignore[union-attr]


async def test_an_agent_whose_console_is_open_keeps_his_customers(house: House) -> None:
    await house.says("x1", "转人工")
    await house.is_claimed("x1")
    for _ in range(20):
        await house.board.touch(WANG.id, await house.log.now())
        await house.passes(5)
    assert (await house.log.state("x1")).owner == WANG.id


async def test_after_an_outage_agents_get_time_to_report_again(house: House) -> None:
    await house.says("x1", "转人工")
    await house.is_claimed("x1")
    await house.board.touch(WANG.id, await house.log.now())
    await house.passes(2)

    house.ahead_ms += 300_000
    await house.passes(3)
    assert (await house.log.state("x1")).owner == WANG.id
    await house.passes(10)
    assert (await house.log.state("x1")).stage is Stage.WAITING


async def test_a_customer_of_a_silent_bot_gets_a_human(house: House) -> None:
    await house.says("x1", "我的包裹在哪")
    await house.passes(6)
    assert (await house.log.state("x1")).stage is Stage.BOT
    await house.passes(4)
    state = await house.log.state("x1")
    assert (state.stage, state.reason) == (Stage.WAITING, "brain_unavailable")
    await house.passes(3)
    kinds = [event.kind for event in await house.log.events("x1")]
    assert kinds.count("handed_off") == 1  # type: ignore[comparison-overlap]


async def test_the_board_is_built_anew_from_the_log(house: House, redis: Any) -> None:
    for n in range(5):
        await house.says(f"x{n}", "转人工" if n else "在吗")
    await house.is_claimed("x4")
    before = (
        await house.board.line(),
        await house.board.owned(),
        await house.board.recent(),
        await house.board.summaries([f"x{n}" for n in range(5)]),
        await house.board.claims(0),
    )
    await house.board.clear()
    assert await house.board.line() == []

    await house.clocks.tick()

    assert before == (
        await house.board.line(),
        await house.board.owned(),
        await house.board.recent(),
        await house.board.summaries([f"x{n}" for n in range(5)]),
        await house.board.claims(0),
    )
    assert await house.board.is_built()


async def test_an_older_state_never_hides_a_newer_one(house: House) -> None:
    await house.says("x1", "转人工")
    old = await house.log.state("x1")
    await house.is_claimed("x1")
    await house.hand.show(old)
    assert await house.board.line() == []
    assert await house.board.owned() == {"x1": WANG.id}


async def test_feeds_are_trimmed_once_a_minute(house: House) -> None:
    await house.passes(130)
    assert 2 <= len(house.trimmed) <= 3


async def test_the_wait_is_told_from_what_was_measured_or_not_at_all(house: House) -> None:
    waits = Waits(house.log, house.board)
    for n in range(6):
        await house.says(f"x{n}", "转人工")
    assert await waits.position("x1") == (2, None)
    assert await waits.position("nobody") == (None, None)
    for n in range(5):
        await asyncio.sleep(0.01)
        await house.is_claimed(f"x{n}")
    house.ahead_ms += 3000
    position, expected = await waits.position("x5")
    assert position == 1
    assert expected is not None
    assert 0 <= expected[0] <= expected[1] <= 2

"""The shop or the brain fail: the shopper is told so politely and gets a human."""

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from .conftest import ANSWER_WITHIN_S
from .running_house import House
from .talking import Talker

# A slow machine, or one with much else to do, is no fault of ours.
SLACK_S = 30

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def shopper(house: House) -> AsyncIterator[Talker]:
    """赵磊, whom the bot serves."""
    async with Talker(house, "赵磊") as talker:
        assert talker.stage in {"bot", "closed"}  # after a service the bot has the next word
        yield talker


async def test_shop_that_does_not_answer_means_an_apology_and_a_human(house: House, shopper: Talker) -> None:
    async with house.stopped("shop"):
        began = time.monotonic()
        await shopper.says("帮我查一下我的订单")
        await shopper.is_in_line()

    assert time.monotonic() - began < ANSWER_WITHIN_S + SLACK_S
    assert "http" not in shopper.words().lower()


async def test_shop_that_was_away_is_asked_again_when_it_is_back(house: House, shopper: Talker) -> None:
    for _ in range(30):  # the breaker tries again by itself
        answer = await shopper.asks("帮我查一下我的订单")
        if answer and shopper.stage == "bot":
            break
        await shopper.leaves_line()
    assert any("order" in str(body) for body in answer)


async def test_dead_shop_means_a_human_too(house: House, shopper: Talker) -> None:
    killed = house.kill("shop")
    await shopper.asks("帮我查一下我的订单")

    assert shopper.heard() or shopper.stage == "waiting"
    await house.is_ready(instead_of=("shop", killed))


async def test_human_is_granted_at_once_while_the_brain_is_silent(house: House, shopper: Talker) -> None:
    async with house.stopped("brain"):
        began = time.monotonic()
        await shopper.says("转人工")
        await shopper.is_in_line()
        assert time.monotonic() - began < ANSWER_WITHIN_S  # nobody waited for the brain


async def test_question_to_a_silent_brain_reaches_a_human_in_time(house: House, shopper: Talker) -> None:
    async with house.stopped("brain"):
        await shopper.says("退货政策是什么")
        await shopper.is_in_line()
    mine = shopper.seq
    assert shopper.own_words()[-1] == "退货政策是什么"
    assert shopper.heard(mine) == []


async def test_desk_that_stands_still_does_not_keep_the_bot_from_answering(
    house: House, shopper: Talker
) -> None:
    async with house.stopped("followers"):
        assert await shopper.asks("退货政策是什么")
        assert shopper.stage == "bot"

"""Two shoppers want a human and one agent is there; then he is gone."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from .agent_at_work import AgentAtWork
from .conftest import AGENT_GONE_S
from .running_house import House
from .shopper_at_shop import ShopperAtShop
from .talking import Talker

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_second_in_line_moves_up_and_who_lost_her_agent_is_first_again(
    house: House,
    at_shop: Callable[..., Awaitable[ShopperAtShop]],
    at_desk: Callable[..., Awaitable[AgentAtWork]],
) -> None:
    agent = await at_desk("xiaoli")
    async with Talker(house, "陈大明") as first:
        await first.says("转人工")
        await first.until(lambda: first.status.get("position") == 1, 5, "the first place")
        second = await at_shop("周舟")
        await second.asks_for_human()
        await expect(second.status).to_contain_text("前面还有 1 位")

        await agent.claims("陈大明")
        await expect(second.status).to_contain_text("您是下一位")
        await first.until(lambda: first.stage == "human", 5, "an agent")
        await agent.replies("陈先生您好")

        await agent.page.context.close()
        await first.until(lambda: first.stage == "waiting", AGENT_GONE_S + 12, "the line again")
        await first.until(lambda: first.status.get("position") == 1, 5, "its head")
        await expect(second.status).to_contain_text("前面还有 1 位")

        other = await at_desk("zhuguan")
        await other.looks_at_line()
        rows = other.page.locator(".row .name")
        await expect(rows).to_have_text(["陈大明", "周舟"])
        await other.claims("陈大明")
        await expect(other.log).to_contain_text("陈先生您好")
        await other.closes()
        await other.claims("周舟")
        await other.closes()
        await expect(second.log).to_contain_text("本次人工服务已结束")

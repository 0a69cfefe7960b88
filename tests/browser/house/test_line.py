"""Two shoppers want a human and one agent is there; then he is gone."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from .agent_at_work import AgentAtWork
from .conftest import AGENT_GONE_S
from .running_house import House
from .shopper_at_shop import ShopperAtShop
from .talking import PATIENCE_S, Talker

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_second_in_line_moves_up_and_who_lost_her_agent_is_first_again(
    house: House,
    at_shop: Callable[..., Awaitable[ShopperAtShop]],
    at_desk: Callable[..., Awaitable[AgentAtWork]],
) -> None:
    agent = await at_desk("xiaoli")
    async with Talker(house, "陈大明") as first:
        await first.says("转人工")
        await first.until(lambda: first.status.get("position") == 1, PATIENCE_S, "the first place")
        second = await at_shop("周舟")
        await second.asks_for_human()
        await expect(second.status).to_contain_text("前面还有 1 位")

        await agent.claims("陈大明")
        await expect(second.status).to_contain_text("您是下一位")
        await first.until(lambda: first.stage == "human", PATIENCE_S, "an agent")
        await agent.replies("陈先生您好")

        await agent.page.context.close()
        await first.until(lambda: first.stage == "waiting", AGENT_GONE_S + PATIENCE_S, "the line again")
        await first.until(lambda: first.status.get("position") == 1, PATIENCE_S, "its head")
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


async def test_out_of_hours_a_shopper_is_told_them_leaves_her_message_and_finds_the_answer_on_her_return(
    house: House,
    at_shop: Callable[..., Awaitable[ShopperAtShop]],
    at_desk: Callable[..., Awaitable[AgentAtWork]],
) -> None:
    opens = f"{datetime.now(ZoneInfo('Asia/Shanghai')) + timedelta(hours=6):%H}:00"
    async with house.closed_until(opens):
        shopper = await at_shop("王秀兰")
        await shopper.asks_for_human()
        await shopper.hears("现在是客服休息时间。请直接留言")
        told = shopper.log.get_by_text("休息时间")
        await expect(told).to_contain_text(opens)
        await expect(shopper.status).to_contain_text(f"{opens} 后回复您")
        await shopper.says("杯子碎了，想换一个")
        await expect(told).to_have_count(1)
        await shopper.page.close()

    agent = await at_desk("xiaoli")
    await agent.claims("王秀兰")
    await expect(agent.log).to_contain_text("杯子碎了，想换一个")
    await agent.replies("早上好，已为您安排补发。")
    back = ShopperAtShop(await shopper.page.context.new_page(), house)
    await back.page.goto(house.shop)
    await back.opens_chat()
    await back.hears("杯子碎了，想换一个")
    await back.hears("早上好，已为您安排补发。")
    await agent.closes()

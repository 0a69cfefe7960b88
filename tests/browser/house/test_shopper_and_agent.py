"""The whole story: a shopper on the shop's page, an agent at the console, the bot between them."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from .agent_at_work import AgentAtWork
from .shopper_at_shop import ShopperAtShop
from .test_desk_day import speaks

pytestmark = pytest.mark.asyncio(loop_scope="session")

AtShop = Callable[..., Awaitable[ShopperAtShop]]
AtDesk = Callable[..., Awaitable[AgentAtWork]]


async def test_shopper_is_helped_by_the_bot_then_by_an_agent_then_by_the_bot_again(
    at_shop: AtShop, at_desk: AtDesk, pictures: Path
) -> None:
    shopper, agent = await at_shop("林小雨"), await at_desk("xiaoli")

    await shopper.says("我的快递到哪了")
    await shopper.log.locator(".orders .order").first.click()
    tracking = shopper.log.get_by_role("group", name="物流进度").last
    await expect(tracking.locator(".steps li").first).to_be_visible()
    await shopper.picture(pictures, "1-tracking")

    await shopper.says("帮我写一首关于秋天的诗")
    await expect(shopper.log.locator(".choices").last.get_by_role("button")).to_have_count(4)
    await shopper.picture(pictures, "2-out-of-scope")

    await shopper.asks_for_human()
    await expect(shopper.status).to_contain_text("您是下一位")
    await shopper.picture(pictures, "3-in-line")
    await agent.looks_at_line()
    await expect(agent.row("林小雨")).to_contain_text("要求人工")
    await agent.opens("林小雨")
    await expect(agent.facts).to_contain_text("金卡")
    await expect(agent.facts).to_contain_text("要求人工")
    await expect(agent.facts.locator(".intents li")).to_have_count(3)
    await expect(agent.facts.locator(".order").first).to_be_visible()
    await expect(agent.facts).to_contain_text("刚刚")
    await speaks(agent.page, "en")
    await expect(agent.page.locator(".facts-pane .name")).to_contain_text("Gold")
    await speaks(agent.page, "zh-CN")
    await agent.picture(pictures, "3-packet")

    await agent.claims("林小雨")
    await shopper.hears("客服 小李 已接入")
    await agent.replies("林女士您好，我是小李，这就帮您催件。")
    await shopper.hears("林女士您好，我是小李，这就帮您催件。")
    await shopper.says("我的快递到哪了")
    await expect(agent.log).to_contain_text("我的快递到哪了")
    await shopper.page.wait_for_timeout(1500)
    assert "bot" not in str(await shopper.page.locator(".row").last.get_attribute("class"))
    await expect(shopper.page.locator(".row").last).to_contain_text("我的快递到哪了")
    await shopper.picture(pictures, "4-with-agent")
    await agent.picture(pictures, "4-serving")

    await agent.closes()
    await shopper.page.get_by_role("radio", name="5 星").check()
    await shopper.picture(pictures, "5-rating")
    await shopper.page.get_by_role("button", name="提交评价").click()
    await shopper.hears("感谢您的评价")
    await expect(agent.log).to_contain_text("评价")
    await agent.picture(pictures, "5-rated")

    await shopper.says("退货政策是什么")
    await expect(shopper.page.locator(".row").last).to_contain_text("7 天内可以无理由退货")
    await shopper.picture(pictures, "6-bot-again")


@pytest.mark.parametrize(
    ("name", "size", "theme"),
    [("王秀兰", (1280, 800), "dark"), ("陈大明", (390, 844), "light"), ("孙倩", (390, 844), "dark")],
)
async def test_same_story_in_the_hand_and_at_night(
    at_shop: AtShop, at_desk: AtDesk, pictures: Path, *, name: str, size: tuple[int, int], theme: str
) -> None:
    look = f"{size[0]}-{theme}"
    on_phone = size[0] < 500
    shopper = await at_shop(name, size=size, theme=theme)
    agent = await at_desk("xiaoli", size=size, theme=theme)

    await shopper.says("查一下我的订单")
    await expect(shopper.log.locator(".card").last).to_be_visible()
    await shopper.picture(pictures, f"1-orders-{look}")
    await shopper.log.locator(".orders .order").first.click()
    await expect(shopper.log.locator(".card:not(.orders)").last).to_be_visible()
    await shopper.picture(pictures, f"2-order-{look}")
    await shopper.asks_for_human()
    await expect(shopper.status).to_contain_text("您是下一位")
    await shopper.picture(pictures, f"3-in-line-{look}")

    await agent.looks_at_line()
    await agent.picture(pictures, f"3-line-{look}")
    await agent.claims(name)
    await agent.replies("您好，我帮您看看。")
    await shopper.hears("您好，我帮您看看。")
    await agent.picture(pictures, f"4-serving-{look}")
    if on_phone:
        await agent.page.get_by_role("button", name="客户与交接资料").click()
        await expect(agent.facts).to_contain_text(name)
        await agent.picture(pictures, f"4-facts-{look}")
        await agent.page.get_by_role("button", name="返回会话").click()
    await shopper.picture(pictures, f"4-with-agent-{look}")
    for page in (shopper.page, agent.page):
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    await agent.closes()
    await shopper.page.get_by_role("radio", name="4 星").check()
    await shopper.picture(pictures, f"5-rating-{look}")
    await shopper.page.get_by_role("button", name="提交评价").click()
    await shopper.hears("感谢您的评价")

"""Shopper and agents in one conversation of the real product: pictures, what was read, who has it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.handing import hands, png

from .agent_at_work import AgentAtWork
from .shopper_at_shop import ShopperAtShop
from .test_desk_day import reads_well

pytestmark = pytest.mark.asyncio(loop_scope="session")

AtShop = Callable[..., Awaitable[ShopperAtShop]]
AtDesk = Callable[..., Awaitable[AgentAtWork]]
WIDTH = "image => image.decode().then(() => image.naturalWidth)"


async def test_pictures_go_both_ways_and_each_side_sees_what_the_other_has_read(
    at_shop: AtShop, at_desk: AtDesk, pictures: Path
) -> None:
    shopper, agent = await at_shop("王秀兰"), await at_desk("xiaoli")
    await shopper.asks_for_human()
    await agent.claims("王秀兰")
    await hands(shopper.field, png(60, 40), "裂缝.png", "image/png")
    await shopper.page.get_by_role("button", name="发送 1 个").wait_for()
    await reads_well(shopper.page, pictures / "widget-tray")
    await shopper.says("收到就是裂的")
    seen = agent.log.locator(".said.from-customer img.picture")
    assert await seen.evaluate(WIDTH) == 60
    await expect(agent.log).to_contain_text("收到就是裂的")
    await shopper.hears("已读")

    await hands(agent.page.locator(".composer textarea"), png(50, 50), "新杯子.png", "image/png")
    await agent.page.locator(".attachments .is-kept").wait_for()
    await agent.page.get_by_label("回复", exact=True).fill("换这一个给您")
    await agent.page.keyboard.press("Enter")
    got = shopper.log.locator(".row.agent .photo img")
    assert await got.evaluate(WIDTH) == 50
    await expect(agent.log.locator(".said.from-agent").last).to_contain_text("已读")

    await shopper.field.press_sequentially("好")
    await expect(agent.log).to_contain_text("客户正在输入…")
    await agent.page.get_by_label("回复", exact=True).press_sequentially("稍")
    await expect(shopper.log.locator(".typing")).to_be_visible()
    await shopper.picture(pictures, "pictures")
    await reads_well(agent.page, pictures / "desk-pictures")
    await agent.closes()


async def test_one_of_two_wins_the_race_and_what_he_had_begun_to_write_is_nobodys_when_he_is_taken_over(
    at_shop: AtShop, at_desk: AtDesk
) -> None:
    shopper, agent, boss = await at_shop("孙倩"), await at_desk("xiaoli"), await at_desk("zhuguan")
    await shopper.asks_for_human()
    for one in (agent, boss):
        await one.looks_at_line()
        await one.opens("孙倩")
        await one.page.locator("[data-verb=claim]").wait_for()
    press = "document.querySelector('[data-verb=claim]').click()"
    await asyncio.gather(agent.page.evaluate(press), boss.page.evaluate(press))
    closes = [one.page.get_by_role("button", name="结束会话") for one in (agent, boss)]
    await expect(closes[0].or_(agent.page.get_by_text("慢了一步"))).to_be_visible()
    await expect(closes[1].or_(boss.page.get_by_text("慢了一步"))).to_be_visible()
    assert sorted([await closes[0].count(), await closes[1].count()]) == [0, 1]
    if not await closes[0].count():
        await expect(agent.page.locator(".banner")).to_contain_text("王主管 已经接了这个会话")
        await boss.page.get_by_role("button", name="放回排队").click()
        await agent.page.get_by_role("button", name="接入", exact=True).click()
        await closes[0].wait_for()

    await agent.replies("孙女士您好")
    await agent.page.get_by_label("回复", exact=True).fill("我查到了，您的包裹")
    await boss.page.get_by_role("button", name="接管").click()
    await closes[1].wait_for()
    await expect(agent.page.locator(".banner")).to_contain_text("王主管 正在接待")
    await boss.replies("我是主管，由我继续为您服务")
    await shopper.hears("由我继续为您服务")
    await expect(shopper.log).not_to_contain_text("我查到了")

    # His browser dies in the middle of a sentence: she is first in line again, and the half of it is nobody's.
    await boss.page.get_by_label("回复", exact=True).fill("正在给您办")
    await boss.page.context.close()
    await expect(shopper.status).to_contain_text("您是下一位", timeout=60_000)
    await agent.claims("孙倩")
    await expect(shopper.log).not_to_contain_text("正在给您办")
    await agent.closes()

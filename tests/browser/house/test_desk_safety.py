"""At the desk in the real product: who may see a customer's own, who may sign in, and what time does to a ticket."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Page, expect

from bot.archive.accounts import Accounts, AgentRole
from bot.archive.database import Database
from bot.archive.tickets import TicketBook
from bot.conversation.ticket import Ticket
from bot.desk.ticket_terms import TicketClock
from bot.log.board import Board
from bot.log.connect import connect
from bot.log.log import Log
from bot.settings import Settings

from .agent_at_work import AgentAtWork
from .conftest import NewContext
from .running_house import House
from .shopper_at_shop import ShopperAtShop
from .test_desk_day import goes_to, reads_well

pytestmark = pytest.mark.asyncio(loop_scope="session")

AtShop = Callable[..., Awaitable[ShopperAtShop]]
AtDesk = Callable[..., Awaitable[AgentAtWork]]
HOUR_MS = 3_600_000
PHONE = "13812345678"


async def goes_to_account(page: Page) -> None:
    await page.locator("button.me").click()
    await page.get_by_role("menuitem", name="账号与安全").click()
    await page.get_by_role("heading", name="账号与安全", level=1).wait_for()


async def test_an_agent_sees_a_phone_masked_and_looks_past_it_only_with_a_reason_that_is_kept(
    at_shop: AtShop, at_desk: AtDesk, pictures: Path
) -> None:
    shopper, agent, boss = await at_shop("孙倩"), await at_desk("xiaoli"), await at_desk("zhuguan")
    await shopper.says(f"麻烦回电{PHONE}，我住上海市浦东新区世纪大道100号5栋301室")
    await shopper.asks_for_human()
    await agent.claims("孙倩")
    await expect(agent.log).to_contain_text("138****5678")
    await expect(agent.log).to_contain_text("上海市浦东新区****")
    assert PHONE not in await agent.page.content()
    hers = agent.log.locator(".said.from-customer", has_text="138****5678")
    await hers.get_by_role("button", name="查看完整信息").click()
    dialog = agent.page.get_by_role("dialog", name="查看完整信息")
    await dialog.get_by_role("button", name="回电客户").click()
    await reads_well(agent.page, pictures / "reveal")
    await dialog.get_by_role("button", name="查看", exact=True).click()
    await expect(dialog).to_contain_text(PHONE)
    await reads_well(agent.page, pictures / "revealed")
    await agent.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    assert PHONE not in await agent.page.content()
    await expect(shopper.log).to_contain_text(PHONE)
    await agent.closes()

    await goes_to(boss, "团队")
    await reads_well(boss.page, pictures / "team-security")
    await boss.page.get_by_role("link", name="操作记录").click()
    first = boss.page.locator("tbody tr").first
    for words in ("小李", "查看隐藏信息", "孙倩", "回电客户"):
        await expect(first).to_contain_text(words)
    await reads_well(boss.page, pictures / "audit", on_phone=True)


async def test_an_agent_turns_on_two_step_sign_in_and_needs_a_code_from_then_on(
    house: House, new_context: NewContext, pictures: Path
) -> None:
    name, password = f"erbu{time.monotonic_ns()}", "correct horse 41"
    database = Database(f"sqlite+aiosqlite:///{house.data / 'archive.db'}")
    await Accounts(database).add(name, AgentRole.AGENT, password, "小二步")
    await database.close()
    page = await (await new_context()).new_page()

    async def signs_in(code: str = "") -> None:
        await page.get_by_label("账号").fill(name)
        await page.get_by_label("密码", exact=True).fill(password)
        await page.get_by_role("button", name="登录").click()
        if code:
            await page.get_by_label("动态口令").fill(code)
            await page.get_by_role("button", name="登录").click()

    await page.goto(f"{house.gateway}/console/")
    await signs_in()
    await page.get_by_role("tab", name="排队").wait_for()
    await goes_to_account(page)
    await page.get_by_label("先输入密码，确认是您本人").fill(password)
    await page.get_by_role("button", name="开始设置").click()
    await expect(page.get_by_role("img", name="动态口令的二维码")).to_be_visible()
    await reads_well(page, pictures / "factor", on_phone=True)
    totp = pyotp.TOTP((await page.locator(".steps code").inner_text()).replace(" ", ""))
    await page.get_by_label("输入手机上显示的 6 位数字").fill(totp.now())
    await page.get_by_role("button", name="开启", exact=True).click()
    codes = page.locator(".codes li")
    await expect(codes).to_have_count(10)
    recovery = await codes.first.inner_text()
    await reads_well(page, pictures / "recovery-codes", on_phone=True)

    await page.locator("button.me").click()
    await page.get_by_role("menuitem", name="退出登录").click()
    await signs_in("000000")
    await expect(page.get_by_role("alert")).to_contain_text("动态口令不对")
    await reads_well(page, pictures / "sign-in-code")
    await page.get_by_label("动态口令").fill(recovery)
    await page.get_by_role("button", name="登录").click()
    await (
        page.get_by_role("heading", name="账号与安全", level=1)
        .or_(page.get_by_role("tab", name="排队"))
        .first.wait_for()
    )


async def test_a_ticket_is_raised_when_its_deadline_passes_and_its_customer_is_asked_after_its_end(
    house: House, at_desk: AtDesk, pictures: Path
) -> None:
    agent = await at_desk("xiaoli")
    await goes_to(agent, "工单")
    await agent.page.get_by_role("button", name="建工单").click()
    dialog = agent.page.get_by_role("dialog", name="建工单")
    await dialog.get_by_label("标题").fill("电话投诉：快递员态度")
    await dialog.get_by_label("客户称呼").fill("王先生")
    await dialog.get_by_role("button", name="建立").click()
    row = agent.page.locator("li", has_text="电话投诉：快递员态度").first
    await expect(row).to_be_visible()
    await expect(row).not_to_contain_text("升级")

    boss = await at_desk("zhuguan")
    await time_passes(house, 25 * HOUR_MS)
    for one in (agent, boss):
        notice = one.page.get_by_role("alert").filter(has_text="工单超时，升到 1 级：电话投诉：快递员态度")
        await expect(notice).to_contain_text("负责人：小李")
    detail = agent.page.get_by_role("region", name="电话投诉：快递员态度")
    await agent.page.reload()
    await expect(row).to_contain_text("升级 1 级")
    await expect(detail.locator(".steps li").first).to_contain_text("超时升级")
    await reads_well(agent.page, pictures / "ticket-raised")

    await detail.get_by_label("进入").select_option(label="结案")
    await detail.get_by_label("备注（客户看不到）").fill("已道歉并补偿")
    await detail.get_by_role("button", name="保存").click()
    await expect(detail.locator("[aria-current=step]")).to_have_text("结案")
    await detail.get_by_label("备注（客户看不到）").fill("没接电话")
    await detail.get_by_role("button", name="没联系上，改天回访").click()
    await expect(detail.locator(".steps li").first).to_contain_text("推迟回访")
    await detail.get_by_role("button", name="已回访").click()
    await expect(detail.locator(".steps li").first).to_contain_text(re.compile("已回访.*小李"))
    await expect(detail.get_by_role("button", name="已回访")).to_have_count(0)


async def time_passes(house: House, ahead: int) -> None:
    """Does what the house's own clock would do in so long (ms), on the house's own log and archive."""
    port = house.port + 3
    redis = connect(f"redis://:{house.secrets()['redis_password']}@127.0.0.1:{port}/0")
    log, database = (
        Log(redis, Settings().partitions),
        Database(f"sqlite+aiosqlite:///{house.data / 'archive.db'}"),
    )
    real = log.now

    async def later() -> int:
        return await real() + ahead

    async def late(now: int) -> list[tuple[str, Ticket]]:
        return [(one.conversation, one.ticket) for one in await TicketBook(database).late(now)]

    log.now = later  # type: ignore[method-assign]
    try:
        await TicketClock(log, late, Board(redis).announce).tick()
        async with asyncio.timeout(60):
            while True:  # the archive follows a moment behind
                if not await late(await later()):
                    break
                await asyncio.sleep(0.1)
    finally:
        await redis.aclose()
        await database.close()

"""Every screen in both themes and three widths: readable for all, nothing sticks out, and kept as a picture."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.reading import reads_well

from .fake_desk import FakeDesk
from .scenes import busy_afternoon

pytestmark = pytest.mark.asyncio(loop_scope="session")

Visit = Callable[..., Awaitable[Page]]
SIZES = {"1440": (1440, 900), "1280": (1280, 800), "390": (390, 844)}


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_reads_well(visit: Visit, desk: FakeDesk, pictures: Path, size: str) -> None:
    async def check(page: Page, name: str) -> None:
        await reads_well(page, pictures / f"{name}-{size}", both=True)

    page = await visit(agent=None, size=SIZES[size])
    await check(page, "sign-in")
    await page.context.close()

    busy_afternoon(desk)
    talk = desk.talks["c-lin"]
    page = await visit(size=SIZES[size])
    await page.locator(".row").first.wait_for()
    await check(page, "line")
    await page.locator(".row", has_text="林小雨").click()
    await page.locator(".happened").first.wait_for()
    await check(page, "waiting")
    if size == "390":
        await page.get_by_role("button", name="客户与交接资料").click()
        await check(page, "facts")
        await page.get_by_role("button", name="返回会话").click()

    await page.get_by_role("button", name="接入", exact=True).click()
    await page.get_by_label("回复", exact=True).fill(
        "林女士您好，我看到包裹昨天到了杭州转运中心，这就帮您催。"
    )
    await page.keyboard.press("Enter")
    await page.locator(".said.from-agent").wait_for()
    await page.get_by_role("button", name="备注").click()
    await page.get_by_label("备注", exact=True).fill("第二次催物流，明早 9 点再看一次轨迹")
    await page.keyboard.press("Enter")
    await page.locator(".noted").wait_for()
    await desk.say(talk, "好的，麻烦尽快，孩子等着用呢😭")
    await page.locator(".thoughts summary").first.click()
    await page.get_by_role("button", name="回复").click()
    await check(page, "serving")
    await page.get_by_label("回复", exact=True).fill("/")
    await page.locator("#canned .option").first.wait_for()
    await check(page, "canned")
    await page.get_by_label("回复", exact=True).fill("")
    await page.get_by_role("button", name="设置").click()
    await check(page, "settings")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="结束会话").click()
    await page.get_by_role("dialog").wait_for()
    await check(page, "close")
    await page.get_by_role("button", name="取消").click()
    if size == "1280":
        desk.refuse_sockets = True
        desk.cut_lines()
        await page.get_by_text("马上重连").wait_for()
        await check(page, "cut")
        await page.get_by_label("接待状态").click()
        await page.get_by_role("menuitem", name="小休").wait_for()
        await check(page, "presence")


async def test_agent_who_reads_english_gets_the_whole_console_in_english(
    visit: Visit, desk: FakeDesk, pictures: Path
) -> None:
    busy_afternoon(desk)
    page = await visit(at="#/desk/c-chen")
    await page.get_by_role("button", name="设置").click()
    await page.get_by_role("button", name="English").click()
    await page.keyboard.press("Escape")

    await page.get_by_text("The customer is in line. Claim to reply.").wait_for()
    await reads_well(page, pictures / "english-1280")
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.locator(".row").first.focus()
    await page.keyboard.press("?")
    await page.get_by_role("dialog").get_by_text("Previous conversation").wait_for()
    await reads_well(page, pictures / "help-1280")

"""Every screen in both themes and three widths: readable for all, nothing sticks out, and kept as a picture."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from .fake_desk import FakeDesk
from .scenes import busy_afternoon

Visit = Callable[..., Awaitable[Page]]
SIZES = {"1440": (1440, 900), "1280": (1280, 800), "390": (390, 844)}


async def violations(page: Page, axe: str) -> list[Any]:
    """What axe finds, as rule and place; evaluated from outside, since the page's policy admits no such script."""
    await page.evaluate(f"{axe}; 0")
    found = await page.evaluate("axe.run({resultTypes: ['violations']}).then(r => r.violations)")
    return [
        (v["id"], [node["html"][:140] + " | " + node.get("failureSummary", "")[:200] for node in v["nodes"]])
        for v in found
    ]


async def check(page: Page, axe: str, picture: Path) -> None:
    await page.wait_for_timeout(350)  # colours in the middle of a fade are not what anyone reads
    await page.screenshot(path=picture)
    assert await violations(page, axe) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_reads_well(
    visit: Visit, desk: FakeDesk, axe: str, pictures: Path, *, size: str, theme: str
) -> None:
    def picture(name: str) -> Path:
        return pictures / f"{name}-{size}-{theme}.png"

    page = await visit(agent=None, size=SIZES[size], theme=theme)
    await check(page, axe, picture("sign-in"))
    await page.context.close()

    busy_afternoon(desk)
    talk = desk.talks["c-lin"]
    page = await visit(size=SIZES[size], theme=theme)
    await page.locator(".row").first.wait_for()
    await check(page, axe, picture("line"))
    await page.locator(".row", has_text="林小雨").click()
    await page.locator(".happened").first.wait_for()
    await check(page, axe, picture("waiting"))
    if size == "390":
        await page.get_by_role("button", name="客户与交接资料").click()
        await check(page, axe, picture("facts"))
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
    await check(page, axe, picture("serving"))
    await page.get_by_label("回复", exact=True).fill("/")
    await page.locator("#canned .option").first.wait_for()
    await check(page, axe, picture("canned"))
    await page.get_by_label("回复", exact=True).fill("")
    await page.get_by_role("button", name="设置").click()
    await check(page, axe, picture("settings"))
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="结束会话").click()
    await page.get_by_role("dialog").wait_for()
    await check(page, axe, picture("close"))
    await page.get_by_role("button", name="取消").click()
    if size == "1280":
        desk.refuse_sockets = True
        desk.cut_lines()
        await page.get_by_text("马上重连").wait_for()
        await check(page, axe, picture("cut"))
        await page.get_by_label("接待状态").click()
        await page.get_by_role("menuitem", name="小休").wait_for()
        await check(page, axe, picture("presence"))


async def test_agent_who_reads_english_gets_the_whole_console_in_english(
    visit: Visit, desk: FakeDesk, axe: str, pictures: Path
) -> None:
    busy_afternoon(desk)
    page = await visit(at="#/desk/c-chen")
    await page.get_by_role("button", name="设置").click()
    await page.get_by_role("button", name="English").click()
    await page.keyboard.press("Escape")

    await page.get_by_text("The customer is in line. Claim to reply.").wait_for()
    await check(page, axe, pictures / "english-1280-light.png")
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.locator(".row").first.focus()
    await page.keyboard.press("?")
    await page.get_by_role("dialog").get_by_text("Previous conversation").wait_for()
    await check(page, axe, pictures / "help-1280-light.png")

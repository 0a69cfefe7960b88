"""What agents send besides words, and what helps them to find the words."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser import handing
from tests.browser.handing import png
from tests.browser.reading import reads_well

from .fake_desk import FakeDesk
from .scenes import busy_afternoon

pytestmark = pytest.mark.asyncio(loop_scope="session")

Visit = Callable[..., Awaitable[Page]]


async def hands(page: Page, data: bytes, name: str, kind: str, how: str = "paste") -> None:
    await handing.hands(page.locator(".composer textarea"), data, name, kind, how)


async def at_work(visit: Visit, desk: FakeDesk, **look: object) -> Page:
    busy_afternoon(desk)
    desk.talks["c-lin"].suggestions = [
        {
            "text": "包裹到了杭州转运中心，预计明天送达。",
            "source": "past",
            "title": "包裹到哪了",
            "by": "小王",
        },
        {"text": "物流超过 48 小时没有更新，我们会帮您催。", "source": "faq", "title": "物流不动", "by": ""},
    ]
    page = await visit(**look)
    await page.locator(".row", has_text="林小雨").click()
    await page.get_by_role("button", name="接入", exact=True).click()
    await page.get_by_role("button", name="结束会话").wait_for()
    return page


async def test_a_pasted_picture_is_shown_before_it_is_sent_and_then_stands_in_the_conversation(
    visit: Visit,
    desk: FakeDesk,
    pictures: Path,
) -> None:
    page = await at_work(visit, desk)
    area = page.get_by_label("回复", exact=True)
    await hands(page, png(60, 40), "图.png", "image/png")
    await expect(page.locator(".attachments img")).to_have_js_property("complete", True)
    await hands(page, b"%PDF-1.7 bill", "发票.pdf", "application/pdf", "drop")
    await expect(page.locator(".attachments li")).to_have_count(2)
    await expect(page.locator(".attachments .is-kept")).to_have_count(2)
    await reads_well(page, pictures / "attachments-1280")

    await area.fill("是这一款吗")
    await page.keyboard.press("Enter")
    await expect(page.locator(".attachments")).to_have_count(0)
    shown = page.locator(".said.from-agent img.picture")
    await expect(shown).to_have_count(1)
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 60
    await expect(page.locator(".said.from-agent a.file")).to_contain_text("发票.pdf")
    assert [event["body"]["type"] for event in desk.talks["c-lin"].events[-3:]] == ["image", "file", "text"]
    await reads_well(page, pictures / "pictures-said-1280")


async def test_a_large_photo_is_drawn_smaller_before_it_leaves_the_browser(
    visit: Visit, desk: FakeDesk
) -> None:
    page = await at_work(visit, desk)
    photo = png(2400, 300)
    await hands(page, photo, "大图.png", "image/png")
    await expect(page.locator(".attachments .is-kept")).to_have_count(1)
    ((data, kind),) = desk.kept.values()
    assert kind == "image/jpeg"
    assert len(data) < len(photo)
    size = await page.evaluate(
        "url => createImageBitmap ? fetch(url).then(r => r.blob()).then(createImageBitmap).then(b => [b.width, b.height]) : 0",
        "/media/0",
    )
    assert size == [2000, 250]


async def test_what_the_desk_refuses_says_why_and_is_removed_and_never_said(
    visit: Visit, desk: FakeDesk
) -> None:
    page = await at_work(visit, desk)
    before = len(desk.talks["c-lin"].events)
    chooser = page.locator("input[type=file]")
    await chooser.set_input_files(
        {"name": "x.png", "mimeType": "image/png", "buffer": b"<svg onload=alert(1)>"}
    )
    await expect(page.locator(".attachments [role=alert]")).to_contain_text("只能发 PNG")
    await expect(page.get_by_role("button", name="发送", exact=True)).to_be_disabled()
    await page.get_by_role("button", name="去掉 x.png").click()
    await expect(page.locator(".attachments")).to_have_count(0)
    assert len(desk.talks["c-lin"].events) == before


async def test_alt_and_a_number_insert_a_suggestion_and_nothing_sends_it(
    visit: Visit,
    desk: FakeDesk,
    pictures: Path,
) -> None:
    page = await at_work(visit, desk)
    said = len(desk.talks["c-lin"].events)
    await page.get_by_role("group", name="建议回复").wait_for()
    await reads_well(page, pictures / "suggested-1280")
    await page.keyboard.press("Alt+Digit2")
    area = page.get_by_label("回复", exact=True)
    await expect(area).to_have_value("物流超过 48 小时没有更新，我们会帮您催。")
    await expect(area).to_be_focused()
    await page.wait_for_timeout(300)
    assert len(desk.talks["c-lin"].events) == said
    await page.get_by_role("button", name="收起建议").click()
    await expect(page.get_by_role("group", name="建议回复")).to_have_count(0)


async def test_a_canned_reply_is_filled_with_what_is_known_and_waits_for_what_is_not(
    visit: Visit, desk: FakeDesk
) -> None:
    page = await at_work(visit, desk)
    area = page.get_by_label("回复", exact=True)
    await area.fill("/hddd")
    await page.keyboard.press("Enter")
    await expect(area).to_have_value("我看到您的订单 202611180042，是这一单的问题吗？")
    await area.fill("/wh")
    await page.keyboard.press("Enter")
    await expect(area).to_have_value(
        "林小雨您好，我是人工客服小李，很高兴为您服务。您的问题我正在看，请稍等。"
    )

    await page.locator(".row", has_text="王芳").or_(page.get_by_role("tab", name="我的")).first.click()
    await page.locator(".row", has_text="王芳").click()
    said = len(desk.talks["c-wang"].events)
    await area.fill("/hddd")
    await page.keyboard.press("Enter")
    await expect(area).to_have_value("我看到您的订单 {订单号}，是这一单的问题吗？")
    assert await area.evaluate("a => a.value.slice(a.selectionStart, a.selectionEnd)") == "{订单号}"
    await page.keyboard.press("Enter")
    await page.get_by_text("请先填上 {订单号}").wait_for()
    assert len(desk.talks["c-wang"].events) == said
    await page.keyboard.type("4711")
    await page.keyboard.press("Enter")
    await expect(page.locator(".said.from-agent").last).to_contain_text("我看到您的订单 4711")


async def test_a_note_calls_a_colleague_by_name(visit: Visit, desk: FakeDesk, pictures: Path) -> None:
    page = await at_work(visit, desk)
    await page.get_by_role("button", name="备注").click()
    area = page.get_by_label("备注", exact=True)
    await area.press_sequentially("这单 @小")
    await expect(page.get_by_role("option", name="小王")).to_be_visible()
    await expect(page.get_by_role("option", name="小李")).to_have_count(0)
    await reads_well(page, pictures / "calling-1280")
    await page.keyboard.press("Enter")
    await expect(area).to_have_value("这单 @小王 ")
    await page.keyboard.type("看一下")
    await page.keyboard.press("Enter")
    await page.locator(".noted").wait_for()
    assert desk.talks["c-lin"].events[-1]["body"] == {"text": "这单 @小王 看一下", "to": ["a-wang"]}


async def test_an_agent_sees_who_else_looks_and_is_told_when_a_note_calls_him(
    visit: Visit, desk: FakeDesk, pictures: Path
) -> None:
    busy_afternoon(desk)
    await visit("xiaowang")
    page = await visit()
    await page.locator(".row", has_text="林小雨").click()
    await expect(page.locator(".lookers")).to_contain_text("小王 正在查看")

    mine = next(seat for seat in desk.seats if seat.agent["id"] == "a-li")
    await mine.socket.send_json({"t": "called", "conversation": "c-liu", "seq": 2, "by": "小王"})
    told = page.get_by_role("alert").filter(has_text="小王 在备注里叫您")
    await told.wait_for()
    await reads_well(page, pictures / "called-1280")
    await told.click()
    await page.get_by_role("heading", name="刘洋").wait_for()

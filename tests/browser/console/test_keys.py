"""Keyboard first: the palette, the keys, and an input method whose own keys are nobody's business."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.composing import compose
from tests.browser.reading import reads_well

from .fake_desk import FakeDesk
from .scenes import busy_afternoon

pytestmark = pytest.mark.asyncio(loop_scope="session")

Visit = Callable[..., Awaitable[Page]]


async def test_ctrl_k_finds_people_by_initials_and_does_what_can_be_done(
    visit: Visit, desk: FakeDesk, pictures: Path
) -> None:
    busy_afternoon(desk)
    page = await visit()
    await page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="快速查找")
    await expect(field).to_be_focused()
    await page.keyboard.type("lxy")
    await expect(page.locator(".palette .item").first).to_contain_text("林小雨")
    await reads_well(page, pictures / "palette-1280")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="林小雨").wait_for()
    await expect(field).to_have_count(0)

    await page.keyboard.press("Control+k")
    await expect(field).to_be_focused()
    await page.keyboard.type("接入")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="结束会话").wait_for()
    assert desk.talks["c-lin"].owner == "a-li"

    # From within the field, too; a canned reply is inserted and nothing is sent.
    area = page.get_by_label("回复", exact=True)
    await area.focus()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("tksx")  # at once: no letter of it is lost, and none goes to the customer
    await expect(field).to_have_value("tksx")
    await expect(field).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(area).to_have_value("退款已经提交，原路退回；到账时间以支付渠道为准，一般 1 至 3 个工作日。")
    assert desk.talks["c-lin"].events[-1]["kind"] == "claimed"

    await page.emulate_media(color_scheme="dark")
    await page.keyboard.press("Control+k")
    await page.get_by_role("option", name="转交").wait_for()
    await reads_well(page, pictures / "palette-1280", first="dark")
    await page.keyboard.press("Escape")
    await expect(field).to_have_count(0)


async def test_where_there_is_no_keyboard_nothing_is_said_of_keys_but_what_can_be_typed_is(
    visit: Visit, desk: FakeDesk
) -> None:
    busy_afternoon(desk)
    page = await visit(size=(390, 844))
    await page.locator(".row", has_text="林小雨").click()
    await page.get_by_role("button", name="接入", exact=True).click()
    reply = page.get_by_label("回复", exact=True)
    await reply.fill("/tk")
    await expect(page.locator("#canned kbd", has_text="/tksx")).to_be_visible()
    await reply.fill("")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await expect(page.locator(".palette .item").first).to_be_visible()
    assert [key for key in await page.locator("kbd").all() if await key.is_visible()] == []


async def test_keys_of_an_input_method_are_not_the_pages(visit: Visit, desk: FakeDesk) -> None:
    busy_afternoon(desk)
    talk = desk.talks["c-wang"]
    page = await visit(at="#/desk/c-wang")
    await page.get_by_label("回复", exact=True).wait_for()
    cdp = await page.context.new_cdp_session(page)
    before = len(talk.events)

    search = page.get_by_label("搜索客户或内容")
    await search.fill("林")
    for key in ("Escape", "Enter"):
        await compose(cdp, search, "xiaoyu", key)
    await expect(search).to_have_value("林xiaoyu")
    await cdp.send("Input.insertText", {"text": "小雨"})
    await expect(page.locator(".line .row")).to_have_count(1)

    area = page.get_by_label("回复", exact=True)
    await area.fill("/")
    await compose(cdp, area, "ckd", "Enter")
    await expect(area).to_have_value("/ckd")
    await cdp.send("Input.insertText", {"text": ""})
    await area.fill("")

    await page.get_by_role("button", name="备注").click()
    note = page.get_by_label("备注", exact=True)
    await note.press_sequentially("@小")
    await page.get_by_role("option", name="小王").wait_for()
    await compose(cdp, note, "wang", "Enter")
    await expect(note).to_have_value("@小wang")
    await cdp.send("Input.insertText", {"text": ""})

    await page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="快速查找")
    for key in ("Enter", "Escape"):
        await compose(cdp, field, "jieshu", key)
    await expect(field).to_be_visible()
    await cdp.send("Input.insertText", {"text": "结束"})
    await page.get_by_role("option", name="结束会话").wait_for()
    await page.keyboard.press("Escape")
    assert (len(talk.events), talk.stage) == (before, "human")


async def test_both_sides_see_what_was_read_and_who_is_typing_and_a_note_is_typed_to_colleagues_only(
    visit: Visit, desk: FakeDesk
) -> None:
    busy_afternoon(desk)
    talk = desk.talks["c-wang"]
    page = await visit(at="#/desk/c-wang")
    area = page.get_by_label("回复", exact=True)
    await area.fill("明天到")
    await page.keyboard.press("Enter")
    said = page.locator(".said.from-agent").last
    await expect(said).to_contain_text("未读")
    await desk.frame(t="read", conversation="c-wang", seq=len(talk.events))
    await expect(said).to_contain_text("已读")
    await expect(said).not_to_contain_text("未读")
    await desk.say(talk, "好的")
    await expect(page.get_by_role("log")).to_contain_text("好的")
    async with asyncio.timeout(60):
        while [m["seq"] for m in desk.marks if m["t"] == "read"][-1:] != [len(talk.events)]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    await desk.frame(t="typing", conversation="c-wang", **{"from": {"role": "customer", "id": "c"}})
    await expect(page.get_by_text("客户正在输入…")).to_be_visible()
    await desk.frame(
        t="typing", conversation="c-wang", **{"from": {"role": "agent", "id": "a-wang", "name": "小王"}}
    )
    await expect(page.get_by_text("小王 正在写备注…")).to_be_visible()
    await page.get_by_role("button", name="备注").click()
    await page.get_by_label("备注", exact=True).press_sequentially("老客户")
    typing = [mark for mark in desk.marks if mark["t"] == "typing"]
    assert [mark.get("note", False) for mark in typing] == [False, True]

    # Somebody else's conversation may be read without its customer knowing.
    await page.get_by_role("tab", name="全部").click()
    await page.locator(".row", has_text="马一鸣").click()
    await page.get_by_role("heading", name="马一鸣").wait_for()
    assert {mark["conversation"] for mark in desk.marks if mark["t"] == "read"} == {"c-wang"}

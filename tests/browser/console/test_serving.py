import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from playwright.async_api import Page, expect

from .fake_desk import FakeDesk
from .scenes import busy_afternoon, waiting_talk

pytestmark = pytest.mark.asyncio(loop_scope="session")

Visit = Callable[..., Awaitable[Page]]


async def open_talk(page: Page, name: str = "林小雨") -> None:
    await page.locator(".row", has_text=name).click()
    await page.get_by_role("log").wait_for()


async def claim(page: Page) -> None:
    await page.get_by_role("button", name="接入", exact=True).click()
    await page.get_by_role("button", name="结束会话").wait_for()


async def test_agent_takes_a_customer_from_the_line_answers_and_closes(visit: Visit, desk: FakeDesk) -> None:
    page = await visit()
    talk = waiting_talk(desk)
    await desk.tell(talk, talk.events[-1])
    await open_talk(page)
    await expect(page.get_by_role("region", name="资料")).to_contain_text("物流延误")
    await expect(page.get_by_role("region", name="资料")).to_contain_text("3分钟前的数据")

    await claim(page)
    await page.get_by_label("回复", exact=True).fill("您好，我马上帮您催")
    await page.keyboard.press("Enter")
    await expect(page.locator(".said.from-agent")).to_have_count(1)
    await desk.say(talk, "谢谢")
    await expect(page.get_by_role("log")).to_contain_text("谢谢")
    await page.get_by_role("button", name="结束会话").click()
    await page.get_by_role("dialog").get_by_role("button", name="结束会话").click()

    await expect(page.get_by_text("会话已结束，客户再来消息时由机器人先接待。")).to_be_visible()
    assert talk.stage == "closed"
    assert [e["body"]["text"] for e in talk.events if e["from"]["role"] == "agent"] == ["您好，我马上帮您催"]


async def test_agent_who_claims_too_late_is_told_who_was_faster(visit: Visit, desk: FakeDesk) -> None:
    talk = waiting_talk(desk)
    late, early = await visit("xiaoli"), await visit("xiaowang")
    await open_talk(late)
    await open_talk(early)
    seat = next(seat for seat in desk.seats if seat.agent["name"] == "xiaoli")
    desk.seats.discard(seat)  # the news is still under way when he presses

    await claim(early)
    await late.get_by_role("button", name="接入", exact=True).click()

    await expect(late.get_by_text("慢了一步：小王 已经接了这个会话。")).to_be_visible()
    await expect(late.get_by_role("button", name="接入", exact=True)).to_have_count(0)
    assert talk.owner == "a-wang"


async def test_agent_puts_a_customer_back_and_the_next_one_can_claim(visit: Visit, desk: FakeDesk) -> None:
    talk = waiting_talk(desk)
    page = await visit()
    await open_talk(page)
    await claim(page)

    await page.get_by_role("button", name="放回排队").click()

    await expect(page.get_by_role("button", name="接入", exact=True)).to_be_visible()
    await expect(page.get_by_text("会话放回队首")).to_be_visible()
    assert talk.stage == "waiting"


async def test_drafts_and_order_survive_a_network_that_drops_again_and_again(
    visit: Visit, desk: FakeDesk
) -> None:
    talk = waiting_talk(desk)
    page = await visit()
    await open_talk(page)
    await claim(page)
    box = page.get_by_label("回复", exact=True)
    for n in range(12):
        if n % 3 == 2:
            desk.cut_lines()
        if n % 4 == 1:
            desk.lose_next_answer = True
        await desk.say(talk, f"客户第{n}句")
        await box.fill(f"客服第{n}句")
        await page.keyboard.press("Enter")
    await box.fill("还没写完的话")

    await expect(page.locator(".said.from-agent")).to_have_count(12, timeout=60_000)
    await expect(page.locator(".said", has_text="客户第11句")).to_be_visible()
    await page.wait_for_function("document.querySelectorAll('.outgoing').length === 0")
    seqs = [int(await said.get_attribute("data-seq") or 0) for said in await page.locator("[data-seq]").all()]
    assert all(a < b for a, b in pairwise(seqs))
    replies = [e["body"]["text"] for e in talk.events if e["kind"] == "said" and e["from"]["role"] == "agent"]
    assert replies == [f"客服第{n}句" for n in range(12)]
    assert desk.sockets_opened > 1
    await page.reload()
    await expect(page.get_by_label("回复", exact=True)).to_have_value("还没写完的话")
    await expect(page.locator(".said.from-agent")).to_have_count(12)


async def test_reply_to_a_conversation_that_was_lost_says_so_and_keeps_the_words(
    visit: Visit, desk: FakeDesk
) -> None:
    talk = waiting_talk(desk)
    page = await visit()
    await open_talk(page)
    await claim(page)
    desk.seats.clear()
    talk.owner, talk.owner_name, talk.epoch = "a-wang", "小王", talk.epoch + 1

    await page.get_by_label("回复", exact=True).fill("我查到了")
    await page.keyboard.press("Enter")

    await expect(page.get_by_text("没有发出：会话已经不归您接待")).to_be_visible()
    await expect(page.get_by_text("小王 正在接待，您可以查看和写备注。")).to_be_visible()
    await page.get_by_role("button", name="放回输入框").click()
    await expect(page.locator(".outgoing")).to_have_count(0)


async def test_enter_that_ends_an_input_method_does_not_send(visit: Visit, desk: FakeDesk) -> None:
    talk = waiting_talk(desk)
    page = await visit()
    await open_talk(page)
    await claim(page)
    box = page.get_by_label("回复", exact=True)
    await box.focus()
    cdp = await page.context.new_cdp_session(page)

    await cdp.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
    await cdp.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229},
    )
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await cdp.send("Input.insertText", {"text": "你好"})
    await asyncio.sleep(0.3)

    await expect(box).to_have_value("你好")
    assert not [e for e in talk.events if e["from"]["role"] == "agent"]
    await page.keyboard.press("Enter")
    await expect(page.locator(".said.from-agent")).to_contain_text("你好")


async def test_shift_enter_breaks_the_line_and_a_note_never_goes_out_as_a_reply(
    visit: Visit, desk: FakeDesk
) -> None:
    talk = waiting_talk(desk)
    page = await visit()
    await open_talk(page)
    await page.keyboard.press("c")
    await page.get_by_role("button", name="结束会话").wait_for()
    await page.get_by_label("回复", exact=True).press("Escape")
    await page.keyboard.press("n")
    box = page.get_by_label("备注", exact=True)
    await expect(box).to_be_focused()
    await box.press_sequentially("老客户")
    await page.keyboard.press("Shift+Enter")
    await box.press_sequentially("语气温和些")
    await page.keyboard.press("Enter")

    await expect(page.locator(".noted")).to_contain_text("语气温和些")
    assert talk.events[-1]["kind"] == "noted"
    assert talk.events[-1]["body"]["text"] == "老客户\n语气温和些"


async def test_canned_reply_is_found_by_pinyin_and_only_inserted(visit: Visit, desk: FakeDesk) -> None:
    talk = waiting_talk(desk)
    page = await visit()
    await open_talk(page)
    await claim(page)
    box = page.get_by_label("回复", exact=True)

    await box.press_sequentially("/ckd")
    await expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Enter")

    assert "加急核实" in await box.input_value()
    assert not [e for e in talk.events if e["from"]["role"] == "agent"]


async def test_keys_walk_the_list_and_rest_while_the_agent_types(visit: Visit, desk: FakeDesk) -> None:
    busy_afternoon(desk)
    page = await visit()
    rows = page.locator(".row")
    await expect(rows).to_have_count(4)

    await page.keyboard.press("j")
    await expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    await page.keyboard.press("j")
    await expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    await page.keyboard.press("k")
    await expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    await page.get_by_label("搜索客户或内容").press_sequentially("jkc?")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert not [talk for talk in desk.talks.values() if talk.epoch > 2]
    await page.get_by_label("搜索客户或内容").fill("")
    await page.get_by_role("tab", name="排队").focus()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("上一个会话")


async def test_title_counts_who_waits(visit: Visit, desk: FakeDesk) -> None:
    page = await visit()
    await expect(page).to_have_title("店小二 · 客服工作台")

    talk = waiting_talk(desk)
    await desk.tell(talk, talk.events[-1])

    await expect(page).to_have_title("(1) 店小二 · 客服工作台")


async def test_two_hundred_conversations_are_listed_while_few_rows_are_drawn(
    visit: Visit, desk: FakeDesk
) -> None:
    for n in range(200):
        waiting_talk(desk, f"c-{n}", f"客户{n:03}")
    page = await visit()

    await expect(page.get_by_role("tab", name="排队")).to_contain_text("200")
    assert await page.locator(".row").count() < 40
    last = page.locator(".row", has_text="客户199")
    while not await last.count():
        await page.locator(".rows").evaluate("box => box.scrollTo(0, box.scrollHeight)")
        await asyncio.sleep(0.1)
    await expect(last).to_be_visible()


async def test_older_history_comes_when_the_agent_scrolls_up_and_the_page_does_not_jump(
    visit: Visit, desk: FakeDesk
) -> None:
    talk = waiting_talk(desk)
    for n in range(400):
        talk.add("said", {"type": "text", "text": f"第{n}条"}, "customer", ("u-1001", "林小雨"))
    page = await visit()
    await open_talk(page)
    await expect(page.locator(".said", has_text="第399条")).to_be_visible()

    log, drawn = page.get_by_role("log"), page.locator("[data-key]")
    await log.evaluate("box => box.scrollTo(0, 300)")
    sight = "box => [...box.querySelectorAll('.said')].map(e => [e.dataset.seq, Math.round(e.getBoundingClientRect().top)]).find(([, y]) => y > 200)"
    await asyncio.sleep(0.3)
    seq, place = await log.evaluate(sight)
    await log.evaluate("box => box.scrollBy(0, -40)")
    await asyncio.sleep(0.3)
    moved = f"box => Math.round(box.querySelector('[data-seq=\"{seq}\"]').getBoundingClientRect().top)"
    assert abs(await log.evaluate(moved) - (place + 40)) <= 2, (
        "what is read moves only as far as it was scrolled"
    )

    most = 0
    while not await page.get_by_text("会话从这里开始").count():
        await log.evaluate("box => box.scrollTo(0, 0)")
        await asyncio.sleep(0.12)
        most = max(most, await drawn.count())
    assert await page.locator("[data-seq]").first.get_attribute("data-seq") == "1"
    assert most <= 170, "however long it is, few rows are drawn"

    await desk.say(talk, "最新的一句")
    await page.get_by_role("button", name="1 条新消息").click()
    await expect(page.locator(".said", has_text="最新的一句")).to_be_in_viewport()
    await page.mouse.move(640, 400)
    await page.mouse.wheel(0, -300)
    await expect(page.get_by_role("button", name="回到最新")).to_have_count(0)


async def test_events_that_leave_out_what_is_at_its_default_are_drawn_like_any_other(
    visit: Visit, desk: FakeDesk
) -> None:
    talk = waiting_talk(desk)
    talk.add("met", {"channel": "web", "site": "demo", "customer": {}})
    asked = talk.add("said", {"type": "text", "text": "有红色吗"}, "customer")
    talk.add("understood", {"of": asked["seq"], "intent": "product_stock", "confidence": 0.7}, "bot")
    talk.add("acted", {"of": asked["seq"], "action": "action_stock"}, "bot")
    talk.add(
        "said",
        {"type": "card", "card": {"kind": "order", "title": "订单", "status": {"text": "待付款"}}},
        "bot",
    )
    talk.add("transferred", {"from": "a", "to": "b", "name": "小王"})
    talk.add("rated", {"stars": 4})
    talk.add("said", {"type": "text", "text": "最后一句"}, "customer")
    talk.customer, talk.packet = {}, None
    page = await visit()

    await page.locator(".row", has_text="访客").click()

    await expect(page.get_by_role("log")).to_contain_text("最后一句")
    await expect(page.get_by_role("log")).to_contain_text("查库存 70%")
    await expect(page.get_by_role("log")).to_contain_text("客户评价 4 星")

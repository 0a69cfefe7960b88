"""What a shopper sees of a conversation, and what she can do in it."""

import pytest
from playwright.async_api import BrowserContext, expect

from tests.browser.composing import compose
from tests.browser.widget.conftest import Shopper
from tests.browser.widget.fake_gateway import START, FakeGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AGENT = {"role": "agent", "id": "a1", "name": "李敏"}
XSS = [
    "<script>window.hit=1</script>",
    '<img src=x onerror="window.hit=1">',
    '"><svg/onload=window.hit=1>',
    "javascript:window.hit=1",
    'https://example.com/"onmouseover="window.hit=1',
    "{{constructor.constructor('window.hit=1')()}}",
    "<a href='javascript:window.hit=1'>x</a>",
]
CARD = {
    "kind": "tracking",
    "title": "订单 202611200001",
    "status": {"text": "运输中", "tone": "info"},
    "fields": [{"label": "快递", "value": "顺丰 SF1234567890"}],
    "steps": [
        {"time": f"2026-11-2{n}T10:00:00+08:00", "text": f"第 {n} 步", "done": True} for n in (5, 4, 3, 2, 1)
    ],
    "choices": [{"id": "a", "label": "催一催"}, {"id": "b", "label": "转人工"}],
}


async def test_opening_greets_and_a_suggestion_can_be_pressed(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    await shopper.hears("您好，我是小二")

    await shopper.page.get_by_role("button", name="怎么申请退货").click()

    await shopper.log.get_by_text("已送达").wait_for()
    assert gateway.said() == ["怎么申请退货"]


async def test_nothing_is_fetched_or_focused_before_the_shopper_presses(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    await shopper.visits()
    await shopper.launcher.wait_for()
    await shopper.page.wait_for_timeout(300)

    assert gateway.frames == []
    assert await shopper.page.evaluate("document.activeElement === document.body")
    assert await shopper.launcher.get_attribute("aria-label") == "联系客服"


async def test_escape_gives_the_focus_back_to_the_button(shopper: Shopper) -> None:
    await shopper.opens_chat()
    await expect(shopper.field).to_be_focused()

    await shopper.page.keyboard.press("Escape")

    await expect(shopper.field).to_be_hidden()
    await expect(shopper.launcher).to_be_focused()


async def test_minimised_chat_counts_what_is_unread_in_the_buttons_name(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    await shopper.opens_chat()
    await shopper.page.keyboard.press("Escape")

    await gateway.says("您的包裹到了")
    await gateway.says("请查收")

    await expect(shopper.launcher).to_have_attribute("aria-label", "联系客服，2 条未读消息")
    await shopper.launcher.click()
    await expect(shopper.launcher).to_have_attribute("aria-label", "联系客服")


async def test_half_typed_chinese_is_not_sent_by_enter(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    await shopper.field.focus()
    cdp = await shopper.page.context.new_cdp_session(shopper.page)
    await cdp.send("Input.imeSetComposition", {"text": "tuikuan", "selectionStart": 7, "selectionEnd": 7})
    key = {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
    await cdp.send("Input.dispatchKeyEvent", key)
    event = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, composed: true})"
    await shopper.field.evaluate(f"e => e.dispatchEvent({event})")
    await shopper.page.wait_for_timeout(400)
    assert gateway.said() == []
    assert gateway.asked == [], "half-typed words ask for no suggestions"

    await cdp.send("Input.insertText", {"text": "退款"})
    await shopper.page.keyboard.press("Enter")

    await shopper.log.get_by_text("已送达").wait_for()
    assert gateway.said() == ["退款"]


async def test_suggestions_wait_for_a_pause_and_can_be_pressed(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    gateway.questions = ["退款多久到账？", "退款到哪里了？"]
    await shopper.opens_chat()

    await shopper.field.press_sequentially("退款多久", delay=20)
    await shopper.page.get_by_role("button", name="退款到哪里了？").click()

    await shopper.log.get_by_text("已送达").wait_for()
    assert gateway.asked == ["退款多久"]
    assert gateway.said() == ["退款到哪里了？"]


async def test_more_than_the_limit_is_refused_with_a_counter_and_kept(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    await shopper.opens_chat()

    await shopper.says("长" * 4200)

    await shopper.page.get_by_text("超出 2200 字").wait_for()
    await shopper.page.get_by_text("4200 / 2000").wait_for()
    assert await shopper.page.get_by_role("button", name="发送", exact=True).is_disabled()
    assert len(await shopper.field.input_value()) == 4200
    assert gateway.said() == []


@pytest.mark.parametrize("sender", [{"role": "bot", "id": "", "name": "小二"}, AGENT])
async def test_markup_is_shown_as_the_text_it_is(
    shopper: Shopper, gateway: FakeGateway, sender: dict[str, str]
) -> None:
    await shopper.opens_chat()
    for text in XSS:
        await gateway.says(text, sender)
        await gateway.happens(
            "said", {"type": "choices", "text": text, "choices": [{"id": "1", "label": text}]}
        )
    spoilt = {
        "kind": text,
        "title": text,
        "image": "javascript:window.hit=1",
        "fields": [{"label": text, "value": text}],
    }
    await gateway.happens("said", {"type": "card", "card": spoilt})
    await gateway.happens("claimed", {"agent": "a", "name": XSS[0]})
    for text in XSS:
        await shopper.says(text)
    await shopper.has_nothing_in_flight()

    assert await shopper.page.evaluate("window.hit") is None
    assert await shopper.bubbles() == XSS
    shown = await shopper.page.locator(".row:not(.customer) .bubble").all_inner_texts()
    assert [text for text in shown if text in XSS] == [text for text in XSS for _ in range(2)]
    links = await shopper.log.locator("a").evaluate_all("all => all.map(a => a.protocol)")
    assert set(links) == {"https:"}
    assert await shopper.log.locator("script, img").count() == 0


async def test_choice_is_pressed_once(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    offered = {
        "type": "choices",
        "text": "您想问的是？",
        "choices": [{"id": "1", "label": "查物流"}, {"id": "2", "label": "转人工客服"}],
    }
    event = await gateway.happens("said", offered)

    await shopper.log.get_by_role("button", name="查物流").click()

    await expect(shopper.log.get_by_role("button", name="转人工客服")).to_be_disabled()
    await shopper.has_nothing_in_flight()
    assert gateway.room().events[-1]["body"] == {
        "type": "choice",
        "of": event["seq"],
        "choice": "1",
        "label": "查物流",
    }


async def test_card_shows_newest_steps_and_unfolds(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    await gateway.happens("said", {"type": "card", "text": "查到了", "card": CARD})

    card = shopper.page.get_by_label("订单 202611200001")
    await card.get_by_text("运输中").wait_for()
    assert await card.locator("li .name").all_inner_texts() == ["第 5 步", "第 4 步", "第 3 步"]
    await card.get_by_role("button", name="展开全部 5 条").click()
    assert await card.locator("li").count() == 5
    await card.get_by_role("button", name="催一催").click()
    await shopper.has_nothing_in_flight()
    assert gateway.said() == ["催一催"]
    await expect(card.get_by_role("button", name="转人工")).to_be_enabled()

    # Of what is still to come, the next thing is enough.
    steps = [{**step, "done": at >= 3} for at, step in enumerate(CARD["steps"])]
    await gateway.happens("said", {"type": "card", "card": {**CARD, "title": "退货进度", "steps": steps}})
    names = shopper.page.get_by_label("退货进度").locator("li .name")
    await expect(names).to_have_text(["第 3 步", "第 2 步", "第 1 步"])
    await expect(shopper.page.get_by_label("退货进度").locator("li.now")).to_contain_text("第 2 步")


async def test_order_is_picked_from_the_list(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    orders = [
        {
            "id": str(n),
            "label": f"订单{n}",
            "order": {"number": f"20261120{n:04}", "title": f"商品 {n}", "image": "", "amount_fen": 1290},
        }
        for n in range(6)
    ]
    await gateway.happens("said", {"type": "choices", "text": "您要查哪个订单？", "choices": orders})

    await shopper.page.get_by_text("¥12.90").first.wait_for()
    await shopper.page.get_by_role("button", name="查看全部 6 个订单").click()
    await shopper.page.get_by_role("button", name="商品 5").click()

    await shopper.has_nothing_in_flight()
    assert gateway.said() == ["订单5"]


async def test_shopper_asks_for_a_human_waits_leaves_and_waits_again(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    await shopper.opens_chat()
    human = shopper.page.locator(".head .human")

    await human.click()
    await shopper.page.get_by_text("前面还有 2 位，约 3–5 分钟").wait_for()
    await shopper.hears("已为您转人工")
    await expect(human).to_be_disabled()
    await gateway.becomes(stage="waiting", position=1)
    await shopper.page.get_by_text("您是下一位").wait_for()
    await gateway.becomes(stage="waiting", opens=START)
    await expect(shopper.page.locator(".head p")).to_have_text("客服休息中")
    await expect(shopper.page.locator(".status")).to_contain_text("后回复您，请直接留言")
    await shopper.page.get_by_role("button", name="取消排队").click()

    await shopper.hears("已取消排队")
    await expect(human).to_be_enabled()
    assert [f["kind"] for f in gateway.frames if f["t"] == "send"] == ["human", "cancel"]


async def test_rating_is_offered_after_closing_and_survives_a_reload(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    await shopper.opens_chat()
    await gateway.happens("claimed", {"agent": "a1", "name": "李敏"})
    await gateway.becomes(stage="human", agent="李敏")
    await gateway.says("您好，我来帮您", AGENT)
    await shopper.page.get_by_text("客服 李敏 为您服务").wait_for()
    await gateway.happens("closed", {"by": "a1"})
    await gateway.becomes(stage="closed", rate=True)
    await shopper.page.get_by_text("这次服务您满意吗？").wait_for()

    await shopper.opens_chat()
    await shopper.page.get_by_role("radio", name="4 星").check()
    await shopper.page.get_by_role("button", name="态度亲切").click()
    await shopper.page.get_by_label("还想告诉我们什么").fill("很好")
    await shopper.page.get_by_role("button", name="提交评价").click()

    await shopper.hears("感谢您的评价")
    await expect(shopper.page.get_by_text("这次服务您满意吗？")).to_be_hidden()
    assert gateway.room().events[-1]["body"] == {"stars": 4, "reasons": ["态度亲切"], "comment": "很好"}


async def test_a_new_question_folds_the_rating_away_and_keeps_what_was_chosen(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    await shopper.opens_chat()
    await gateway.happens("closed", {"by": "a1"})
    await gateway.becomes(stage="closed", rate=True)
    asked = shopper.page.get_by_text("这次服务您满意吗？")
    await shopper.page.get_by_role("radio", name="2 星").check()
    await shopper.page.get_by_label("还想告诉我们什么").fill("还没到")

    await shopper.says("那我的快递呢")
    await expect(asked).to_be_hidden()
    await shopper.page.get_by_role("button", name="继续评价（已选 2 星）").click()

    await expect(shopper.page.get_by_role("radio", name="2 星")).to_be_focused()
    comment = shopper.page.get_by_label("还想告诉我们什么")
    await expect(comment).to_have_value("还没到")
    cdp = await shopper.page.context.new_cdp_session(shopper.page)
    await compose(cdp, comment, "nihao", "Enter")
    await compose(cdp, comment, "nihao", "Escape")
    await expect(asked).to_be_visible()
    assert not [f for f in gateway.frames if f["t"] == "send" and f["kind"] == "rate"]


async def test_skipped_rating_stays_away_after_a_reload(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    await gateway.happens("closed", {"by": "a1"})
    await gateway.becomes(stage="closed", rate=True)

    await shopper.page.get_by_role("button", name="跳过").click()
    await shopper.opens_chat()

    await shopper.hears("本次人工服务已结束")
    await expect(shopper.page.get_by_text("这次服务您满意吗？")).to_be_hidden()


async def test_typing_is_shown_and_sent_while_a_person_answers(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    await shopper.opens_chat()
    await gateway.becomes(stage="human", agent="李敏")
    await gateway._tell(gateway.room(), {"t": "typing", "from": {"role": "agent", "name": "李敏"}})
    await shopper.page.get_by_text("正在输入").wait_for(state="attached")

    await shopper.field.press_sequentially("在吗")
    await gateway.says("在的", AGENT)

    await expect(shopper.page.locator(".typing")).to_have_count(0)
    assert {"t": "typing"} in gateway.frames


async def test_reading_above_is_not_disturbed_and_a_pill_counts_what_is_new(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    for n in range(40):
        gateway._number(gateway.room(), "said", {"type": "text", "text": f"第 {n} 句"}, AGENT)
    await shopper.opens_chat()
    await expect(shopper.log.get_by_text("第 39 句")).to_be_in_viewport()
    await shopper.log.evaluate("log => log.scrollTop = 300")
    await shopper.page.wait_for_timeout(100)

    await gateway.says("新的一句", AGENT)

    pill = shopper.page.get_by_role("button", name="1 条新消息")
    await pill.wait_for()
    assert await shopper.log.evaluate("log => log.scrollTop") == 300
    await pill.click()
    await expect(shopper.log.get_by_text("新的一句")).to_be_in_viewport()
    await expect(pill).to_have_count(0)


async def test_english_shopper_reads_english(shopper: Shopper) -> None:
    await shopper.visits("/?lang=en")
    await shopper.page.get_by_role("button", name="Chat with us").click()

    await shopper.page.get_by_role("button", name="Talk to a person").wait_for()


async def test_full_page_is_the_same_chat(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.visits("/chat?site=demo")
    await shopper.is_connected()
    await shopper.says("你好")

    await shopper.log.get_by_text("已送达").wait_for()
    assert await shopper.page.evaluate("violations") == []
    assert gateway.said() == ["你好"]
    assert await shopper.page.title() == "在线客服"


async def test_merchants_style_does_not_reach_into_the_chat(shopper: Shopper) -> None:
    await shopper.opens_chat()

    style = await shopper.page.locator(".head h2").evaluate(
        "e => [getComputedStyle(e).fontSize, getComputedStyle(e).color]"
    )
    box = await shopper.page.locator(".window").bounding_box()
    assert style == ["16px", "rgb(29, 38, 35)"]
    assert box is not None
    assert (box["width"], box["height"]) == (380, 640)


async def test_phone_shows_the_chat_full_screen_with_nothing_over_send(
    context: BrowserContext, gateway: FakeGateway
) -> None:
    page = await context.new_page()
    await page.set_viewport_size({"width": 390, "height": 760})
    shopper = Shopper(page, gateway)
    await shopper.opens_chat()

    box = await page.locator(".window").bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 760)
    await shopper.field.fill("你好")
    await page.get_by_role("button", name="发送", exact=True).click()
    await shopper.log.get_by_text("已送达").wait_for()

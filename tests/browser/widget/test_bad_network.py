"""What a shopper has said is there once and in order, whatever the network and the shop do."""

import asyncio
import base64
import json
import time
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.widget.conftest import Shopper
from tests.browser.widget.fake_gateway import FakeGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def _jwt(sub: str, exp: float | None = None) -> str:
    def part(claims: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256'})}.{part({'sub': sub, 'exp': exp or time.time() + 3600})}.signature"


# By how much longer than the shortest wait she waits for the line is left to chance: here it is little.
_PATIENT_NO_MORE = "{ const chance = Math.random; Math.random = () => chance() / 20; }"


async def test_forty_messages_under_random_cuts_arrive_once_and_in_order(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    gateway.cuts = 0.15
    gateway.hidden = 1
    await shopper.page.add_init_script(_PATIENT_NO_MORE)
    await shopper.opens_chat()
    spoken = [f"第 {n} 句" for n in range(40)]

    for at, text in enumerate(spoken):
        await shopper.says(text)
        if at % 9 == 8:
            await gateway.cut_all()
        await asyncio.sleep(0.02)
    await shopper.has_nothing_in_flight()

    assert gateway.said() == spoken
    await expect(shopper.page.locator(".row.customer .bubble")).to_have_text(spoken)
    assert sum(f["t"] == "hello" for f in gateway.frames) > 4, "the line was hardly cut"


async def test_reload_goes_on_where_the_conversation_was(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    await shopper.says("我的快递到哪了")
    await gateway.says("还在路上")
    await shopper.hears("还在路上")
    await shopper.page.wait_for_timeout(300)
    hellos = len([f for f in gateway.frames if f["t"] == "hello"])

    await shopper.opens_chat()

    await shopper.hears("我的快递到哪了")
    await shopper.hears("还在路上")
    hello = [f for f in gateway.frames if f["t"] == "hello"][hellos]
    assert hello["tok"] == "tok-C1"
    assert hello["after"] == 2, "only what is new is asked for"


async def test_returning_shopper_hears_of_news_without_opening(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    await shopper.opens_chat()
    await gateway.says("您好")
    await shopper.hears("您好")
    await shopper.visits("/shop.css")
    await gateway.says("退款到账了")

    await shopper.visits()

    await expect(shopper.launcher).to_have_attribute("aria-label", "联系客服，1 条未读消息")


async def test_words_written_while_offline_survive_the_reload(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    gateway.cuts = 1.0
    await shopper.says("请帮我改地址")
    await shopper.says("改成杭州")
    await shopper.page.wait_for_timeout(200)
    assert gateway.said() == []

    await shopper.page.reload()
    gateway.cuts = 0.0
    await shopper.launcher.click()

    await shopper.has_nothing_in_flight()
    assert gateway.said() == ["请帮我改地址", "改成杭州"]


async def test_refused_message_can_be_sent_again_or_deleted(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    no = {"code": "too_long", "message": "消息太长", "retry": False}
    gateway.refusals = [no, no]

    await shopper.says("第一句")
    await shopper.says("第二句")
    await expect(shopper.log.get_by_text("没有发出：消息太长")).to_have_count(2)
    await shopper.page.get_by_role("button", name="重新发送").first.click()
    await shopper.page.get_by_role("button", name="删除").first.click()

    await shopper.has_nothing_in_flight()
    assert gateway.said() == ["第一句"]


async def test_message_put_off_is_not_overtaken(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    gateway.refusals = [{"code": "too_fast", "message": "", "retry": True, "after_s": 0.3}]

    await shopper.says("第一句")
    await shopper.says("第二句")

    await shopper.has_nothing_in_flight()
    assert gateway.said() == ["第一句", "第二句"]


async def test_forged_identity_goes_on_anonymously_and_says_so(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    gateway.identity = _jwt("U1")
    gateway.forged = {gateway.identity}

    await shopper.opens_chat("/?signed")

    await shopper.page.get_by_text("没能确认您的登录").wait_for()
    hellos = [f for f in gateway.frames if f["t"] == "hello"]
    assert ["identity" in f for f in hellos] == [True, True, False]
    await shopper.says("你好")
    await shopper.has_nothing_in_flight()
    assert gateway.said() == ["你好"]


async def test_shop_that_cannot_say_who_it_is_still_has_a_chat(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    gateway.identity = 500

    await shopper.opens_chat("/?signed")

    await shopper.page.get_by_text("没能确认您的登录").wait_for()
    await shopper.page.get_by_role("button", name="知道了").click()
    await expect(shopper.page.get_by_text("没能确认您的登录")).to_have_count(0)


async def test_next_shopper_at_the_same_computer_sees_nothing_of_the_last_one(
    shopper: Shopper, gateway: FakeGateway
) -> None:
    gateway.identity = _jwt("U1")
    await shopper.opens_chat("/?signed")
    await shopper.says("我是一号")
    await shopper.has_nothing_in_flight()

    gateway.identity = _jwt("U2")
    await shopper.opens_chat("/?signed")
    assert await shopper.bubbles() == []
    gateway.identity = None
    await shopper.opens_chat("/?signed")
    assert await shopper.bubbles() == []

    kept = await shopper.page.evaluate(
        "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])"
    )
    assert "U1" not in kept
    assert "我是一号" not in kept
    assert [f.get("tok") for f in gateway.frames if f["t"] == "hello"] == [None, None, None]


async def test_another_conversation_drops_what_was_held(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    await shopper.says("旧的")
    await shopper.has_nothing_in_flight()
    await shopper.page.wait_for_timeout(300)
    key = "xiaoer:demo::kept"
    await shopper.page.evaluate(
        "key => localStorage.setItem(key, JSON.stringify({...JSON.parse(localStorage.getItem(key)), tok: 'tok-C2'}))",
        key,
    )
    gateway._number(
        gateway.room("C2"), "said", {"type": "text", "text": "新的"}, {"role": "bot", "id": "", "name": ""}
    )

    await shopper.opens_chat()

    await shopper.hears("新的")
    assert await shopper.bubbles() == []


async def test_long_conversation_is_paged(shopper: Shopper, gateway: FakeGateway) -> None:
    gateway.replay = 20
    for n in range(130):
        gateway._number(
            gateway.room(),
            "said",
            {"type": "text", "text": f"第 {n} 句"},
            {"role": "bot", "id": "", "name": ""},
        )
    await shopper.opens_chat()
    await shopper.hears("第 129 句")
    await expect(shopper.log.get_by_text("第 129 句")).to_be_in_viewport()

    # A click would first scroll up to the button, and scrolling up alone asks for what is older: one by one.
    bubbles = shopper.log.locator(".bubble")
    count = await bubbles.count()
    await shopper.page.get_by_role("button", name="查看更早的消息").dispatch_event("click")
    await expect(bubbles).not_to_have_count(count)
    count = await bubbles.count()
    await shopper.log.evaluate("box => box.scrollTo(0, 0)")
    await expect(bubbles).not_to_have_count(count)

    texts = await shopper.log.locator(".bubble").all_inner_texts()
    assert texts[1:] == [f"第 {n} 句" for n in range(130)], "once each and in order, after the greeting"


async def test_lost_line_is_said_and_then_forgotten(shopper: Shopper, gateway: FakeGateway) -> None:
    await shopper.opens_chat()
    await shopper.page.route("**/ws/chat", lambda route: route.abort())
    await shopper.page.route_web_socket("**/ws/chat", lambda ws: asyncio.ensure_future(ws.close()))
    await gateway.cut_all()
    await shopper.page.get_by_text("网络不稳定").wait_for()

    await shopper.page.unroute_all()


async def test_chat_that_does_not_load_says_so_and_loads_at_the_next_press(shopper: Shopper) -> None:
    await shopper.page.route("**/assets/chat-*", lambda route: route.abort())
    await shopper.visits()
    await shopper.launcher.click()
    await shopper.page.get_by_text("聊天没有打开，请再点一次").wait_for()

    await shopper.page.unroute_all()
    await shopper.launcher.click()

    await shopper.field.wait_for()

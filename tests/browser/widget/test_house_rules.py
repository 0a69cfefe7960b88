"""Usable by everybody, under a strict policy."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.handing import hands, png
from tests.browser.widget.conftest import LISTEN_FOR_VIOLATIONS, Shopper
from tests.browser.widget.fake_gateway import CUSTOMER, FakeGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Another theme has other colours, and nothing else.
SCHEMES = (
    ("light", "{}"),
    ("dark", "{runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}}"),
)
AGENT = {"role": "agent", "id": "a1", "name": "李敏"}


async def _lively(shopper: Shopper, gateway: FakeGateway) -> None:
    """One of everything that the chat can show."""
    say = gateway.happens
    await shopper.says("我的快递到哪了")
    await shopper.has_nothing_in_flight()
    step = {"time": "2026-11-20T10:00:00+08:00", "text": "已揽收", "done": True}
    await say(
        "said", {"type": "choices", "text": "您想问的是？", "choices": [{"id": "1", "label": "查物流"}]}
    )
    card = {
        "kind": "tracking",
        "title": "订单 202611200001",
        "status": {"text": "运输中", "tone": "info"},
        "fields": [{"label": "快递", "value": "顺丰 SF1234567890"}],
        "steps": [step, {**step, "text": "已下单"}, {**step, "text": "a"}, {**step, "text": "b"}],
        "items": [{"name": "保温杯", "spec": "白色 500ml", "quantity": 2, "amount_fen": 5900}],
        "amount_fen": 11800,
        "as_of": "2026-11-22T10:00:00+08:00",
        "choices": [{"id": "x", "label": "申请退款"}],
    }
    await say("said", {"type": "card", "text": "查到了", "card": card})
    for tone in ("good", "warn", "bad"):
        await say(
            "said",
            {
                "type": "card",
                "card": {"kind": "refund", "title": "退款", "status": {"text": "处理中", "tone": tone}},
            },
        )
    order = {
        "number": "202611200002",
        "title": "雨伞",
        "amount_fen": 3900,
        "status": {"text": "已签收", "tone": "good"},
    }
    await say(
        "said",
        {"type": "choices", "text": "哪一单？", "choices": [{"id": "1", "label": "雨伞", "order": order}]},
    )
    await say("handed_off", {})
    photo, bill = (png(60, 40), "image/png"), (b"%PDF-1.7", "application/pdf")
    gateway.kept += [photo, bill]
    await say("said", {"type": "image", "url": "/media/0", "text": "是这样吗"}, CUSTOMER)
    await say("said", {"type": "file", "url": "/media/1", "name": "发票.pdf", "size": 8}, AGENT)
    await say("said", {"type": "recalled"}, AGENT)
    await hands(shopper.field, png(60, 40), "裂缝.png", "image/png")
    await hands(shopper.field, b"<svg>", "坏.png", "image/png")
    await shopper.page.get_by_role("button", name="发送 1 个").wait_for()
    await shopper.page.locator(".held [role=alert]").wait_for()
    await say("claimed", {"agent": "a1", "name": "李敏"})
    await say("said", {"type": "text", "text": "见 https://example.com/a"}, AGENT)
    gateway.refusals = [{"code": "too_long", "message": "太长", "retry": False}]
    await shopper.says("这一句没有发出")
    await shopper.page.get_by_text("没有发出：太长").wait_for()
    await say("rated", {"stars": 4, "reasons": [], "comment": ""})
    await say("closed", {"by": "a1"})


@pytest.mark.parametrize("path", ["/", "/chat?site=demo"])
async def test_everything_is_accessible_and_allowed(
    browser: Browser, gateway: FakeGateway, widget: Path, path: str
) -> None:
    context = await browser.new_context(locale="zh-CN", color_scheme="light", reduced_motion="reduce")
    await context.add_init_script(LISTEN_FOR_VIOLATIONS)
    shopper = Shopper(await context.new_page(), gateway)
    try:
        if path == "/":
            await shopper.opens_chat()
        else:
            await shopper.visits(path)
            await shopper.is_connected()
        await _lively(shopper, gateway)
        await shopper.page.evaluate((widget / "node_modules" / "axe-core" / "axe.min.js").read_text() + "; 0")
        scope = "{include: [['xiaoer-chat']]}" if path == "/" else "document"
        found = []
        states = (
            {"stage": "waiting", "position": 3, "eta_s": [60, 120]},
            {"stage": "human", "agent": "李敏"},
            {"stage": "closed", "rate": True},
        )
        for status in states:
            await gateway.becomes(**status)
            await shopper.page.wait_for_timeout(100)
            if "rate" in status:
                await shopper.page.get_by_role("radio", name="2 星").check()
            for scheme, rules in SCHEMES:
                await shopper.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                result = await shopper.page.evaluate(f"axe.run({scope}, {rules})")
                assert result["passes"], "axe saw nothing"
                found += [(v["id"], scheme, [n["html"] for n in v["nodes"]]) for v in result["violations"]]
            await shopper.page.emulate_media(color_scheme="light")
        assert found == []
        assert await shopper.page.evaluate("violations") == []
    finally:
        await context.close()

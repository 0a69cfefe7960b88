"""Returns and exchanges: what is allowed, why not, applying and withdrawing."""

from typing import Any

from actions.platforms.base import Unsupported
from actions.platforms.capabilities import EVERYTHING, Capability
from actions.returns import ENDED


async def test_a_return_asks_why_then_confirms_then_applies_once(
    shopper: Any, demo: Any, platform: Any
) -> None:
    number = await demo.order_of(platform, demo.LIN, "缓震跑步鞋")
    lin = shopper(demo.LIN)

    why = await lin.asks("return_request", "我要退货", order_number=number)
    evidence = await lin.presses(why.choice("质量问题"))
    asked = await lin.fills_in(evidence="鞋底开胶 https://img.example.com/1.jpg")
    before = await platform.returns(demo.LIN, number)
    done = await lin.presses(asked.confirmation())
    again = await lin.presses(asked.confirmation())

    assert evidence.form == "evidence_form"
    assert "运费由商家承担" in asked.text
    assert before == ()
    [applied] = await platform.returns(demo.LIN, number)
    assert (applied.kind, applied.freight) == ("return", "seller")
    assert done.responses == again.responses
    assert done.cards[0]["kind"] == "return"


async def test_what_cannot_go_back_is_explained(shopper: Any, demo: Any, platform: Any) -> None:
    number = await demo.order_of(platform, demo.CHEN, "商务皮带")

    answer = await shopper(demo.CHEN).asks("return_request", order_number=number)

    assert number in answer.text
    assert answer.choice("取消订单")


async def test_a_fault_is_apologised_for_before_anything_is_asked(shopper: Any, demo: Any) -> None:
    answer = await shopper(demo.LIN).asks("quality_complaint", "用了两天就坏了")

    assert answer.text.startswith("非常抱歉")


async def test_a_return_under_way_is_shown_and_withdrawn_after_a_confirmation(
    shopper: Any, demo: Any, platform: Any
) -> None:
    wang = shopper(demo.WANG)

    shown = await wang.asks("return_how", "换货到哪一步了")
    asked = await wang.presses(shown.choice("撤销"))
    await wang.presses(asked.confirmation())

    [ended] = [each for each in await platform.returns(demo.WANG) if each.kind == "exchange"]
    assert shown.cards[0]["kind"] == "return"
    assert shown.cards[0]["steps"]
    assert ended.state == "withdrawn"


async def test_where_the_shop_takes_no_pictures_afterwards_an_agent_gets_them(
    demo: Any, platform: Any
) -> None:
    platform.capabilities = EVERYTHING - {Capability.ADD_PHOTOS}
    wang = demo.Shopper(demo.executor_for(platform), demo.WANG)

    told = await wang.asks("return_how", "换货的照片忘了发")
    given = await wang.asks("add_photos", "补充照片 https://img.example.com/late.jpg")

    assert "不能在线补充照片" in told.text
    assert told.handed_off == ""
    assert "人工同事" in given.text
    assert given.handed_off == "action_failed"
    assert given.changed == []


async def test_a_shop_that_refuses_pictures_only_when_they_come_leaves_them_to_an_agent(
    demo: Any, platform: Any, monkeypatch: Any
) -> None:
    async def unsupported(*_: Any) -> Any:
        raise Unsupported(Capability.ADD_PHOTOS)

    monkeypatch.setattr(platform, "add_photos", unsupported)
    lin = demo.Shopper(demo.executor_for(platform), demo.LIN)
    sent = next(each for each in await platform.returns(demo.LIN) if each.state not in ENDED)
    asked = await lin.asks("add_photos", "", application=sent.id, photos="/media/late.jpg")
    given = await lin.presses(asked.confirmation())

    assert given.handed_off == "action_failed"
    assert [line["outcome"] for line in given.changed] == ["refused"]

"""Parcels: tracked, urged, and looked into when something is wrong."""

from typing import Any


async def test_tracking_shows_every_parcel_with_its_way_newest_first(
    shopper: Any, demo: Any, platform: Any
) -> None:
    number = await demo.order_of(platform, demo.LIN, "全棉四件套")

    answer = await shopper(demo.LIN).asks("logistics_track", order_number=number)

    times = [step["time"] for step in answer.cards[0]["steps"]]
    assert [card["kind"] for card in answer.cards] == ["tracking", "tracking"]
    assert times == sorted(times, reverse=True)
    assert answer.cards[0]["as_of"].endswith("+08:00")
    assert "1/2" in answer.cards[0]["title"] + answer.cards[1]["title"]


async def test_an_order_that_has_not_left_says_when_it_will(shopper: Any, demo: Any, platform: Any) -> None:
    number = await demo.order_of(platform, demo.CHEN, "商务皮带")

    answer = await shopper(demo.CHEN).asks("logistics_track", order_number=number)

    assert "还没有发货" in answer.text
    assert answer.cards[0]["kind"] == "order"


async def test_a_late_parcel_is_apologised_for_and_looked_into_once(
    shopper: Any, demo: Any, platform: Any
) -> None:
    orders = await platform.orders(demo.WANG)
    stalled = next(order.number for order in orders if "stalled" in order.exceptions)
    before = await platform.cases(demo.WANG, stalled)
    wang = shopper(demo.WANG)

    answer = await wang.asks("logistics_delay", "怎么还不动", order_number=stalled)
    if not before:
        await wang.presses(answer.confirmation())
        await wang.presses(answer.confirmation())
    again = await wang.asks("logistics_delay", order_number=stalled)

    assert answer.text.startswith("非常抱歉")
    assert len(await platform.cases(demo.WANG, stalled)) == 1
    assert "已经在向快递公司核查" in again.text


async def test_signed_but_not_received_is_looked_into(shopper: Any, demo: Any, platform: Any) -> None:
    number = await demo.order_of(platform, demo.LIN, "手冲咖啡豆")
    lin = shopper(demo.LIN)

    asked = await lin.asks("delivery_not_received", "我没收到", order_number=number)
    done = await lin.presses(asked.confirmation())

    [case] = await platform.cases(demo.LIN, number)
    assert case.kind == "not_received"
    assert any(case.id == field["value"] for card in done.cards for field in card.get("fields", []))


async def test_a_parcel_on_its_way_is_left_at_a_pickup_point_after_a_confirmation(
    shopper: Any, demo: Any, platform: Any
) -> None:
    number = await demo.order_of(platform, demo.LIN, "主动降噪蓝牙耳机")
    lin = shopper(demo.LIN)

    ways = await lin.asks("delivery_change", order_number=number)
    asked = await lin.presses(ways.choice("自提点"))
    [before] = await platform.shipments(demo.LIN, number)
    await lin.presses(asked.confirmation())

    [after] = await platform.shipments(demo.LIN, number)
    assert before.delivery_note == ""
    assert after.delivery_note

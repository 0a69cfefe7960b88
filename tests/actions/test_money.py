"""Payments, refunds, invoices, coupons, points and price protection."""

from typing import Any


async def test_a_failed_payment_has_its_reason_and_what_to_do(shopper: Any, demo: Any, platform: Any) -> None:
    number = await demo.order_of(platform, demo.CHEN, "静音无线鼠标")

    answer = await shopper(demo.CHEN).asks("payment_failed", order_number=number)

    fields = {field["label"]: field["value"] for field in answer.cards[0]["fields"]}
    assert answer.cards[0]["kind"] == "payment"
    assert "余额不足" in fields["失败原因"]
    assert fields["建议"]


async def test_money_taken_twice_is_found_and_paid_back_once(shopper: Any, demo: Any, platform: Any) -> None:
    chen = shopper(demo.CHEN)

    asked = await chen.asks("payment_deducted", "扣了两次钱")
    before = len(await platform.refunds(demo.CHEN))
    await chen.presses(asked.confirmation())
    done = await chen.presses(asked.confirmation())

    assert {card["status"]["text"] for card in asked.cards} == {"重复扣款", "扣款无订单"}
    assert len(await platform.refunds(demo.CHEN)) == before + 1
    assert done.cards[0]["kind"] == "refund"


async def test_no_wrong_charge_is_said_honestly(shopper: Any, demo: Any) -> None:
    answer = await shopper(demo.LIN).asks("payment_deducted")

    assert "没有发现重复扣款" in answer.text
    assert not answer.cards


async def test_a_refund_shows_its_way_and_a_failed_one_offers_a_human(shopper: Any, demo: Any) -> None:
    answer = await shopper(demo.ZHAO).asks("refund_progress", "退款呢")

    assert {card["kind"] for card in answer.cards} == {"refund"}
    assert any(field["label"] == "退回" for card in answer.cards for field in card["fields"])
    assert any(card["status"]["tone"] == "bad" for card in answer.cards)
    assert answer.choices[-1]["means"] == {"human": True}


async def test_a_company_invoice_is_asked_for_read_back_and_requested(
    shopper: Any, demo: Any, platform: Any
) -> None:
    number = await demo.order_of(platform, demo.LIN, "手冲咖啡豆")
    lin = shopper(demo.LIN)

    kinds = await lin.asks("invoice", "开发票", order_number=number)
    begun = await lin.presses(kinds.choice("公司"))
    read_back = await lin.fills_in(invoice_title="杭州好茶有限公司", tax_number="91330106MA2B1C3D4E")
    done = await lin.presses(read_back.confirmation())

    invoice = await platform.invoice(demo.LIN, number)
    assert begun.form == "invoice_form"
    assert "杭州好茶有限公司" in read_back.text
    assert (invoice.title, invoice.tax_number) == ("杭州好茶有限公司", "91330106MA2B1C3D4E")
    assert done.cards[0]["kind"] == "invoice"


async def test_an_issued_invoice_can_be_sent_again(shopper: Any, demo: Any, platform: Any) -> None:
    number = await demo.order_of(platform, demo.SUN, "真丝衬衫")
    sun = shopper(demo.SUN)

    shown = await sun.asks("invoice", order_number=number)
    before = await platform.invoice(demo.SUN, number)
    await sun.presses(shown.choice("重新发送"))

    after = await platform.invoice(demo.SUN, number)
    assert before.sent_at is not None
    assert after.sent_at is not None
    assert after.sent_at > before.sent_at


async def test_coupons_and_points_are_the_customers_own(shopper: Any, demo: Any, platform: Any) -> None:
    coupons = await platform.coupons(demo.LIN)
    points = await platform.points(demo.LIN)

    shown = await shopper(demo.LIN).asks("coupon")
    balance = await shopper(demo.LIN).asks("membership_points")

    assert {card["title"] for card in shown.cards} <= {coupon.name for coupon in coupons}
    assert shown.cards
    assert str(points.balance) in balance.cards[0]["status"]["text"]


async def test_a_price_that_fell_is_claimed_and_one_that_did_not_is_explained(
    shopper: Any, demo: Any, platform: Any
) -> None:
    outcomes = set()
    for customer in (demo.LIN, demo.CHEN, demo.WANG, demo.ZHAO, demo.SUN):
        for order in await platform.orders(customer):
            answer = await shopper(customer).asks("price_protection", order_number=order.number)
            items = (await platform.eligibility(customer, order.number)).items
            offered = any("item" in choice["means"].get("entities", {}) for choice in answer.choices)
            outcomes.add(offered)
            assert offered == any(item.price_protection.allowed for item in items)
    assert False in outcomes

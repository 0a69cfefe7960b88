"""Orders: finding them, changing them, and never another customer's."""

from typing import Any

ACTIONS_ABOUT_AN_ORDER = [
    "order_status", "order_cancel", "order_modify", "order_urge_ship", "payment_failed", "invoice",
    "refund_progress", "return_request", "exchange_request", "logistics_track", "logistics_delay",
    "logistics_lost_or_damaged", "delivery_not_received", "delivery_change", "price_protection",
    "quality_complaint", "missing_or_wrong_item",
]  # fmt: skip
MISSING = "209912319999999999"


async def test_customer_picks_among_her_orders_and_sees_the_card(shopper: Any, demo: Any) -> None:
    lin = shopper(demo.LIN)

    asked = await lin.asks("order_status", "我的订单")
    tiles = [choice for choice in asked.choices if "order" in choice]
    shown = await lin.presses(tiles[0])

    assert len(tiles) == 5
    assert {"number", "title", "status", "amount_fen", "created"} <= tiles[0]["order"].keys()
    [card] = shown.cards
    assert (card["kind"], card["order"]) == ("order", tiles[0]["order"]["number"])
    assert card["items"][0]["name"] in tiles[0]["order"]["title"]
    assert lin.slots["order_number"] == card["order"]


async def test_every_choice_has_an_id_of_its_own_and_a_meaning(shopper: Any, demo: Any) -> None:
    asked = await shopper(demo.LIN).asks("order_status")

    ids = [choice["id"] for choice in asked.choices]
    assert len(set(ids)) == len(ids)
    assert all(choice["means"] for choice in asked.choices)


async def test_anothers_order_reads_like_a_missing_one_everywhere(
    shopper: Any, demo: Any, platform: Any
) -> None:
    hers = await demo.order_of(platform, demo.CHEN, "机械键盘")

    for intent in ACTIONS_ABOUT_AN_ORDER:
        missing = await shopper(demo.LIN).asks(intent, order_number=MISSING)
        foreign = await shopper(demo.LIN).asks(intent, order_number=hers)
        nonsense = await shopper(demo.LIN).asks(intent, order_number="../../C100002")

        assert "没有查到这个订单" in foreign.text, intent
        assert foreign.responses == missing.responses == nonsense.responses, intent
        assert "order_number" not in foreign.slots


async def test_anothers_parcel_reads_like_a_missing_one(shopper: Any, demo: Any, platform: Any) -> None:
    number = await demo.order_of(platform, demo.CHEN, "机械键盘")
    [parcel] = await platform.shipments(demo.CHEN, number)

    foreign = await shopper(demo.LIN).asks("logistics_track", tracking_number=parcel.tracking_number)
    missing = await shopper(demo.LIN).asks("logistics_track", tracking_number="SF9999999999999")

    assert foreign.responses == missing.responses
    assert not foreign.cards


async def test_an_anonymous_shopper_gets_no_order_data(shopper: Any, demo: Any, platform: Any) -> None:
    number = await demo.order_of(platform, demo.CHEN, "机械键盘")

    for intent in [*ACTIONS_ABOUT_AN_ORDER, "payment_deducted", "membership_points"]:
        answer = await shopper("").asks(intent, "查一下", order_number=number)

        assert not answer.cards, intent
        assert number not in str(answer.responses), intent
        assert "登录" in answer.text, intent
        assert {"human": True} in [choice["means"] for choice in answer.choices], intent


async def test_a_customer_named_in_the_text_or_in_an_entity_counts_for_nothing(
    shopper: Any, demo: Any
) -> None:
    answer = await shopper("").asks(
        "order_status", f"我是 {demo.LIN}", customer_id=demo.LIN, customer=demo.LIN
    )

    assert "登录" in answer.text
    assert not answer.cards


async def test_a_customer_without_orders_is_told_so(shopper: Any, demo: Any) -> None:
    answer = await shopper(demo.ZHOU).asks("logistics_track")

    assert "还没有订单" in answer.text


async def test_two_equally_likely_orders_are_never_guessed_between(shopper: Any, demo: Any) -> None:
    answer = await shopper(demo.LIN).asks("logistics_track", "到哪了")

    on_their_way = [choice["order"]["title"] for choice in answer.choices if "order" in choice][:2]
    assert not answer.cards
    assert any("耳机" in title for title in on_their_way)
    assert any("四件套" in title for title in on_their_way)


async def test_cancelling_asks_first_and_a_double_press_cancels_once(
    shopper: Any, demo: Any, platform: Any
) -> None:
    number = await demo.order_of(platform, demo.ZHAO, "三人自动帐篷")
    zhao = shopper(demo.ZHAO)

    asked = await zhao.asks("order_cancel", "不要了", order_number=number)
    before = await platform.order(demo.ZHAO, number)
    first = await zhao.presses(asked.confirmation())
    second = await zhao.presses(asked.confirmation())

    refunds = await platform.refunds(demo.ZHAO, number)
    assert before.status == "paid"
    assert (await platform.order(demo.ZHAO, number)).status == "cancelled"
    assert len(refunds) == 1
    assert refunds[0].amount_fen == before.paid_fen
    assert first.responses == second.responses
    assert {card["kind"] for card in first.cards} == {"order", "refund"}


async def test_an_order_on_its_way_is_not_cancelled_and_the_reason_is_given(
    shopper: Any, demo: Any, platform: Any
) -> None:
    number = await demo.order_of(platform, demo.LIN, "主动降噪蓝牙耳机")

    answer = await shopper(demo.LIN).asks("order_cancel", order_number=number)

    assert "不能取消" in answer.text
    assert "拒收" in answer.text
    assert not [each for each in answer.choices if "confirm" in each["means"].get("entities", {})]


async def test_a_typed_yes_is_the_button_and_a_no_changes_nothing(
    shopper: Any, demo: Any, platform: Any
) -> None:
    number = await demo.order_of(platform, demo.CHEN, "商务皮带")
    chen = shopper(demo.CHEN)

    await chen.asks("order_urge_ship", order_number=number)
    no = await chen.asks("deny", "不用了")
    late_yes = await chen.asks("affirm", "好的")
    untouched = (await platform.order(demo.CHEN, number)).urged_at
    await chen.asks("order_urge_ship", order_number=number)
    yes = await chen.asks("affirm", "确认")

    assert "没有做任何改动" in no.text
    assert not late_yes.cards
    assert untouched is None
    assert (await platform.order(demo.CHEN, number)).urged_at is not None
    assert yes.cards[0]["order"] == number
    assert chen.slots["pending"] is None


async def test_a_new_phone_is_asked_for_read_back_and_changed(shopper: Any, demo: Any, platform: Any) -> None:
    number = await demo.order_of(platform, demo.CHEN, "商务皮带")
    chen = shopper(demo.CHEN)

    begun = await chen.asks("order_modify", "改一下电话", order_number=number)
    read_back = await chen.fills_in(change_value="13912345678")
    done = await chen.presses(read_back.confirmation())

    assert begun.form == "order_change_form"
    assert "13912345678" in read_back.text
    assert (await platform.order(demo.CHEN, number)).recipient.phone.endswith("5678")
    assert done.cards[0]["order"] == number
    assert "13912345678" not in str(done.changed)


async def test_a_bare_order_number_goes_on_with_what_was_asked(
    shopper: Any, demo: Any, platform: Any
) -> None:
    number = await demo.order_of(platform, demo.LIN, "主动降噪蓝牙耳机")
    lin = shopper(demo.LIN)

    await lin.asks("logistics_track", "到哪了")
    answer = await lin.asks("provide_info", number, order_number=number)

    assert answer.cards[0]["kind"] == "tracking"


async def test_english_shoppers_read_english(shopper: Any, demo: Any, platform: Any) -> None:
    number = await demo.order_of(platform, demo.LIN, "主动降噪蓝牙耳机")

    card = (await shopper(demo.LIN, lang="en").asks("order_status", order_number=number)).cards[0]

    assert card["title"] == f"Order {number}"
    assert card["status"]["text"] == "On its way"


async def test_in_a_group_order_questions_are_referred_to_private_and_in_a_chat_to_binding(
    shopper: Any,
) -> None:
    for channel in ("qq_group", "onebot_group"):
        for intent in ACTIONS_ABOUT_AN_ORDER:
            told = await shopper("", channel=channel).asks(intent)
            assert "私聊" in told.text, intent
            assert [choice["means"] for choice in told.choices] == [{"human": True}], intent
    private = await shopper("", channel="qq").asks("order_status")
    assert {"bind": True} in [choice["means"] for choice in private.choices]

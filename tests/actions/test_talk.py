"""What is said around questions, when the bot is unsure, and when a person takes over."""

from typing import Any

import pytest

WHERE = "我的包裹"


async def test_an_unsure_bot_shows_three_buttons_with_the_likeliest_readings(demo: Any, shopper: Any) -> None:
    lin = shopper(demo.LIN)
    latest = {
        "text": WHERE,
        "intent": {"name": "nlu_fallback", "confidence": 0.6},
        "intent_ranking": [
            {"name": "nlu_fallback", "confidence": 0.6},
            {"name": "needs_context", "confidence": 0.3},
            {"name": "logistics_delay", "confidence": 0.2},
            {"name": "invoice", "confidence": 0.1},
        ],
        "entities": [{"entity": "order_number", "value": "202611010000000001"}],
        "metadata": {"lang": "zh-CN", "customer": {"id": demo.LIN}},
    }

    answer = await lin.sends("action_ask_reading", latest)

    assert [choice["label"] for choice in answer.choices] == ["物流慢或停滞", "开发票", "转人工客服"]
    assert answer.choices[0]["means"] == {
        "intent": "logistics_delay",
        "entities": {"order_number": "202611010000000001", "said": WHERE},
    }
    assert answer.choices[2]["means"] == {"human": True}


async def test_a_sure_faq_answer_is_among_the_buttons(shopper: Any) -> None:
    answer = await shopper("").asks("nlu_fallback", "怎么付钱呀", "action_ask_reading")

    assert len(answer.choices) == 3
    assert answer.choices[0]["means"] == {"faq": "pay.how"}


@pytest.mark.parametrize(
    ("reason", "given"),
    [("", "asked"), ("asked", "asked"), ("anger", "anger"), ("second_miss", "second_miss"), ("?", "asked")],
)
async def test_a_person_is_announced_before_the_hand_over(shopper: Any, reason: str, given: str) -> None:
    decision = {"decision": "hand_off", "reason": reason}
    latest = {"intent": {"name": "hand_off"}, "decision": decision, "metadata": {}}

    answer = await shopper("").sends("action_hand_off", latest)

    assert "人工" in answer.text
    assert answer.responses[-1]["custom"] == {"hand_off": {"reason": given}}


async def test_a_complaint_is_soothed_and_goes_to_a_person(shopper: Any) -> None:
    answer = await shopper("").asks("service_complaint", "你们态度太差")

    assert answer.text.startswith("非常抱歉")
    assert answer.handed_off == "complaint"


async def test_knowledge_answers_offers_or_says_that_it_does_not_know(shopper: Any) -> None:
    anyone = shopper("")

    sure = await anyone.asks("payment_method", "怎么付款", "action_knowledge")
    near = await anyone.asks("payment_method", "可以付外币吗", "action_knowledge")
    written_for_it = await anyone.asks("payment_method", "白条", "action_knowledge")
    unknown = await anyone.asks("account_security", "虹膜登录", "action_knowledge")

    assert "支付宝" in sure.text
    assert {"faq": "pay.how"} in [choice["means"] for choice in near.choices]
    assert {"faq": "pay.how"} in [choice["means"] for choice in written_for_it.choices]
    assert "没有准确的答案" in unknown.text
    assert unknown.choices[-1]["means"] == {"human": True}


async def test_what_search_finds_about_another_subject_is_not_offered(shopper: Any) -> None:
    understood = await shopper("").asks("payment_method", "付款的政策", "action_knowledge")
    not_understood = await shopper("").asks("nlu_fallback", "贵司政策", "action_knowledge")

    assert [choice["means"] for choice in understood.choices] == [{"faq": "pay.how"}, {"human": True}]
    assert {"faq": "privacy.collect"} in [choice["means"] for choice in not_understood.choices]


async def test_a_picked_question_is_answered_and_an_old_one_is_not_an_error(shopper: Any) -> None:
    picked = await shopper("", lang="en").asks("faq_pick", faq_entry="pay.how")
    old = await shopper("").asks("faq_pick", faq_entry="gone.entry")

    assert picked.text == "WeChat Pay and Alipay."
    assert "没有准确的答案" in old.text


async def test_the_bot_says_that_it_is_a_bot(shopper: Any) -> None:
    assert "机器人" in (await shopper("").asks("bot_challenge")).text


async def test_what_is_out_of_scope_is_admitted_with_choices_and_a_human(shopper: Any) -> None:
    answer = await shopper("").asks("oos", "帮我订机票")

    assert "还不会处理" in answer.text
    assert answer.choices[-1]["means"] == {"human": True}


async def test_a_fragment_brings_the_order_that_we_spoke_of(shopper: Any, demo: Any, platform: Any) -> None:
    number = await demo.order_of(platform, demo.LIN, "主动降噪蓝牙耳机")
    lin = shopper(demo.LIN)

    await lin.asks("logistics_track", order_number=number)
    answer = await lin.asks("needs_context", "那怎么办")

    assert number in answer.text


async def test_a_product_is_shown_to_anybody(shopper: Any, platform: Any) -> None:
    [product] = await platform.products("主动降噪蓝牙耳机")

    answer = await shopper("").asks("product_stock", "有货吗", product=product.name)

    assert answer.cards[0]["title"] == product.name
    assert len(answer.cards[0]["items"]) == len(product.specs)


async def test_what_the_merchant_wrote_answers_of_a_product_that_the_shop_does_not_have(shopper: Any) -> None:
    written = await shopper("").asks("product_question", "飞毯怎么付款", product="飞毯")
    nothing = await shopper("").asks("product_question", "飞毯多重", product="飞毯")

    assert "支持微信支付" in written.text
    assert "没有找到「飞毯」" in nothing.text


def _asking_two(demo: Any, **more: Any) -> dict[str, Any]:
    return {
        "text": "我要开发票 另外快递到哪了",
        "intent": {"name": "greet", "confidence": 0.9},
        "entities": [{"entity": "order_number", "value": "202611010000000001"}],
        "second": {"intent": "logistics_track", "confidence": 0.95},
        "metadata": {"lang": "zh-CN", "customer": {"id": demo.LIN}},
        **more,
    }


async def test_a_second_request_in_a_message_is_offered_after_the_answer(demo: Any, shopper: Any) -> None:
    answer = await shopper(demo.LIN).sends("action_greet", _asking_two(demo))

    last = answer.responses[-1]["custom"]
    assert "查物流" in last["text"]
    assert last["choices"][0]["means"] == {
        "intent": "logistics_track",
        "entities": {"order_number": "202611010000000001"},
    }


async def test_a_second_request_waits_for_the_person_who_takes_over(demo: Any, shopper: Any) -> None:
    answer = await shopper(demo.LIN).sends(
        "action_hand_off", _asking_two(demo, intent={"name": "request_human", "confidence": 0.9})
    )

    assert answer.handed_off == "asked"
    assert not [choice for choice in answer.choices if choice["means"].get("intent") == "logistics_track"]

"""Cards, pickers and long answers in plain text; what a shopper means who answers with a number."""

import pytest
from hypothesis import given, strategies as st

from bot.conversation.bodies import (
    Card,
    CardField,
    CardShown,
    CardStep,
    Choices,
    Offer,
    OrderSummary,
    Status,
    Text,
)
from bot.conversation.events import BOT, Event, Kind, Role, Sender
from bot.courier.contract import Told
from bot.courier.numbers import firsts, meant, number_in, turn_of
from bot.courier.plain import join, split, text_of, utf8


def said(seq: int, body: Text | Choices | CardShown, sender: Sender = BOT) -> Event:
    return Event(seq, f"e{seq}", Kind.SAID, sender, 0, body)


def test_a_card_says_everything_that_stands_on_it() -> None:
    card = Card(
        "tracking",
        "顺丰 SF1234567890",
        status=Status("运输中"),
        fields=(CardField("快递", "顺丰"),),
        steps=(CardStep("2026-11-20T10:00:00+08:00", "已揽收"),),
        amount_fen=1290,
        choices=(Offer("1", "催一催"), Offer("2", "转人工")),
    )
    assert text_of(Told(1, BOT, CardShown(card, "您的包裹："), first=3)) == (
        "您的包裹：\n【顺丰 SF1234567890】（运输中）\n快递：顺丰\n金额：¥12.90\n11-20 10:00 已揽收\n3. 催一催\n4. 转人工"
    )


def test_an_order_picker_names_status_amount_and_number() -> None:
    order = OrderSummary("202611213965788678", "耳机", status=Status("运输中"), amount_fen=39890)
    told = Told(1, BOT, Choices("哪一个？", (Offer("1", "耳机", order),)))
    assert text_of(told) == "哪一个？\n1. 耳机｜运输中｜¥398.90（202611213965788678）"


@given(st.text(max_size=600), st.integers(8, 300))
def test_no_part_is_too_long_or_blank_and_nothing_is_lost(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(0 < utf8(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_long_answer_is_cut_where_one_breathes() -> None:
    sentence = "这是一句不长不短的话，说明退货的办法。"
    parts = split(sentence * 10, 200)
    assert all(part.endswith("。") for part in parts)
    assert "".join(parts) == sentence * 10


def test_short_answers_share_a_message() -> None:
    told = [Told(n, BOT, Text(words)) for n, words in enumerate(("您好", "包裹在路上", "长" * 60))]
    assert join(told, 100) == ["您好\n\n包裹在路上", "长" * 33, "长" * 27]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2), ("２", 2), ("二", 2), ("第二个", 2), ("第2个吧", 2), ("选2", 2), ("我要第二个", 2), ("②", 2), ("2.", 2),
        ("the second one", 2), ("十二", 12), ("第十个", 10), ("二十一", 21), ("最后一个", 5), ("last one", 5), ("两", 2),
        ("2件衣服", None), ("第二天到吗", None), ("20261121", None), ("一直没到", None), ("三十七八", None), ("", None), ("十十", None),
    ],
)  # fmt: skip
def test_numbers_are_understood_and_sentences_with_numbers_are_not(text: str, number: int | None) -> None:
    assert number_in(text, 5) == number


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading_of_numbers(text: str) -> None:
    number_in(text, 3)


def test_offers_are_numbered_through_the_turn_and_old_ones_are_gone() -> None:
    shopper = Sender(Role.CUSTOMER)
    first = Choices("？", (Offer("a", "旧的"),))
    second, third = (
        Choices("？", (Offer("x", "查物流"), Offer("y", "查订单"))),
        Choices("？", (Offer("x", "转人工"),)),
    )
    events = [said(1, first), said(2, Text("你好"), shopper), said(3, second), said(4, third)]
    turn = turn_of(events)

    assert firsts(turn) == {3: 1, 4: 3}
    found = meant("第三个", turn)
    assert found is not None
    assert (found[0], found[1].label) == (4, "转人工")
    assert meant("旧的", turn) is None
    assert meant("查订单！", turn) == (3, Offer("y", "查订单"))
    assert meant("4", turn) is None

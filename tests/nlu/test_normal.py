"""How a turn is made readable, and where its characters stood."""

import pytest

from bot.nlu.normal import normal
from bot.nlu.reader import is_bare_fact


def test_offsets_lead_back_to_the_text_as_typed() -> None:
    text = "\u200b訂單㎏ＳＦ１２３４"
    read = normal(text)
    start = read.clean.index("sf1234")
    begin, end = read.span(start, start + 6)
    assert text[begin:end] == "ＳＦ１２３４"


def test_traditional_and_simplified_read_the_same() -> None:
    assert normal("請問運費險怎麼退").signs == normal("请问运费险怎么退").signs


@pytest.mark.parametrize(
    ("typed", "masked"),
    [
        ("订单20251120123456789012到哪了", "订单[订单x]到哪了"),
        ("电话13812345678", "电话[电话x]"),
        ("买了3件", "买了[数字x]件"),
    ],
)
def test_real_numbers_and_masked_ones_read_the_same(typed: str, masked: str) -> None:
    assert normal(typed).signs == normal(masked).signs


def test_an_order_card_says_nothing_beside_the_question() -> None:
    card = "咨询订单号：20251120123456789012 订单金额：￥59.00 下单时间：2025-11-20 10:00:00"
    assert normal(f"{card} 能退吗").signs.endswith("能退吗")
    assert "59" not in normal(card).signs
    assert is_bare_fact(normal(card).signs)


def test_a_number_with_a_question_is_no_bare_fact() -> None:
    assert not is_bare_fact(normal("订单20251120123456789012到哪了").signs)


def test_what_is_said_twice_in_a_burst_counts_once() -> None:
    assert normal("要退货 要退货 要退货").signs == "要退货"


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "﷽" * 50, "\u200b\u202e"])
def test_odd_input_is_read_without_complaint(text: str) -> None:
    read = normal(text)
    assert len(read.origins) == len(read.clean) + 1

"""Numbers told apart by their shape and by the words beside them."""

from pathlib import Path

import pytest

from bot.nlu.entity_rules import numbers_and_dates
from bot.nlu.gazetteer import Gazetteer, read_names
from bot.nlu.normal import normal

LEXICON = Path(__file__).parents[2] / "data/lexicon"


def found(text: str, asked_for: str = "") -> list[tuple[str, str]]:
    return [(one.entity, one.value) for one in numbers_and_dates(normal(text).clean, asked_for)]


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("单号SF1234567890123到哪了", [("tracking_number", "SF1234567890123")]),
        ("订单20251120123456789012", [("order_number", "20251120123456789012")]),
        ("快递773012345678901没动", [("tracking_number", "773012345678901")]),
        ("我电话13812345678改一下", [("phone", "13812345678")]),
        ("收了我12.5元运费", [("amount", "12.5")]),
        ("退我３０块", [("amount", "30")]),
        ("11月11日买的", [("date", "11月11日")]),
        ("下周三能到吗", [("date", "下周三")]),
        ("7天无理由", []),
    ],
)
def test_numbers_are_found_beside_chinese_characters(text: str, entities: list[tuple[str, str]]) -> None:
    assert found(text) == entities


def test_the_nearer_word_says_whose_number_it_is() -> None:
    text = "订单20251120123456789012 快递773012345678901"
    assert found(text) == [("order_number", "20251120123456789012"), ("tracking_number", "773012345678901")]


def test_a_bare_number_answers_the_question_that_was_asked() -> None:
    assert found("773012345678901", "tracking_number") == [("tracking_number", "773012345678901")]
    assert found("773012345678901") == [("order_number", "773012345678901")]


def test_couriers_and_products_are_found_by_their_other_names() -> None:
    names = Gazetteer(
        {"courier": read_names(LEXICON / "couriers.txt"), "product": read_names(LEXICON / "products.txt")}
    )
    told = [(one.entity, one.value) for one in names.find("羽绒被能发顺风快递吗")]
    assert told == [("product", "被子"), ("courier", "顺丰速运")]


@pytest.mark.parametrize("text", ["我的平板 电脑坏了", "我的apple watch坏了", "我的applewatch坏了"])
def test_a_name_is_found_however_it_is_spaced(text: str) -> None:
    names = Gazetteer({"product": {"平板电脑": "平板", "apple watch": "手表"}, "courier": {}})
    assert [one.value for one in names.find(text)] in (["平板"], ["手表"])
    assert names.find("平 板  电脑") == []

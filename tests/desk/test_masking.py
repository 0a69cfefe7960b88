"""What an agent sees of a customer without asking: nothing that is the customer's own."""

import pytest
from hypothesis import given, strategies as st

from bot.desk.masking import mask_field, mask_text, shown_masked


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("我电话13800138000", "我电话138****8000"),
        ("+86 138-0013-8000", "138****8000"),
        ("１３８００１３８０００", "138****8000"),
        ("家里021-12345678", "家里021-****5678"),
        ("身份证11010519491231002X", "身份证110***********002X"),
        ("卡号6222021234567890128", "卡号6222 **** 0128"),
        ("4111 1111 1111 1111", "4111 **** 1111"),
        ("邮箱 linxiaoyu@qq.com", "邮箱 l***@qq.com"),
        ("我住上海市浦东新区世纪大道100号5栋301室，快点", "我住上海市浦东新区****，快点"),
        ("改到广东省深圳市南山区科技园南路12号A座1203", "改到广东省深圳市南山区****"),
        ("北京朝阳区建国路88号", "北京朝阳区****"),
        ("送到3号楼2单元501室", "送到****"),
        ("to 12 Long Acre Road, Apt 3 please", "to **** please"),
    ],
)
def test_what_is_a_customers_own_is_starred_out(said: str, seen: str) -> None:
    assert mask_text(said) == seen


@pytest.mark.parametrize(
    "said",
    [
        "订单 202611221234567890 到哪了",
        "订单DD20261122000123 的包裹",
        "运单SF1380013800012",
        "满100减30号称最低价",
        "10月12号的订单在路上3天了",
        "一路走到3层楼",
        "尺码38号，要2件",
        "6217000000000000000不是卡号",
    ],
)
def test_numbers_of_orders_and_parcels_and_plain_words_stay(said: str) -> None:
    assert mask_text(said) == said


@given(st.text(), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text())
def test_no_mobile_number_that_stands_by_itself_survives(before: str, number: str, after: str) -> None:
    assert number not in mask_text(f"{before} {number} {after}")


@given(st.text(alphabet="0123456789号楼路街市区@. -Xx１３", max_size=60))
def test_what_is_masked_once_is_not_masked_further(text: str) -> None:
    once = mask_text(text)
    assert len(mask_text(once)) <= max(len(once), 1) * 2


def test_fields_are_masked_by_what_they_are_called() -> None:
    content = {
        "id": "web:13800138000",
        "customer": {"id": "13800138000", "name": "林小雨"},
        "slots": {"phone": "13800138000", "address": {"city": "上海市", "detail": "老地方"}, "order_number": "20261"},
        "entities": [{"entity": "address", "value": "我家"}],
        "fields": [{"label": "收货人", "value": "林小雨"}, {"label": "收货地址", "value": "上海市静安区某处"}],
        "owner": "a-1",
        "n": 3,
    }  # fmt: skip
    seen = shown_masked(content)
    assert seen["id"] == "web:13800138000", "what programs call by must stay whole"
    assert seen["customer"] == {"id": "138****8000", "name": "林小雨"}
    assert seen["slots"] == {
        "phone": "138****8000",
        "address": {"city": "****", "detail": "****"},
        "order_number": "20261",
    }
    assert seen["entities"][0]["value"] == "****"
    assert [field["value"] for field in seen["fields"]] == ["林**", "上海市静安区****"]
    assert (seen["owner"], seen["n"]) == ("a-1", 3)


@pytest.mark.parametrize(
    "hotline",
    ["95338", "顺丰 95338", "96296", "12315", "10086", "400-820-8888", "４００ 8208888", "95338 / 95311"],
)
def test_a_public_hotline_in_a_card_can_be_called(hotline: str) -> None:
    card = {"facts": [{"label": "快递电话", "value": hotline}], "courier_phone": hotline}
    assert shown_masked(card) == card


@pytest.mark.parametrize(
    "own", ["13800138000", "021-62345678", "95338 转 13800138000", "9533", "253380", "123456", "62345678"]
)
def test_a_persons_phone_in_a_card_stays_masked(own: str) -> None:
    (fact,) = shown_masked({"facts": [{"label": "联系电话", "value": own}]})["facts"]
    assert fact["value"] != own
    assert "****" in fact["value"]


def test_what_may_be_an_id_is_not_taken_for_a_hotline() -> None:
    assert mask_field("身份证", "12315") == "****"
    assert mask_field("id_card", "4008208888") == "****8888"

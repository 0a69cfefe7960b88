"""What a process writes down tells no one's particulars, and still what it is about."""

import pytest

from bot.logs import masked


@pytest.mark.parametrize(
    "particular",
    [
        "13812345678",
        "202611295376500933",
        "SF1234567890123",
        "11010519491231002X",
        "lin.xiaoyu@example.com",
        "eyJhbGciOi.eyJzdWIiOi.c2lnbmVk",
    ],
)
def test_phones_ids_numbers_mail_and_tokens_are_starred_out(particular: str) -> None:
    told = masked(f"无法送达：{particular}，稍后再试")

    assert particular not in told
    assert told == "无法送达：***，稍后再试"


def test_a_password_in_an_address_is_starred_out_and_the_host_is_not() -> None:
    assert masked("redis://xiaoer:s3cret@10.0.0.5:6379/0") == "redis://***@10.0.0.5:6379/0"


@pytest.mark.parametrize(
    "plain", ["20261130-030703-median-hoagie.tar.gz", "端口 8001", "第 42 条", "1/16 partitions"]
)
def test_models_ports_and_counts_can_be_read(plain: str) -> None:
    assert masked(plain) == plain

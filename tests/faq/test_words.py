"""The FAQ reads words as jieba does, from a dictionary that all processes share."""

from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings, strategies

from faq import words

_STOCK = jieba.Tokenizer()
_SAID = (
    "我的快递到哪了",
    "七天无理由退货运费谁出",
    "XPS13能开增值税专用发票吗",
    "有货吗 急急急",
    "南京市长江大桥",
)


@pytest.mark.parametrize("text", _SAID)
def test_what_a_shopper_says_is_cut_as_jieba_cuts_it(text: str) -> None:
    assert list(words.cutter().cut(text)) == list(_STOCK.cut(text))


@given(
    strategies.text(
        alphabet=strategies.sampled_from("我的订单退货款快递到哪了优惠券不能用查一下ab12 ，\0"), max_size=40
    )
)
@settings(deadline=None)
def test_so_is_whatever_else_is_typed(text: str) -> None:
    assert list(words.cutter().cut(text)) == list(_STOCK.cut(text))


def test_a_dictionary_that_is_missing_or_spoilt_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "_FOLDER", tmp_path)
    made = words.cutter.__wrapped__
    made()
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:1000])

    assert list(made().cut(_SAID[0])) == list(_STOCK.cut(_SAID[0]))
    assert kept.read_bytes() == whole


def test_where_nothing_may_be_written_it_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").write_text("a file where the folder should be", "utf-8")
    monkeypatch.setattr(words, "_FOLDER", tmp_path / "models")

    assert list(words.cutter.__wrapped__().cut(_SAID[1])) == list(_STOCK.cut(_SAID[1]))

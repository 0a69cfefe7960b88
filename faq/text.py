"""A shopper's words made comparable: one script, one width, no noise; and the terms in them."""

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

from faq.words import cutter

# A shopper's question stands in its first lines; a pasted chat or a flood of signs costs no more than this.
_READ_AT_MOST = 2_000
_COMPARE_AT_MOST = 200

_NOISE = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
# Order, parcel and phone numbers say nothing about which question it is.
_NUMBERS = re.compile(r"[0-9a-z]*[0-9]{6,}[0-9a-z]*")
_OPENING = re.compile(
    r"^(?:(?:你好|您好|亲亲?|哈喽|hello|hi|在吗|在不在|在么|请问一?下?|麻烦问一?下|想问一?下|问一?下|想咨询一?下|咨询一?下|那个|客服|老板)[ ]*)+"
)
_CLOSING = re.compile(r"(?:[ ]*(?:谢谢你?|谢了|多谢|麻烦了|感谢|急急*))+$")
_PARTICLES = frozenset("吗呢啊呀吧哦嘛么噢哈啦呗的了")

# How people talk against how it is written, and signs that the input method mixes up.
_SPOKEN = str.maketrans({"咋": "怎么", "啥": "什么", "劵": "券", "俺": "我", "您": "你"})


@cache
def _converter() -> Any:
    from opencc import OpenCC  # noqa: PLC0415 - its dictionaries are read at the first question only

    return OpenCC("t2s")


def plain(text: str) -> str:
    """The text in simplified script, half width and lower case, with signs as single spaces, at most
    200 characters; empty when nothing in it can be read.
    """  # noqa: D205 - one sentence
    text = unicodedata.normalize("NFKC", text[:_READ_AT_MOST])
    if not text.isascii():
        text = _converter().convert(text)
    text = _NUMBERS.sub(" ", _NOISE.sub(" ", text.lower()))
    return " ".join(text.split())[:_COMPARE_AT_MOST].strip()


@lru_cache(maxsize=8)  # one question is read by its words and by its meaning
def core(text: str) -> str:
    """The plain text without greeting and thanks, unless nothing else was said."""
    whole = plain(text)
    return (_CLOSING.sub("", _OPENING.sub("", whole)).strip() or whole).translate(_SPOKEN)


def terms(text: str) -> list[str]:
    """Characters, pairs of characters and words of the text's core, for BM25; repeated as they occur."""
    found: list[str] = []
    for run in core(text).split():
        found += [char for char in run if char not in _PARTICLES]
        found += [run[at : at + 2] for at in range(len(run) - 1)]
        # The sign keeps a word of two characters apart from the same pair.
        found += [f"_{word}" for word in cutter().cut(run) if len(word) > 1]
    return found

"""The same turns as a hurried thumb or a traditional keyboard would have typed them."""

import random
from functools import cache

from opencc import OpenCC
from pypinyin import lazy_pinyin

_COMMON = "".join(chr(code) for code in range(0x4E00, 0x9FA6))


@cache
def _sounding() -> dict[str, str]:
    """Syllable to the characters that GB2312's first level (the common ones) has for it."""
    by_sound: dict[str, str] = {}
    for letter in _COMMON:
        try:
            common = letter.encode("gb2312")[0] < 0xD8
        except UnicodeEncodeError:
            continue
        if common:
            sound = lazy_pinyin(letter)[0]
            by_sound[sound] = by_sound.get(sound, "") + letter
    return by_sound


def homophones(text: str, share: float, seed: int) -> str:
    """`text` with about this share of its characters replaced by others of the same sound."""
    draw = random.Random(seed)
    letters = []
    for letter in text:
        others = (
            _sounding().get(lazy_pinyin(letter)[0], "").replace(letter, "")
            if "\u4e00" <= letter <= "\u9fff"
            else ""
        )
        letters.append(draw.choice(others) if others and draw.random() < share else letter)
    return "".join(letters)


def traditional(text: str) -> str:
    """`text` in traditional characters."""
    return str(OpenCC("s2t").convert(text))

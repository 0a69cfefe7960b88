"""A turn as the reader sees it: one script, one width, numbers as signs, and every character's origin."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, cast

LONGEST = 800
"""Characters that are read for meaning; a longer turn is read from both ends."""


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@dataclass(frozen=True)
class Normal:
    """`clean` is the turn in simplified half-width letters; `origins[i]` is where `clean[i]` stood, and one more.

    `signs` is `clean` with everything personal or numeric as one sign each: what the features are made of.
    """

    clean: str
    origins: tuple[int, ...]
    signs: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `clean[start:end]` stood in the text as it was typed."""
        return self.origins[start], self.origins[end - 1] + 1


# One sign for each thing whose value says nothing about what the customer wants.
# They can't be typed: NFKC turns a typed circled letter into a plain one.
ORDER, NUMBER, MONEY, DAY, CLOCK = "Ⓞ", "Ⓝ", "Ⓜ", "Ⓓ", "Ⓣ"
PHONE, ADDRESS, PERSON, LINK, FACE = "Ⓟ", "Ⓐ", "Ⓡ", "Ⓛ", "Ⓕ"
CARD, MENU, HIDDEN = "Ⓒ", "Ⓚ", "Ⓗ"
FACTS = frozenset(ORDER + NUMBER + PHONE + ADDRESS + PERSON + CARD + HIDDEN)

_HIDDEN_NAMES = {
    "订单": ORDER,
    "数字": NUMBER,
    "金额": MONEY,
    "日期": DAY,
    "时间": CLOCK,
    "电话": PHONE,
    "地址": ADDRESS,
    "姓名": PERSON,
    "链接": LINK,
}
_HIDDEN = re.compile(r"\[([\u4e00-\u9fff]{2,6}|userid_)x\]|\[userid_\S{1,12}\]")
_DISTRICT = re.compile(r"[省市区县镇乡]|街道")
_PLACE = r"[\u4e00-\u9fff0-9a-z]{1,12}"
_ADDRESS = re.compile(
    rf"(?:{_PLACE}?(?:省|自治区|市|区|县|镇|乡|街道)[ ,]?)+{_PLACE}(?:路|街|巷|村|道|号|栋|幢|楼|室|单元|小区|大厦|园|店|超市|学校)"
    r"(?:[ ,]?[\u4e00-\u9fff0-9a-z-]{1,10}(?:路|街|巷|号|栋|幢|楼|室|单元|小区|大厦|园|店|超市|学校))*"
)
_MARK, _DIGIT = re.compile(r"[/@#.\[]"), re.compile(r"\d")
"""What a thing of `_MARKED` or a name in brackets, and one of `_NUMBERED`, can't be written without."""
_Sign = tuple[re.Pattern[str], str]
_MARKED: tuple[_Sign, ...] = (
    (re.compile(r"https?://[^\s\u4e00-\u9fff]+|www\.[^\s\u4e00-\u9fff]+"), LINK),
    (re.compile(r"(?<![0-9a-z])[\w.+-]{1,64}@[\w-]{1,64}\.[a-z.]{2,24}", re.ASCII), HIDDEN),
    (re.compile(r"/:[^\s\u4e00-\u9fff/]{1,5}|#e-[a-z]\d+|\[[\u4e00-\u9fff]{1,3}\]"), FACE),
)
_NUMBERED: tuple[_Sign, ...] = (
    (re.compile(r"(?<!\d)20\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?"), DAY),
    (re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)"), CLOCK),
    (re.compile(r"(?<![0-9a-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9a-z])"), PHONE),
    (re.compile(r"(?<![0-9a-z])[a-z]{1,5}\d{8,}[a-z]{0,2}(?![0-9a-z])"), ORDER),
    (re.compile(r"(?<![0-9a-z])(?=[0-9a-z]{15,20}(?![0-9a-z]))[0-9]{8,}[0-9a-z]*"), ORDER),
    (re.compile(r"(?<!\d)\d{10,}(?!\d)"), ORDER),
    (re.compile(r"[¥$]\s?\d+(?:\.\d+)?|\d+\.\d+"), MONEY),
    (re.compile(r"\d+"), NUMBER),
)
_CARD_FIELD = r"(?:(?:订单)?金额|下单时间|商品id|商品编号|实付款?|订单状态):?\s*[¥]?[ⓄⓃⓂⒹⓉⓁ元 ]+"
_CARDS = re.compile(
    rf"\[?(?:咨询)?(?:订单编?号|订单):?\s*[ⓄⓃ][,;\s]*(?:{_CARD_FIELD}[,;\s]*)+\]?"
    rf"|\[?[ⒹⓉ ]+订单编?号:\s*[ⓄⓃ][,;\s]*(?:{_CARD_FIELD}[,;\s]*)+\]?"
)
_MENUS = re.compile(
    r"(?:(?<=\s)|^)(?:[\u4e00-\u9fff]{2,4}(?:业务|信息)咨询|[\u4e00-\u9fff]{2,8}\((?:移动|电脑|pc)端\))(?=\s|$)"
)
_PAUSE = re.compile(r"[\s,，、。;；:：~～…·\-—_'\"“”‘’()\[\]{}<>《》【】|*^=+]+")
_ENDING = re.compile(r"[?!]{2,}")
_PARTS = re.compile(r"(?<=[?!])| |(?=另外(?![一那的个两几])|顺便|对了|还有就是|还想问|再问)")
"""Where a turn goes on to something else: at pauses, and at the words for it."""
_STUTTER = re.compile(r"(.)\1{2,}")


def normal(text: str) -> Normal:
    """What is read of a turn, whatever was typed: never an error, empty when nothing readable was typed."""
    read = [_read(typed) for typed in text]
    clean = simplified("".join(read))
    if len(clean) == len(text) and "" not in read:
        origins = tuple(range(len(text) + 1))
    else:
        origins = (*(place for place, letters in enumerate(read) for _ in letters), len(text))
    return Normal(clean, origins, _signs(clean))


@lru_cache(maxsize=8192)
def _read(typed: str) -> str:
    """The letters that one typed character stands for; none for what can't be seen."""
    if unicodedata.category(typed) in {"Cc", "Cf", "Cs", "Co", "Cn"} and typed not in "\n\t\r":
        return ""
    letters = unicodedata.normalize("NFKC", typed).lower()
    return "".join(" " if letter.isspace() else letter for letter in letters)


def simplified(text: str) -> str:
    """`text` in simplified characters, letter for letter."""
    if text.isascii() or not _traditional().search(text):
        return text
    single = text.translate(_simplified_letters())
    whole = _opencc().convert(text)
    return whole if len(whole) == len(text) else single


@lru_cache(maxsize=1)
def _opencc() -> _Converter:
    from opencc import OpenCC  # noqa: PLC0415 - 30 ms that only a traditional turn has to pay

    return cast("_Converter", OpenCC("t2s"))


@lru_cache(maxsize=1)
def _simplified_letters() -> dict[int, str]:
    plain = "".join(map(chr, range(0x4E00, 0xA000)))
    pairs = ((letter, _opencc().convert(letter)) for letter in plain)
    return {ord(letter): other for letter, other in pairs if other != letter and len(other) == 1}


@lru_cache(maxsize=1)
def _traditional() -> re.Pattern[str]:
    return re.compile(f"[{''.join(map(chr, _simplified_letters()))}]")


def _signs(clean: str) -> str:
    text = clean if len(clean) <= LONGEST else clean[: LONGEST * 3 // 4] + " " + clean[-LONGEST // 4 :]
    # Most turns have nothing of all this: each pattern is tried only where a sign of it stands.
    if _MARK.search(text):
        text = _replaced(_MARKED, _HIDDEN.sub(_hidden_sign, text))
    if _DIGIT.search(text):
        text = _replaced(_NUMBERED, text)
    if "订单" in text:
        text = _CARDS.sub(f" {CARD} ", text)
    if "咨询" in text or "端)" in text:
        text = _MENUS.sub(f" {MENU} ", text)
    text = text.replace(f"{ADDRESS}{ADDRESS}", ADDRESS)
    if _DISTRICT.search(text):
        text = _ADDRESS.sub(ADDRESS, text)
    text = _ENDING.sub(_one_ending, text)
    text = _STUTTER.sub(r"\1\1", _PAUSE.sub(" ", text)).strip()
    return " ".join(_once_each(text.split(" "))) if " " in text else text


def _replaced(signs: tuple[_Sign, ...], text: str) -> str:
    for pattern, sign in signs:
        text = pattern.sub(sign, text)
    return text


def _hidden_sign(match: re.Match[str]) -> str:
    return _HIDDEN_NAMES.get(match.group(1) or "", HIDDEN)


def _one_ending(match: re.Match[str]) -> str:
    return "?" if "?" in match.group() else "!"


def _once_each(acts: list[str]) -> list[str]:
    # A burst often says the same thing twice; the second time adds nothing.
    return list(dict.fromkeys(acts))


def acts(signs: str) -> tuple[str, ...]:
    """The parts of a turn that could each be something the customer does, in order."""
    parts = (part.strip() for part in _PARTS.split(signs))
    return tuple(part for part in parts if part)

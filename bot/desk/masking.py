"""What of a customer an agent sees without asking: phones, ids, cards, mail and addresses are starred out. Pure.

The log keeps the truth; the console's calls pass through here on their way out, and a reveal goes past it.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

# Full-width digits and letters count as what they look like; a replacement keeps every place in the text.
_PLAIN = {code + 0xFEE0: code for code in range(0x21, 0x7F)} | {0x3000: 0x20}
_LEFT, _RIGHT = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_MOBILE = re.compile(rf"{_LEFT}(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{{4}})[- ]?(\d{{4}}){_RIGHT}")
_LANDLINE = re.compile(rf"{_LEFT}(0\d{{2,3}}[- ])(\d{{3,4}})(\d{{4}}){_RIGHT}")
_ID = re.compile(rf"{_LEFT}(\d{{6}})(\d{{4}})(\d{{2}})(\d{{2}})\d{{3}}[0-9Xx]{_RIGHT}")
_BANK_CARD = re.compile(
    rf"{_LEFT}(?:62\d{{2}}|4\d{{3}}|5[1-5]\d{{2}})(?:[ -]?\d{{4}}){{3}}(?:[ -]?\d{{1,3}})?{_RIGHT}"
)
_MAIL = re.compile(r"(?<![\w.+-])([\w.+-])[\w.+-]{0,63}(@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5})", re.ASCII)
_ROOM = r"(?:\d{1,5}|[A-Za-z]\d{0,4})\s*(?:号楼|号院|号|弄|栋|幢|座|楼|层|单元|室|户)"
_ROAD = r"(?:大道|(?<!一)路(?![上过边口])|街|道|巷|弄|胡同|村|镇|乡|小区|花园|大厦|广场|公寓|苑|新城|园)"
_HAN = "\u4e00-\u9fff"
_STREET = re.compile(
    rf"[{_HAN}]{{1,24}}?{_ROAD}[{_HAN}A-Za-z()（）]{{0,10}}?{_ROOM}(?:[{_HAN}A-Za-z\d#\-—]{{0,8}}?{_ROOM})*(?:[-—]?\d{{2,5}})?"
)
_DOOR = re.compile(
    r"\d{1,4}\s*(?:号楼|栋|幢|座)\s*(?:[\dA-Za-z一二三四五六七八九十]{1,3}\s*单元)?\s*\d{2,5}\s*(?:室|号)?"
)
_STREET_ABROAD = re.compile(
    r"\b\d{1,5}\s+(?:[A-Z][a-z]+\s+){1,3}(?:Road|Rd|Street|St|Avenue|Ave|Lane|Drive)\b[.,]?(?:\s*(?:Apt|Room|Unit)\.?\s*\w+)?"
)
_DISTRICT = re.compile(r"^.*(?:省|自治区|市|区|县|旗|州|盟)(?=.)")

# Fields that hold nothing but an address, a phone, a name of who gets the parcel.
_OF = {
    "address": re.compile(r"address|地址|住址", re.IGNORECASE),
    "number": re.compile(
        r"phone|mobile|电话|手机|联系方式|id_?card|id_number|身份证|银行卡|bank_card|card_number",
        re.IGNORECASE,
    ),
    "person": re.compile(r"receiver|recipient|consignee|收货人|收件人", re.IGNORECASE),
}
_SHORT = 6
# Numbers that anybody may call and nobody owns: 95338, 96xxx, 12315, 10086, 400 and 800 numbers. A courier's hotline
# is no customer's; of what may be an id or a card nothing is let through.
_PHONE = re.compile(r"phone|mobile|电话|手机|联系方式|热线", re.IGNORECASE)
_DIGITS = re.compile(r"\+?\d(?:[ -]?\d)*")
_HOTLINE = re.compile(r"9[56]\d{3,4}|1[02]\d{3}|[48]00\d{7}")

# What names a thing for programs: a call with a masked one would go astray.
_NAMES = frozenset(
    {
        "id", "cid", "conversation", "url", "image", "next", "owner", "order", "number", "choice", "kind", "as_of",
        "agent", "ticket", "by", "to", "hook", "lesson", "state", "code", "logo",
    }
)  # fmt: skip
# What must be there for a rule to be worth its while: most of what people write has none of it.
_MAYBE = re.compile(r"\d|@|＠")
_WIDE = re.compile(r"[\uff01-\uff5e\u3000]")
_AT, _LONG = re.compile("@"), re.compile(r"\d(?:[ -]?\d){6}")
_HOUSE = re.compile(r"[\dA-Za-z]\s*[号弄栋幢座楼层单室户]")
_ABROAD = re.compile(r"\b(?:Road|Rd|Street|St|Avenue|Ave|Lane|Drive)\b")
_REMEMBERED = 4096
MASK = "****"
# GB 11643: what the last sign of an id says about the others.
_WEIGHTS, _CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"


@lru_cache(_REMEMBERED)
def mask_text(text: str) -> str:
    """The text with what is a customer's own starred out: `138****8000`, `上海市浦东新区****`."""
    if not _MAYBE.search(text):
        return text
    plain = text.translate(_PLAIN) if _WIDE.search(text) else text
    for hint, pattern, masked in _RULES:
        if hint.search(plain):
            text, plain = _replaced(pattern, masked, text, plain)
    return text


def mask_field(name: str, text: str) -> str:
    """The value of a field of that name or label; as `mask_text` where the name tells nothing."""
    if not text:
        return text
    match _kind(name):
        case "address":
            district = _DISTRICT.match(text)
            return (district.group() if district else "") + MASK
        case "number":
            if _PHONE.search(name) and is_hotline(text):
                return text
            masked = mask_text(text)
            return masked if masked != text else MASK + text[-4:] if len(text) > _SHORT else MASK
        case "person":
            return text[:1] + "**"
        case _:
            return mask_text(text)


def is_hotline(text: str) -> bool:
    """True when every number in it is a public service's: `顺丰 95338`, `400-820-8888`."""
    numbers = [re.sub(r"[ -]", "", found) for found in _DIGITS.findall(text.translate(_PLAIN))]
    return bool(numbers) and all(_HOTLINE.fullmatch(number) for number in numbers)


@lru_cache(_REMEMBERED)
def _kind(name: str) -> str:
    return next((kind for kind, names in _OF.items() if names.search(name)), "")


def shown_masked(content: Any) -> Any:
    """The content of an answer as plain values, masked; what names things for programs stays as it is."""
    return _walk("", msgspec.to_builtins(content))


def _walk(name: str, value: Any) -> Any:
    match value:
        case str():
            return value if name in _NAMES else mask_field(name, value)
        case list() | tuple():
            return [_walk(name, one) for one in value]
        case dict():
            within = f"{name} " if _kind(name) == "address" else ""
            # `{"label": "电话", "value": …}` and `{"entity": "phone", "value": …}` name what they hold beside it.
            told = value.get("label") or value.get("entity") or ""
            return {
                key: _walk(told if key == "value" and isinstance(told, str) else within + key, one)
                for key, one in value.items()
            } | _customer(name, value)
        case _:
            return value


def _customer(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    # A shop whose customers' ids are their phones.
    identifier = value.get("id")
    return {"id": mask_text(identifier)} if name == "customer" and isinstance(identifier, str) else {}


def _replaced(pattern: re.Pattern[str], masked: Any, text: str, plain: str) -> tuple[str, str]:
    """Both texts with the matches of `plain` masked; what stays is taken from `text`, as it was written."""
    parts, plains, end = [], [], 0
    for found in pattern.finditer(plain):
        stars = masked(found)
        if stars is None:
            continue
        parts += [text[end : found.start()], stars]
        plains += [plain[end : found.start()], stars]
        end = found.end()
    return "".join(parts) + text[end:], "".join(plains) + plain[end:]


def _mobile(found: re.Match[str]) -> str:
    return f"{found[1]}{MASK}{found[3]}"


def _landline(found: re.Match[str]) -> str:
    return f"{found[1]}{MASK}{found[3]}"


def _identity(found: re.Match[str]) -> str | None:
    try:
        date(int(found[2]), int(found[3]), int(found[4]))
    except ValueError:
        return None  # an order's number
    left = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, found[0], strict=False)) % 11
    return f"{found[0][:3]}***********{found[0][-4:]}" if _CHECKS[left] == found[0][-1].upper() else None


def _bank_card(found: re.Match[str]) -> str | None:
    digits = [int(digit) for digit in found[0] if digit.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    if (sum(digits[-1::-2]) + sum(doubled)) % 10:
        return None
    return f"{found[0][:4]} {MASK} {''.join(map(str, digits[-4:]))}"


def _mail(found: re.Match[str]) -> str:
    return f"{found[1]}***{found[2]}"


def _street(found: re.Match[str]) -> str:
    district = _DISTRICT.match(found[0][: _road_at(found[0])])
    return (district.group() if district else "") + MASK


def _road_at(text: str) -> int:
    """Where the last road or estate of an address ends: a district before it may be told."""
    ends = [found.end() for found in re.finditer(_ROAD, text)]
    return ends[0] if ends else len(text)


def _all(_: re.Match[str]) -> str:
    return MASK


_RULES = (
    (_AT, _MAIL, _mail),
    (_LONG, _ID, _identity),
    (_LONG, _BANK_CARD, _bank_card),
    (_LONG, _MOBILE, _mobile),
    (_LONG, _LANDLINE, _landline),
    (_HOUSE, _STREET, _street),
    (_HOUSE, _DOOR, _all),
    (_ABROAD, _STREET_ABROAD, _all),
)

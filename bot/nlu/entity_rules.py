"""Numbers and dates in a turn, found by their shape and told apart by the words beside them."""

import re
from dataclasses import dataclass

ORDER, TRACKING, PHONE, AMOUNT, DATE = "order_number", "tracking_number", "phone", "amount", "date"


@dataclass(frozen=True)
class Found:
    """One entity in a normalised text; `value` is what a shop's API would be asked with."""

    entity: str
    start: int
    end: int
    value: str


# `\b` is no boundary between a Chinese character and a digit, hence the look-arounds.
_FREE, _ENDS = r"(?<![0-9a-z])", r"(?![0-9a-z])"
_PHONE = re.compile(
    rf"{_FREE}(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{{4}}[- ]?\d{{4}}){_ENDS}|{_FREE}(0\d{{2,3}}-\d{{7,8}}){_ENDS}"
)
_LETTERED_TRACKING = re.compile(
    rf"{_FREE}(?:sf\d{{12,15}}|jd[a-z0-9]{{2}}\d{{8,13}}|yt\d{{13,15}}|jt\d{{13}}|zto\d{{12,14}}|sto\d{{12,13}}|dpk\d{{9,12}}"
    rf"|[a-z]{{2}}\d{{9}}cn|kk\d{{10,13}}|ttk\d{{10,12}}|db[lk]?\d{{9,12}}){_ENDS}"
)
_LETTERED_ORDER = re.compile(rf"{_FREE}(?!sf|yt|jt|jd)[a-z]{{1,4}}-?\d{{10,20}}{_ENDS}")
_DIGITS = re.compile(rf"{_FREE}\d{{4,8}}(?:[- ]\d{{4,12}}){{1,5}}{_ENDS}|{_FREE}\d{{8,24}}{_ENDS}")
_AMOUNT = re.compile(
    r"[¥￥]\s?(\d{1,9}(?:\.\d{1,2})?)|(?<![0-9a-z.])(\d{1,9}(?:\.\d{1,2})?)\s?(?:元|块钱|块(?!儿?[\u4e00-\u9fff]?糖)|rmb|人民币)"
    r"|(?<![0-9a-z.])(\d{1,6})块(\d)(?!\d)"
)
_DATE = re.compile(
    r"(?<!\d)20\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}[日号]?|(?<!\d)\d{1,2}月\d{1,2}[日号]?|(?<!\d)\d{1,2}[日号](?!楼|线|店|机|仓|柜|门|院|[a-z])"
    r"|大前天|大后天|前天|昨天|昨晚|今天|今晚|明天|明晚|后天|(?:上+个?|下+个?|这个?|本)?(?:周|星期|礼拜)[一二三四五六日天]|(?:上|下|这|本)(?:周末|个?月|周)|周末"
)
_SAYS_TRACKING = re.compile(
    r"快递|运单|物流|面单|包裹|派件|顺丰|中通|圆通|申通|韵达|极兔|邮政|ems|百世|德邦|京东物流|寄回"
)
_SAYS_ORDER = re.compile(r"订单|单子|下单|定单|这单|那单|order")
_DIGIT = re.compile(r"\d")
_NEAR = 12
_LENGTHS_OF_ORDERS = range(10, 25)


def numbers_and_dates(clean: str, asked_for: str = "") -> list[Found]:
    """Entities by shape, none overlapping another; `asked_for` is the slot that the bot has just asked about."""
    if not _DIGIT.search(clean):  # as most turns: then only a day can be named
        return [Found(DATE, m.start(), m.end(), m.group()) for m in _DATE.finditer(clean)]
    found = [
        Found(PHONE, m.start(), m.end(), _digits(m.group(1) or m.group(2))) for m in _PHONE.finditer(clean)
    ]
    found = [phone for phone in found if not _is_called_order(clean, phone)]
    found += [
        Found(TRACKING, m.start(), m.end(), m.group().upper()) for m in _LETTERED_TRACKING.finditer(clean)
    ]
    found += [Found(ORDER, m.start(), m.end(), m.group().upper()) for m in _LETTERED_ORDER.finditer(clean)]
    found += [
        Found(_kind_of_digits(clean, m.start(), m.end(), asked_for), m.start(), m.end(), _digits(m.group()))
        for m in _DIGITS.finditer(clean)
        if len(_digits(m.group())) in _LENGTHS_OF_ORDERS
    ]
    found += [Found(AMOUNT, m.start(), m.end(), _amount(m)) for m in _AMOUNT.finditer(clean)]
    found += [Found(DATE, m.start(), m.end(), m.group()) for m in _DATE.finditer(clean)]
    return without_overlaps(found)


def without_overlaps(found: list[Found]) -> list[Found]:
    """In order of place; where two overlap, the one named first in `found` stays."""
    kept: list[Found] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _is_called_order(clean: str, phone: Found) -> bool:
    before = clean[max(0, phone.start - 6) : phone.start]
    return "订单" in before or "单号" in before


def _kind_of_digits(clean: str, start: int, end: int, asked_for: str) -> str:
    """Order or courier's number: the nearest word beside it says so, else the question asked, else an order."""
    before, after = clean[max(0, start - _NEAR) : start], clean[end : end + _NEAR]
    for side, backwards in ((before, True), (after, False)):
        tracking = [m.start() for m in _SAYS_TRACKING.finditer(side)]
        order = [m.start() for m in _SAYS_ORDER.finditer(side)]
        if tracking and order:
            nearer = max(tracking) > max(order) if backwards else min(tracking) < min(order)
            return TRACKING if nearer else ORDER
        if tracking or order:
            return TRACKING if tracking else ORDER
    return TRACKING if asked_for == TRACKING else ORDER


def _amount(match: re.Match[str]) -> str:
    whole, tenth = match.group(3), match.group(4)
    return f"{whole}.{tenth}" if whole else match.group(1) or match.group(2)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)

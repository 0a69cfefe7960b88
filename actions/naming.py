"""What short words point at: an order by its goods or its place in a list, a yes, a correction."""

import re
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
SHORTEST = 2
LONGEST_POINTING = 24
_NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_PLACE = re.compile(r"第\s*([一二两三四五1-5])\s*(?:个|单|件|笔|条)?|^\s*([1-5])\s*$")
_NEWEST = re.compile(r"最新|最近|刚(?:刚|才)?(?:买|下|拍)|the (?:first|latest|newest)")
_YES = re.compile(
    r"^(?:嗯+|好+的?|行|可以|确认|确定|是的?|对的?|要(?:的|$)|没错|没问题|就这样|麻烦了?|ok|okay|yes|sure|please do)"
    r"(?:[呀啊吧哈呢哒啦]|[，,。.!！~\s])*"
)
_REFUSES = re.compile(
    r"^(?:哦|嗯|那|还是|唉)*[，, ]*(?:算了|先不|暂时不|不用|不必|不取消|不改|不退|不换|不申请|不登记|不开|不催|不约|等等再说|再想想|never ?mind)"
)
_NO = re.compile(r"不|别|没|算了|no\b|don't|等一下|先放")
_OTHER = re.compile(
    r"(?:不对|不是|错了|搞错|弄错).{0,8}(?:另|别的|其他|那个|那单|换|订单|这)"
    r"|(?:另外?|别的|其他)(?:的|那)?(?:一)?[个单笔](?!地址|电话|颜色|规格|尺码)"
    r"|换(?:一)?[个单](?:订单|单)|(?:not this|wrong|another|other|different) (?:one|order)"
)
_OTHER_ORDER = re.compile(
    r"(?:另外?|别的|其他|换|不是这).{0,3}(?:订单|单|快递|包裹)|(?:another|other|different) order"
)
_WAITS = re.compile(
    r"(?:好的?|嗯|行|有)?[，, ]*(?:等(?:一下|一等|我|下|会)|稍等|我?(?:这就|现在)?去?(?:找找?|看看|看一下|拍一?下?|拍张?|查一下)|马上(?:发|拍|来)?|wait|one (?:moment|second)|just a (?:moment|second)).{0,10}"
)
_POINTS = re.compile(r"(?:那|这)(?:个|单|件|双|条|笔|盒|台|一?个|一?单)?(?:订单)?(?:吧|的|呀|啊)?$")
# Words in titles that tell no two goods apart.
_COMMON = frozenset(
    {"套装", "一个", "两件", "三条", "家用", "无线", "订单", "商品", "快递", "包装", "大小", "礼盒"}
)


def is_yes(text: str) -> bool:
    """A yes with hardly more than itself: 好的, 好的退回来, ok."""
    found = _YES.match(text.strip().lower())
    return bool(found) and len(text) <= 12 and not _NO.search(text) and "？" not in text and "?" not in text


def is_no(text: str) -> bool:
    """A refusal with hardly more than itself: 算了，不取消了."""
    return (
        len(text) <= LONGEST_POINTING
        and bool(_REFUSES.match(text.strip().lower()))
        and not is_correction(text)
    )


def is_waiting(text: str) -> bool:
    """A word that it takes a moment, and nothing else: 稍等我找一下."""
    return len(text) <= 14 and "吗" not in text and bool(_WAITS.fullmatch(text.strip(" 。.!！~").lower()))


def is_correction(text: str, *, plainly: bool = False) -> bool:
    """Whether another order is meant than the one that we took; `plainly`: the text says 订单."""
    if len(text) > LONGEST_POINTING:
        return False
    return bool((_OTHER_ORDER if plainly else _OTHER).search(text.lower()))


def is_pointing(text: str) -> bool:
    """Whether the text does no more than point: 皮带那单, 这个吧."""
    return len(text) <= LONGEST_POINTING and bool(_POINTS.search(text.strip(" 。.!！~")))


def place_in(text: str) -> int:
    """1 for 第一个; 0 when no place in a list is named."""
    if len(text) > LONGEST_POINTING:
        return 0
    found = _PLACE.search(text)
    if not found:
        return 1 if _NEWEST.search(text) else 0
    sign = found.group(1) or found.group(2)
    return _NUMERALS.get(sign) or int(sign)


def named_in(text: str, titled: Iterable[tuple[str, T]]) -> list[T]:
    """Those whose title shares the longest run of signs with the text, at least two; none if no title does."""
    best, found = SHORTEST, []
    for title, thing in titled:
        length = shared(text, title)
        if length > best:
            best, found = length, [thing]
        elif length == best:
            found.append(thing)
    return found


def pointed_in(text: str, titled: Iterable[tuple[str, T]]) -> list[T]:
    """Those that the text names, or else, where it only points, the one that shares a single sign: 帐蓬那个."""
    shown = list(titled)
    named = named_in(text, shown)
    if named or not is_pointing(text):
        return named
    signs = set(_POINTS.sub("", text.strip(" 。.!！~")))
    found = [thing for title, thing in shown if signs & set(title)]
    return found if len(found) == 1 else []


def shared(text: str, title: str) -> int:
    """How many signs in a row the two have in common, at most."""
    said, named = text.lower(), title.lower()
    if not any(named[at : at + SHORTEST] in said for at in range(len(named) - SHORTEST + 1)):
        return 0  # then no longer run is either; as with most goods
    for size in range(min(len(named), len(said), 12), SHORTEST - 1, -1):
        for start in range(len(named) - size + 1):
            run = named[start : start + size]
            if run.strip() == run and run in said and run not in _COMMON and not run.isdigit():
                return size
    return 0


def fitting_spec(text: str, specs: list[str]) -> str:
    """The one specification whose every part stands in the text; empty when none or several do."""
    low = text.lower().replace("码", "")
    whole = [spec for spec in specs if spec.lower() in low]
    if whole:
        return max(whole, key=len)
    fitting = [spec for spec in specs if all(part.lower().replace("码", "") in low for part in spec.split())]
    partly = fitting or [spec for spec in specs if any(_says(part, low) for part in spec.split())]
    return partly[0] if len(partly) == 1 else ""


def _says(part: str, low: str) -> bool:
    # 黑 for 曜石黑: the last sign of a colour is its common name.
    return part.lower() in low or (len(part) > 1 and f"{part[-1]}色" in low)

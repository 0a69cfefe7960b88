"""What shoppers say to the house rather than to the bot, where there are no buttons for it."""

import re
import unicodedata

from bot.courier.numbers import number_in

_MARKS = re.compile(r"[\s。.,，、!！?？~～…]+")
_STARS = re.compile(r"(?:评价|打分|评分|给|打)*([1-5一二三四五两])(?:分|星|颗星|星好评|分好评)(?:好评)?")
_PLACE = re.compile(
    r".{0,6}(?:排(?:队)?(?:到)?(?:第)?(?:几|哪)|第几位|还要(?:等)?多久|要等多久|等多久|前面(?:还)?有?(?:几|多少)).{0,6}"
)
_LEAVE = re.compile(r"(?:我)?(?:要|想)?(?:取消排队|不排了|不等了|取消转人工|退出排队|不用人工了)(?:吧|了)?")
_BIND = re.compile(
    r"(?:我要|我想|怎么|如何|请|帮我)*(?:重新)?绑定(?:一下)?(?:商城|店铺)?(?:账号|账户|帐号|手机号|手机|会员)?(?:吧|吗)?"
)
_UNBIND = re.compile(
    r"(?:我要|我想|怎么|如何|请|帮我)*(?:解绑|解除绑定|取消绑定)(?:账号|账户|帐号|手机号|手机)?(?:吧|吗)?"
)
_NOTICES = re.compile(r"(开启|打开|关闭|取消|退订)(?:物流|包裹)?(?:提醒|通知)")
_VALUES = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}


def stars_in(text: str, *, bare: bool) -> int:
    """The stars that the whole text gives, 0 for none; a number alone counts only when `bare`."""
    plain = _plain(text)
    found = _STARS.fullmatch(plain)
    if found:
        return _VALUES.get(found[1]) or int(found[1])
    number = number_in(text, 0) if bare else None
    return number if number is not None and 1 <= number <= 5 else 0


def asks_place(text: str) -> bool:
    return bool(_PLACE.fullmatch(_plain(text)))


def leaves_line(text: str) -> bool:
    return bool(_LEAVE.fullmatch(_plain(text)))


def wants_binding(text: str) -> bool:
    return bool(_BIND.fullmatch(_plain(text)))


def wants_unbinding(text: str) -> bool:
    return bool(_UNBIND.fullmatch(_plain(text)))


def notices_wanted(text: str) -> bool | None:
    """True for 开启提醒, False for 关闭提醒 and 退订通知, None for anything else."""
    found = _NOTICES.fullmatch(_plain(text))
    return None if found is None else found[1] in {"开启", "打开"}


def _plain(text: str) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", text))

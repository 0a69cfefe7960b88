"""Facts that a shopper gives in his own words: an address, a day, a reason, how goods were sent. Pure."""

import re
from datetime import date, timedelta

from actions.asked import Asked
from actions.platforms.values import ReturnKind, ReturnReason

LONGEST = 200
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
TAX_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{15,20}(?![0-9A-Za-z])")
TRACKING = re.compile(r"(?<![0-9A-Za-z])(?=[0-9A-Za-z]*\d{6})[0-9A-Za-z]{8,24}(?![0-9A-Za-z])")
LINK = re.compile(r"https?://[^\s，。；]{4,480}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,60}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,10}")
_SIZE = re.compile(r"(?<!\d)\d{2}\s*码|[SMLX]{1,4}\s*码|.色(?:的|那)|换成|改成", re.IGNORECASE)
_COMPANY = re.compile(
    r"[\u4e00-\u9fffA-Za-z（）()·]{2,40}?(?:有限责任公司|股份有限公司|有限公司|集团公司|分公司|合作社|事务所|研究院|研究所|工作室|大学|医院|小学|中学|幼儿园|经营部|商行)"
)
_BEFORE_COMPANY = re.compile(
    r"^.*?(?:抬头(?:是|为|写)?|名称(?:是|为)?|公司名(?:叫|是)?|单位(?:是)?|开给|公司(?:叫|是)|开)(?=.{4})"
)
_PLACE = re.compile(
    r"省|市|自治区|区|县|镇|乡|村|街道|街|路|大道|巷|弄|号|栋|幢|座|楼|单元|室|小区|花园|大厦|广场|苑"
)
_TO = re.compile(
    r"(?:地址)?(?:改成|改为|改到|改送到|换成|换到|送到|寄到|发到|(?:收货|新)?地址(?:是|为|[:：]))\s*(.+)"
)
_LED_IN = re.compile(
    r"(?:改|换|送|寄|派|地址|帮|麻烦|不对|不是|错了).*?[\s，,:：到成为是]((?:[\u4e00-\u9fff]{2,7}(?:省|市|自治区|特别行政区)|[\u4e00-\u9fff]{2,6}(?:区|县)).+)$"
)
_ASIDE = re.compile(r"[，,。;；]?\s*(?:电话|手机号?|联系方式|备注|谢谢|收件人).*$")
_REMARK = re.compile(r"备注(?:一下|里?写上?|改成|改为|加上?)?[:：，,]?\s*(.{2,200})$")
_COUNT = re.compile(
    r"(?:改成|改为|变成|换成|要|买)\s*(\d{1,2}|[一二两三四五六七八九十])\s*(?:件|个|双|条|套|份|瓶|盒|台|包|本|支)"
)
_NUMERALS = {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_WEEKDAY = re.compile(r"(下)?(?:周|星期|礼拜)([一二三四五六日天])")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*[月/.-]\s*(\d{1,2})\s*[日号]?")
_DAY_ONLY = re.compile(r"(?<!\d)(\d{1,2})\s*[日号](?!楼|院|线|码)")
_ISO = re.compile(r"(20\d\d)-(\d\d)-(\d\d)")
_SOON = (
    ("大后天", 3),
    ("后天", 2),
    ("明天", 1),
    ("明日", 1),
    ("明早", 1),
    ("今天", 0),
    ("tomorrow", 1),
    ("today", 0),
)
_REASONS: tuple[tuple[str, ReturnReason], ...] = (
    (r"破损|破了|碎|压坏|压扁|摔坏|broken", "damaged"),
    (r"发错|少发|漏发|错发|少了|缺了|wrong item|missing", "wrong_goods"),
    (r"质量|坏|开胶|脱线|掉色|瑕疵|故障|失灵|充不进|不能用|没声音|异响|漏水|裂|起球|faulty|defect|quality", "quality"),
    (r"尺码|大小|偏大|偏小|太大|太小|大了|小了|不合身|不合适|颜色不|色差|size|colour|color", "wrong_size"),
    (r"不想要|不喜欢|不需要|用不上|后悔|拍错|买错|买多|多买|无理由|changed my mind", "no_reason"),
)  # fmt: skip
COURIERS = (
    ("顺丰", "顺丰|sf"),
    ("中通", "中通|zto"),
    ("圆通", "圆通|yto"),
    ("韵达", "韵达|yunda"),
    ("京东物流", "京东|jd"),
    ("EMS", "ems|邮政"),
)
_BY_NUMBER = (
    ("SF", "顺丰"),
    ("YT", "圆通"),
    ("JD", "京东物流"),
    ("78", "中通"),
    ("46", "韵达"),
    ("E", "EMS"),
)


def address_in(text: str) -> str:
    """An address that is named or is all there is; empty when there is none worth the name."""
    found = _TO.search(text) or _LED_IN.search(text)
    told = _ASIDE.sub("", PHONE.sub("", found.group(1) if found else text)).strip(" ，,。.;；:：")
    return told if 6 <= len(told) <= LONGEST and len(_PLACE.findall(told)) >= 2 else ""


def phone_in(text: str) -> str:
    found = PHONE.search(text)
    return found.group() if found else ""


def email_in(text: str) -> str:
    found = _EMAIL.search(text)
    return found.group() if found else ""


def tax_number_in(text: str) -> str:
    """In capitals; neither a phone number nor an order's 18 digits after 订单."""
    for found in TAX_NUMBER.finditer(text):
        before = text[max(found.start() - 4, 0) : found.start()]
        if not PHONE.fullmatch(found.group()) and "订单" not in before and "单号" not in before:
            return found.group().upper()
    return ""


def company_in(text: str) -> str:
    """A company's or institution's name, as invoices are made out to."""
    found = _COMPANY.search(text)
    return _BEFORE_COMPANY.sub("", found.group()) if found else ""


def remark_in(text: str) -> str:
    """What follows 备注, if anything worth noting does."""
    found = _REMARK.search(text)
    told = found.group(1).strip(" ：:，,。") if found else ""
    return "" if re.fullmatch(r"(?:一下|信息|内容|怎么|可以|吗|能|改|写|加|的|吧|呢|[?？])*", told) else told


def count_in(text: str) -> int:
    """How many pieces it is to be; 0 when not said."""
    found = _COUNT.search(text)
    if not found:
        return 0
    return int(found.group(1)) if found.group(1).isdigit() else _NUMERALS[found.group(1)]


def day_in(text: str, today: date) -> str:
    """The ISO day that is named, from today on; empty when none is, or when it is no day."""
    low = text.lower()
    for word, days in _SOON:
        if word in low:
            return (today + timedelta(days=days)).isoformat()
    found = _WEEKDAY.search(text)
    if found:
        wanted = "一二三四五六日".index(found.group(2).replace("天", "日"))
        ahead = (wanted - today.weekday()) % 7
        if found.group(1):
            ahead = 7 - today.weekday() + wanted
        return (today + timedelta(days=ahead)).isoformat()
    return _dated(text, today)


def _dated(text: str, today: date) -> str:
    iso, month_day, only = _ISO.search(text), _MONTH_DAY.search(text), _DAY_ONLY.search(text)
    try:
        if iso:
            return date(*(int(part) for part in iso.groups())).isoformat()
        if month_day:
            day = date(today.year, int(month_day.group(1)), int(month_day.group(2)))
            return (day if day >= today else day.replace(year=today.year + 1)).isoformat()
        if only:
            day = today.replace(day=int(only.group(1)))
            if day < today:
                day = (today.replace(day=1) + timedelta(days=32)).replace(day=int(only.group(1)))
            return day.isoformat()
    except ValueError:
        return ""
    return ""


def reason_in(text: str) -> ReturnReason | None:
    """Why something goes back, as the shop names it."""
    return next((reason for words, reason in _REASONS if re.search(words, text.lower())), None)


def says_something(text: str) -> bool:
    """Whether a fact stands in the words, by which an answer that was given may change."""
    day = day_in(text, date(2000, 1, 1))
    facts = (day, address_in(text), phone_in(text), email_in(text), company_in(text), tax_number_in(text))
    return any(facts) or bool(count_in(text) or _SIZE.search(text))


def kind_in(text: str) -> ReturnKind | None:
    if re.search(r"仅退款|只退款|不退货|refund only", text):
        return "refund_only"
    if re.search(r"换货|换一|换个|换成|换码|exchange", text):
        return "exchange"
    return "return" if re.search(r"退货|退了|退掉|想退|要退|return", text) else None


def courier_in(text: str) -> str:
    low = text.lower()
    return next((name for name, words in COURIERS if re.search(words, low)), "")


def tracking_in(asked: Asked) -> str:
    """A courier's number in the message, in capitals; an 18-digit order number is none."""
    given = asked.value("tracking_number")
    found = given or next((m.group() for m in TRACKING.finditer(asked.text)), "")
    return "" if found.isdigit() and len(found) in {11, 18} else found.upper()


def courier_of(number: str) -> str:
    """Whose number it looks like; empty when it could be anybody's."""
    return next((name for start, name in _BY_NUMBER if number.startswith(start)), "")


def links_in(text: str) -> tuple[str, ...]:
    """Addresses of pictures, at most nine."""
    return tuple(LINK.findall(text))[:9]

"""The measures of the supervisors' reports: pure sums over services and readings, each with its definition."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from statistics import quantiles
from zoneinfo import ZoneInfo

import msgspec

from bot.archive.services import Counted

# A customer who asks for the same within so long was not helped the first time.
REPEAT_MS = 72 * 3_600_000


class Value(msgspec.Struct, frozen=True):
    """A measure of one group: its value (None when nothing was measured) and of how many."""

    value: float | None
    n: int


class Measure(msgspec.Struct, frozen=True):
    """What is measured, in whose words, in which unit (`s`, `share`, `stars`, `count`)."""

    id: str
    zh: str
    en: str
    unit: str
    means_zh: str
    means_en: str
    of: Callable[[Sequence[Counted]], Value]


def _share(these: Iterable[bool]) -> Value:
    known = list(these)
    return Value(sum(known) / len(known) if known else None, len(known))


def _quantile(seconds: list[float], percent: int) -> Value:
    if not seconds:
        return Value(None, 0)
    if len(seconds) == 1:
        return Value(seconds[0], 1)
    return Value(quantiles(seconds, n=100, method="inclusive")[percent - 1], len(seconds))


def first_response(services: Sequence[Counted], percent: int) -> Value:
    """Seconds from being handed over to an agent's first word."""
    waited = [
        (one.first_word - one.handed) / 1000
        for one in services
        if one.handed and one.first_word >= one.handed
    ]
    return _quantile(waited, percent)


def resolution(services: Sequence[Counted]) -> Value:
    closed = [(one.closed - one.handed) / 1000 for one in services if one.closed and one.handed]
    return _quantile(closed, 50)


def involvement(services: Sequence[Counted]) -> Value:
    return _share(one.answers > 0 for one in services if one.said)


def bot_resolution(services: Sequence[Counted]) -> Value:
    return _share(not one.handed for one in services if one.said and one.answers)


def automation(services: Sequence[Counted]) -> Value:
    return _share(one.answers > 0 and not one.handed for one in services if one.said)


def misses(services: Sequence[Counted]) -> Value:
    read = sum(one.said for one in services)
    return Value(sum(one.misses for one in services) / read if read else None, read)


def satisfaction(services: Sequence[Counted]) -> Value:
    return _share(one.stars >= 4 for one in services if one.stars)


def stars(services: Sequence[Counted]) -> Value:
    rated = [one.stars for one in services if one.stars]
    return Value(sum(rated) / len(rated) if rated else None, len(rated))


def complaints(services: Sequence[Counted]) -> Value:
    return _share(one.complaint for one in services if one.said)


def repeats(services: Sequence[Counted]) -> Value:
    """Among services of known customers with a known matter: those that came again within 72 hours."""
    return _share(one.again for one in services if one.again is not None)


def volume(services: Sequence[Counted]) -> Value:
    return Value(float(len(services)), len(services))


MEASURES: tuple[Measure, ...] = (
    Measure("services", "服务量", "Services", "count", "客户发起的服务次数；双方 30 分钟无话或人工结束后再来算新的一次。", "Services begun by customers; after 30 silent minutes or an agent's closing, a new one begins.", volume),
    Measure("automation", "自动化率", "Automation rate", "share", "机器人答过且没有转人工的服务 ÷ 全部服务（＝参与率 × 独立解决率）。", "Services that the bot answered and nobody took over, of all (= involvement x resolution).", automation),
    Measure("involvement", "机器人参与率", "Bot involvement", "share", "机器人答过至少一句的服务 ÷ 全部服务。", "Services with at least one answer of the bot, of all.", involvement),
    Measure("bot_resolution", "机器人独立解决率", "Bot resolution", "share", "机器人答过的服务中没有转人工的比例。", "Of the services that the bot answered, those that nobody took over.", bot_resolution),
    Measure("misses", "没听懂的比例", "Fallback rate", "share", "机器人给出选项反问的消息 ÷ 客户的全部消息。", "Messages to which the bot could only ask back, of all messages of customers.", misses),
    Measure("first_response_p50", "人工首响 P50", "First human answer, P50", "s", "从转人工到客服第一句话，一半的客户不超过这个时间。", "From the hand-over to an agent's first word: half of the customers waited no longer.", lambda these: first_response(these, 50)),
    Measure("first_response_p90", "人工首响 P90", "First human answer, P90", "s", "从转人工到客服第一句话，九成的客户不超过这个时间。", "From the hand-over to an agent's first word: nine of ten customers waited no longer.", lambda these: first_response(these, 90)),
    Measure("resolution_p50", "人工处理时长 P50", "Time to close, P50", "s", "从转人工到结束服务的中位数。", "From the hand-over to the closing, median.", resolution),
    Measure("satisfaction", "满意度", "Satisfaction", "share", "评价中 4 星和 5 星的比例。", "Ratings with 4 or 5 stars, of all ratings.", satisfaction),
    Measure("stars", "平均星级", "Stars", "stars", "全部评价的平均星级。", "Mean of all ratings.", stars),
    Measure("complaints", "投诉率", "Complaint rate", "share", "被识别为投诉或以投诉转人工的服务 ÷ 全部服务。", "Services read as a complaint or handed over as one, of all.", complaints),
    Measure("repeats", "重复咨询率", "Repeat questions", "share", "已知客户 72 小时内又问同一件事的比例。", "Of services of known customers, those that asked for the same again within 72 hours.", repeats),
)  # fmt: skip
BY_ID = {measure.id: measure for measure in MEASURES}


GROUPS = ("day", "hour", "agent", "skill", "channel", "reason", "intent")


def grouped(
    services: Sequence[Counted], by: str, zone: ZoneInfo, period: tuple[int, int] | None = None
) -> dict[str, list[Counted]]:
    """The services by one of GROUPS, in order of the key; with a `period`, days and hours without any as well."""
    groups: dict[str, list[Counted]] = {key: [] for key in _every(by, zone, period)} if period else {}
    for one in services:
        groups.setdefault(_key(one, by, zone), []).append(one)
    return dict(sorted(groups.items()))


def day_of(moment: int, zone: ZoneInfo) -> str:
    """The date of a time (ms) where the shop is."""
    return datetime.fromtimestamp(moment / 1000, zone).strftime("%Y-%m-%d")


def _every(by: str, zone: ZoneInfo, period: tuple[int, int]) -> Iterable[str]:
    """The days of [since, until), or the hours of a day."""
    if by == "hour":
        return [f"{hour:02d}" for hour in range(24)]
    if by != "day":
        return []
    first, last = (datetime.fromtimestamp(at / 1000, zone).date() for at in (period[0], period[1] - 1))
    return [str(first + timedelta(days=ahead)) for ahead in range((last - first).days + 1)]


def _key(service: Counted, by: str, zone: ZoneInfo) -> str:
    match by:
        case "day":
            return day_of(service.began, zone)
        case "hour":
            return datetime.fromtimestamp(service.began / 1000, zone).strftime("%H")
        case "agent":
            return service.agent_name
        case "skill" | "channel" | "reason" | "intent":
            return str(getattr(service, by))
        case _:
            raise ValueError(by)

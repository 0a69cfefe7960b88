"""What is told to who writes the shop's own words: FAQ entries and canned replies."""

from bot.errors.root import XiaoerError


class NoSuchEntryError(XiaoerError):
    code, zh, en = "no_such_entry", "没有这条知识。", "There is no such entry."


class StaleEntryError(XiaoerError):
    """The entry, or its draft, is not as the caller believed."""

    code, zh, en = (
        "stale_entry",
        "别人刚刚改过这条，请看最新的内容再改。",
        "Somebody else has just changed this entry; look at it again.",
    )


class EntryIncompleteError(XiaoerError):
    """A draft with problems is not published; the check names them."""

    code, zh, en = (
        "entry_incomplete",
        "还不能发布：请先改好标出的地方。",
        "This can't be published yet: mend what is marked.",
    )


class WorkshopError(XiaoerError):
    """The FAQ's search can't be asked just now; what is written is kept."""

    code, zh, en = (
        "faq_unavailable",
        "知识库搜索暂时不可用，请稍后再试。",
        "The FAQ's search is unavailable; please try again shortly.",
    )


class NoSuchCannedError(XiaoerError):
    code, zh, en = "no_such_canned", "没有这条快捷回复。", "There is no such canned reply."


class StaleCannedError(StaleEntryError):
    code = "stale_canned"


class TooManyCannedError(XiaoerError):
    code, zh, en = (
        "too_many_canned",
        "快捷回复最多 500 条，请先删掉不用的。",
        "There are 500 canned replies already; delete some first.",
    )


class CannedTakenError(XiaoerError):
    """Another canned reply, called `title`, has this `field`: title, shortcut or text."""

    code = "canned_taken"

    def __init__(self, field: str, title: str, shortcut: str = "") -> None:
        super().__init__(field)
        self.zh, self.en = {
            "title": (f"已经有一条叫「{title}」的快捷回复。", f"There is a canned reply called “{title}”."),
            "shortcut": (
                f"快捷码 /{shortcut} 已经是「{title}」的。",
                f"The shortcut /{shortcut} belongs to “{title}”.",
            ),
            "text": (f"内容和「{title}」一样。", f"“{title}” says the same."),
        }[field]


class UnknownGapError(XiaoerError):
    """A canned reply has a variable that nothing fills."""

    code = "unknown_gap"

    def __init__(self, gap: str) -> None:
        super().__init__(gap)
        self.zh = f"没有 {gap} 这个变量，能用的是 {{客户}} {{订单号}} {{客服}}。"
        self.en = f"Nothing fills {gap}; there are {{customer}}, {{order}} and {{agent}}."

"""What the rules of a conversation and of its tickets forbid."""

from bot.errors.root import RefusedError, StaleError, XiaoerError


class NotReachableError(RefusedError):
    """A notice nobody asked for: the customer did not agree to it, or the platform lets nothing through now."""

    code, zh, en = (
        "not_reachable",
        "顾客没有同意接收，或渠道当前不能主动发送。",
        "The customer can't be told now.",
    )


class NotOwnerError(StaleError):
    code, zh, en = "not_owner", "这个会话现在不归您接待。", "This conversation is not yours now."


class TooLateError(StaleError):
    code, zh, en = (
        "too_late",
        "已超过 2 分钟，不能撤回了。",
        "More than two minutes ago: it can't be taken back.",
    )


class AlreadyOutError(StaleError):
    code, zh, en = (
        "already_out",
        "平台已经收到这条，收不回来了。",
        "The platform has it already: it can't be taken back.",
    )


class LostRaceError(XiaoerError):
    """A write was beaten by others again and again; safe to try again."""

    code, zh, en = "busy", "会话正忙，请重试。", "The conversation is busy; please try again."


class UnknownConversationError(XiaoerError):
    code, zh, en = "not_found", "没有这个会话。", "There is no such conversation."


class NoSuchEventError(XiaoerError):
    code, zh, en = "no_event", "没有这条消息。", "There is no such message."


class NoSuchTicketError(XiaoerError):
    code, zh, en = "no_such_ticket", "没有这张工单。", "There is no such ticket."


class TooManyTicketsError(RefusedError):
    code, zh, en = (
        "too_many_tickets",
        "这位客户还有 20 张未结工单，请先处理。",
        "This customer has 20 open tickets; work on those first.",
    )


class TooLongPutOffError(RefusedError):
    code, zh, en = (
        "too_long_put_off",
        "已到回访期限，不能再推迟。",
        "It is the last day to ask this customer: it can't be put off.",
    )

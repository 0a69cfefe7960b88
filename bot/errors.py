"""The whole error tree. An error carries a code for programs and a sentence for the reader."""


class XiaoerError(Exception):
    """Everything that goes wrong by name; `code` is stable, `zh` and `en` are what a person is told."""

    code = "error"
    zh = "出了点问题，请稍后再试。"
    en = "Something went wrong, please try again."

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.en)

    def told(self, lang: str) -> str:
        """The sentence for a reader of `lang` ("zh-CN", "en" …)."""
        return self.en if lang.startswith("en") else self.zh


class SetupError(XiaoerError):
    """The installation can't run as it is configured; the detail says what to do."""

    code = "setup"


# What a shopper's message can be refused for, before it is accepted.


class RefusedError(XiaoerError):
    """Not accepted: nothing was written."""

    retry = False


class EmptyTextError(RefusedError):
    code, zh, en = "empty", "请先输入内容再发送。", "Please type something first."


class TooLongError(RefusedError):
    code, zh, en = (
        "too_long",
        "消息太长了，请分成几条发送（每条最多 2000 字）。",
        ("This message is too long; please split it (2,000 characters at most)."),
    )


class BadFrameError(RefusedError):
    code, zh, en = (
        "bad_frame",
        "消息格式不对，请刷新页面后重试。",
        "Malformed message; please reload the page.",
    )


class BadKindError(RefusedError):
    code, zh, en = "bad_kind", "暂不支持这种消息。", "This kind of message is not supported."


class TooLargeError(RefusedError):
    code, zh, en = "too_large", "文件太大了，最多 10 MB。", "This file is too large (10 MB at most)."


class BadFileError(RefusedError):
    """By its first bytes it is nothing that we keep, whatever it is called."""

    code = "bad_file"
    zh = "只能发 PNG、JPEG、GIF、WebP 图片和 PDF 文件。"
    en = "Only PNG, JPEG, GIF and WebP pictures and PDF files can be sent."


class NoFilesThereError(RefusedError):
    code = "no_files_there"
    zh = "这位客户的渠道收不了文件，请改发图片或文字。"
    en = "This customer's channel takes no files; send a picture or text instead."


class NoSuchFileError(RefusedError):
    code = "no_such_file"
    zh = "这个文件没有上传成功，请重新选择再发。"
    en = "This file was not uploaded; please choose it again."


class NotOfferedError(RefusedError):
    code, zh, en = (
        "not_offered",
        "这个选项已失效，请重新选择或直接输入问题。",
        ("That choice is no longer on offer; pick again or type your question."),
    )


class NothingToRateError(RefusedError):
    code, zh, en = "nothing_to_rate", "当前没有可以评价的服务。", "There is no service to rate right now."


class TooFastError(RefusedError):
    code, zh, en = "too_fast", "发送太快了，请稍等几秒再发。", "Too fast; please wait a few seconds."
    retry = True

    def __init__(self, detail: str = "", after_s: float = 0) -> None:
        super().__init__(detail)
        self.after_s = after_s


class OverloadedError(RefusedError):
    code, zh, en = (
        "overloaded",
        "当前咨询人数较多，请稍后再试。",
        "We are very busy; please try again shortly.",
    )
    retry = True

    def __init__(self, detail: str = "", after_s: float = 3) -> None:
        super().__init__(detail)
        self.after_s = after_s


class UnavailableError(RefusedError):
    code, zh, en = (
        "unavailable",
        "服务暂时不可用，消息未发送，稍后会自动重试。",
        ("The service is unavailable; your message was not sent and will be retried."),
    )
    retry = True


class CallbackRefusedError(RefusedError):
    """A call that is not the platform's: unsigned, forged, stale, or for another app. The detail says which."""

    code, zh, en = "callback_refused", "回调未通过校验。", "This call is not from the platform."


# What the rules of a conversation forbid.


class NotReachableError(RefusedError):
    """A notice nobody asked for: the customer did not agree to it, or the platform lets nothing through now."""

    code, zh, en = (
        "not_reachable",
        "顾客没有同意接收，或渠道当前不能主动发送。",
        "The customer can't be told now.",
    )


class StaleError(XiaoerError):
    """Somebody else was first: the conversation is not as the caller believed."""

    code, zh, en = "stale", "会话状态已变化，请查看最新情况。", "The conversation has changed; look again."


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


class NotOwnerError(StaleError):
    code, zh, en = "not_owner", "这个会话现在不归您接待。", "This conversation is not yours now."


class NotAllowedError(XiaoerError):
    code, zh, en = "forbidden", "您没有权限这样做。", "You are not allowed to do that."


class FactorMissingError(NotAllowedError):
    """Everybody here must have a second factor, and this agent has not set his up yet."""

    code, zh, en = (
        "factor_missing",
        "请先开启动态口令，再继续工作。",
        "Set up two-step sign-in first, then go on.",
    )


class UnknownConversationError(XiaoerError):
    code, zh, en = "not_found", "没有这个会话。", "There is no such conversation."


class NoSuchCallError(XiaoerError):
    code, zh, en = (
        "no_call",
        "没有这个接口，或请求方法不对。",
        "There is no such call, or not by this method.",
    )


class NoSuchAgentError(XiaoerError):
    code, zh, en = "no_agent", "没有这位客服，或已停用。", "There is no such agent."


class NoSuchReadingError(XiaoerError):
    code, zh, en = "no_such_reading", "机器人没有读过这条消息。", "The bot has not read this message."


class BusyTeachingError(XiaoerError):
    code, zh, en = (
        "busy_teaching",
        "机器人正在训练，请等这次结束。",
        "The bot is being trained; wait for its end.",
    )


class NothingTaughtError(XiaoerError):
    code, zh, en = "nothing_taught", "还没有教过新的消息。", "Nothing was taught yet."


class NothingTrainedError(XiaoerError):
    code, zh, en = (
        "nothing_trained",
        "没有等待发布的模型，请先训练。",
        "No model waits to be published; train one first.",
    )


class TooFewTaughtError(NothingTaughtError):
    """All of it is of conversations that would be taught from, or all of such as are measured on."""

    code, zh, en = (
        "too_few_taught",
        "教得还太少：要有十来个不同会话的消息，才能留出几个来比较好坏。",
        "Too little was taught: it takes some ten conversations, so that a few can be kept to compare on.",
    )


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


class NoSuchHookError(XiaoerError):
    code, zh, en = (
        "no_such_hook",
        "没有这个对接，或它由配置文件管理。",
        "There is no such webhook, or the operator's file has it.",
    )


class HookTakenError(XiaoerError):
    code, zh, en = "hook_taken", "这个名字已经有了。", "There is a webhook of this name."


class HookAddressError(XiaoerError):
    code, zh, en = (
        "hook_address",
        "地址要像 https://crm.example/xiaoer 这样。",
        "The address must be like https://crm.example/xiaoer.",
    )


class WorkshopError(XiaoerError):
    """The FAQ's search can't be asked just now; what is written is kept."""

    code, zh, en = (
        "faq_unavailable",
        "知识库搜索暂时不可用，请稍后再试。",
        "The FAQ's search is unavailable; please try again shortly.",
    )


class NoSuchTicketError(XiaoerError):
    code, zh, en = "no_such_ticket", "没有这张工单。", "There is no such ticket."


class NoSuchEventError(XiaoerError):
    code, zh, en = "no_event", "没有这条消息。", "There is no such message."


class BadCallError(XiaoerError):
    """A call that is not as docs/wire.md says."""

    code, zh, en = "bad_call", "请求格式不对。", "Malformed request."


# Who is asking.


class IdentityError(XiaoerError):
    """A token is missing, forged or expired."""

    code, zh, en = "identity", "登录信息无效或已过期，请重新登录。", "Please sign in again."


class SignInError(IdentityError):
    code, zh, en = "sign_in", "用户名或密码不对。", "Wrong name or password."


class LockedOutError(IdentityError):
    """Too many wrong passwords, or too many tries from one place; `after_s` says how long to wait."""

    code, zh, en = "locked", "尝试次数过多，请稍后再登录。", "Too many tries; please wait and sign in again."

    def __init__(self, detail: str = "", after_s: int = 60) -> None:
        super().__init__(detail)
        self.after_s = after_s


class CodeWantedError(IdentityError):
    """The password was right; a code of the second factor is wanted as well."""

    code, zh, en = "code_wanted", "请输入动态口令。", "Type the code of your authenticator app."


class WrongCodeError(IdentityError):
    """No code of now, or one that was used before."""

    code, zh, en = "wrong_code", "动态口令不对，或已用过。", "This code is wrong, or was used before."


# What an account can be refused for.


class AccountError(XiaoerError):
    """The account was not added or changed."""


class BadNameError(AccountError):
    code, zh, en = (
        "bad_name",
        "用户名须为 2 到 64 个字母、数字、汉字或 . _ - @。",
        "A name has 2 to 64 letters, digits or . _ - @.",
    )


class NameTakenError(AccountError):
    code, zh, en = "name_taken", "这个用户名已被使用。", "This name is taken."


class WeakPasswordError(AccountError):
    code, zh, en = (
        "weak_password",
        "密码至少 8 个字符，且不能与用户名相同。",
        "A password has at least 8 characters and is not the name.",
    )


class NotProvenError(AccountError):
    """Somebody signed in, but his password or his code was not right now."""

    code, zh, en = "not_proven", "密码或动态口令不对。", "Wrong password or code."


class FactorIsSetError(AccountError):
    code, zh, en = "factor_is_set", "动态口令已开启。", "Two-step sign-in is on already."


class NoFactorError(AccountError):
    code, zh, en = "no_factor", "动态口令还没有开启。", "Two-step sign-in is not on."


class FactorIsWantedError(AccountError):
    code, zh, en = (
        "factor_is_wanted",
        "主管要求所有人使用动态口令，不能关闭。",
        "Two-step sign-in is required of everybody here.",
    )


class UnknownAgentError(AccountError):
    code, zh, en = "unknown_agent", "没有这个客服账号。", "There is no such agent."


# What we depend on.


class ArchiveUnavailableError(XiaoerError):
    """SQL does not answer; what was accepted is safe in the log."""

    code, zh, en = (
        "archive_unavailable",
        "数据库暂时不可用，请稍后再试。",
        "The database is unavailable; please try again shortly.",
    )


class LogUnavailableError(XiaoerError):
    """Redis does not answer: nothing can be accepted."""

    code, zh, en = UnavailableError.code, UnavailableError.zh, UnavailableError.en


class ChannelError(XiaoerError):
    """A platform refuses a call of ours, or can't be reached; `zh` and `en` are told to people, in its words."""

    code = "channel"

    def __init__(self, zh: str, en: str, *, retryable: bool = False) -> None:
        super().__init__(zh)
        self.zh, self.en, self.retryable = zh, en, retryable


class NobodyThereError(XiaoerError):
    """No process of ours holds what was asked for; nothing was done."""

    code, zh, en = "nobody_there", "没有进程连接着它。", "No process is connected to it."


class NoAnswerError(XiaoerError):
    """It was asked and did not answer in time: it may have been done or not."""

    code, zh, en = (
        "no_answer",
        "对方没有及时答复，结果未知。",
        "There was no answer in time; the outcome is unknown.",
    )


class LostRaceError(XiaoerError):
    """A write was beaten by others again and again; safe to try again."""

    code, zh, en = "busy", "会话正忙，请重试。", "The conversation is busy; please try again."


class FelledError(XiaoerError):
    """Whoever handled it died of it, each time; nobody tries again."""

    code = "felled"


class BrainError(XiaoerError):
    """Rasa could not make a turn of this message."""

    code = "brain"


class NoModelError(BrainError):
    """There is no trained model, or it can't be read."""

    code = "no_model"


class RefusedModelError(BrainError):
    """A model that must not be opened, or that can't take the place of the one at work; the detail says why."""

    code = "refused_model"

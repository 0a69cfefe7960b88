"""What a customer's message, or a platform's call with one in it, is refused for: nothing was accepted."""

from bot.errors.root import RefusedError


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

"""A part that we depend on is away, or fails: Redis, SQL, a platform, another process, the model."""

from bot.errors.message import UnavailableError
from bot.errors.root import XiaoerError


class LogUnavailableError(XiaoerError):
    """Redis does not answer: nothing can be accepted."""

    code, zh, en = UnavailableError.code, UnavailableError.zh, UnavailableError.en


class ArchiveUnavailableError(XiaoerError):
    """SQL does not answer; what was accepted is safe in the log."""

    code, zh, en = (
        "archive_unavailable",
        "数据库暂时不可用，请稍后再试。",
        "The database is unavailable; please try again shortly.",
    )


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

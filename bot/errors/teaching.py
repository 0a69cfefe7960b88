"""What supervisors who teach the bot are told: its readings, lessons and models."""

from bot.errors.root import XiaoerError


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

"""The root of the tree, and the limbs that stand in several rooms."""


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


class RefusedError(XiaoerError):
    """Not accepted: nothing was written."""

    retry = False


class StaleError(XiaoerError):
    """Somebody else was first: the conversation is not as the caller believed."""

    code, zh, en = "stale", "会话状态已变化，请查看最新情况。", "The conversation has changed; look again."

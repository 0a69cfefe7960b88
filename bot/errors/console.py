"""What a call of the console is refused for, whatever it is about."""

from bot.errors.root import XiaoerError


class BadCallError(XiaoerError):
    """A call that is not as docs/wire.md says."""

    code, zh, en = "bad_call", "请求格式不对。", "Malformed request."


class NoSuchCallError(XiaoerError):
    code, zh, en = (
        "no_call",
        "没有这个接口，或请求方法不对。",
        "There is no such call, or not by this method.",
    )


class NotAllowedError(XiaoerError):
    code, zh, en = "forbidden", "您没有权限这样做。", "You are not allowed to do that."


class NoSuchAgentError(XiaoerError):
    code, zh, en = "no_agent", "没有这位客服，或已停用。", "There is no such agent."


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

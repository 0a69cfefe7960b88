"""Who is asking, and what an account can be refused for."""

from bot.errors.console import NotAllowedError
from bot.errors.root import XiaoerError


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


class FactorMissingError(NotAllowedError):
    """Everybody here must have a second factor, and this agent has not set his up yet."""

    code, zh, en = (
        "factor_missing",
        "请先开启动态口令，再继续工作。",
        "Set up two-step sign-in first, then go on.",
    )


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

"""What `xiaoer channels check` says: one line for each thing that was tried."""

import aiohttp
import msgspec

from bot.errors import ChannelError, LogUnavailableError


class Check(msgspec.Struct, frozen=True):
    """`name` is the channel and what was tried; `zh` and `en` say how it is, and what to do when it is not `ok`."""

    name: str
    ok: bool
    zh: str
    en: str


_WHYS: tuple[tuple[type[Exception], str, str], ...] = (
    (aiohttp.ClientConnectorDNSError, "连不上，域名解析不到", "can't be reached: its name is not known"),
    (aiohttp.ClientSSLError, "连不上，证书有问题", "can't be reached: its certificate is not accepted"),
    (
        aiohttp.ClientConnectorError,
        "连不上，连接被拒绝或网络不通",
        "can't be reached: the connection is refused",
    ),
    (TimeoutError, "连不上，等不到回答", "can't be reached: it does not answer in time"),
    (aiohttp.ClientPayloadError, "回答读不懂", "can't be understood"),
)


def why_unreachable(error: Exception) -> tuple[str, str]:
    """What went wrong on the way, in Chinese and in English."""
    found = ((zh, en) for kind, zh, en in _WHYS if isinstance(error, kind))
    return next(found, ("连不上，连接中断", "can't be reached: the connection broke"))


def unreachable(name: str, address: str, error: Exception) -> Check:
    """The row of a callback whose own address does not answer."""
    zh, en = why_unreachable(error)
    return Check(
        name,
        ok=False,
        zh=f"{address} {zh}。网关在运行吗？XIAOER_PUBLIC_URL 对吗？",
        en=f"{address} {en}. Does the gateway run, is XIAOER_PUBLIC_URL right?",
    )


def refused(name: str, error: ChannelError | LogUnavailableError) -> Check:
    """The row of a call that the platform did not grant, or for which we lack our own Redis."""
    if isinstance(error, ChannelError):
        return Check(name, ok=False, zh=error.zh, en=error.en)
    zh, en = "我们自己的 Redis 连不上：看看 REDIS_URL", "our own Redis can't be reached: look at REDIS_URL"
    return Check(name, ok=False, zh=zh, en=en)

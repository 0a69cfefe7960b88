"""What `xiaoer channels check` says: one line for each thing that was tried."""

import msgspec


class Check(msgspec.Struct, frozen=True):
    """`name` is the channel and what was tried; `zh` and `en` say how it is, and what to do when it is not `ok`."""

    name: str
    ok: bool
    zh: str
    en: str


def unreachable(name: str, address: str, error: Exception) -> Check:
    """The row of a callback whose own address does not answer."""
    return Check(
        name,
        ok=False,
        zh=f"{address} 连不上（{type(error).__name__}）：网关在运行吗？XIAOER_PUBLIC_URL 对吗？",
        en=f"{address} can't be reached: does the gateway run, is XIAOER_PUBLIC_URL right?",
    )

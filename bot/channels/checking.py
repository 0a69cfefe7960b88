"""What `xiaoer channels check` says: one line for each thing that was tried."""

import msgspec


class Check(msgspec.Struct, frozen=True):
    """`name` is the channel and what was tried; `zh` and `en` say how it is, and what to do when it is not `ok`."""

    name: str
    ok: bool
    zh: str
    en: str

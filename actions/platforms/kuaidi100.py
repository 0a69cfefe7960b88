"""Where a parcel is, by Kuaidi100's real-time query (poll.kuaidi100.com/poll/query.do)."""

import hashlib
from datetime import datetime, timedelta, timezone
from typing import Literal
from urllib.parse import urlencode

import msgspec

from actions.platforms import values
from actions.platforms.base import NotFound, PlatformBusy, PlatformDenied, PlatformDown, PlatformGarbage
from actions.platforms.client import Call, Client, decoded

CHINA = timezone(timedelta(hours=8))
ADDRESS = "https://poll.kuaidi100.com"
COURIERS = {
    "顺丰": "shunfeng", "中通": "zhongtong", "圆通": "yuantong", "韵达": "yunda", "申通": "shentong",
    "京东物流": "jd", "EMS": "ems", "邮政": "youzhengguonei", "极兔": "jtexpress", "德邦": "debangwuliu",
}  # fmt: skip
"""What Kuaidi100 calls the couriers; a courier that is not here is asked for by its own name."""
State = Literal["collected", "in_transit", "out_for_delivery", "signed", "returned"]
STATES: dict[str, tuple[State, str]] = {
    "0": ("in_transit", "运输中"),
    "1": ("collected", "已揽收"),
    "2": ("in_transit", "疑难件"),
    "3": ("signed", "已签收"),
    "4": ("returned", "退签"),
    "5": ("out_for_delivery", "派送中"),
    "6": ("returned", "退回中"),
    "7": ("in_transit", "转单"),
    "10": ("in_transit", "待清关"),
    "11": ("in_transit", "清关中"),
    "12": ("in_transit", "已清关"),
    "13": ("in_transit", "清关异常"),
    "14": ("returned", "收件人拒签"),
}


class Kuaidi100Account(msgspec.Struct, frozen=True):
    """`customer` and `key` are from the enterprise page of Kuaidi100."""

    customer: str
    key: str
    url: str = ADDRESS


class Tracked(msgspec.Struct, frozen=True):
    """What the courier says, newest event first; `troubled` when the courier itself names a difficulty."""

    state: State
    state_text: str
    events: tuple[values.TrackingEvent, ...]
    troubled: bool


class _Event(msgspec.Struct, frozen=True):
    time: str
    context: str
    areaName: str | None = None  # noqa: N815 - theirs


class _Told(msgspec.Struct, frozen=True):
    status: str = ""
    message: str = ""
    state: str = ""
    data: tuple[_Event, ...] = ()
    returnCode: str = ""  # noqa: N815


class Kuaidi100:
    """Asks with the account's signature; the answer is not signed, so only TLS vouches for it."""

    name = "kuaidi100"

    def __init__(self, account: Kuaidi100Account, client: Client) -> None:
        self._account = account
        self._client = client

    async def track(self, courier: str, tracking_number: str, phone: str = "") -> Tracked:
        """The parcel's way. `phone`: the last four digits of sender or receiver, which 顺丰 and 中通 ask for.

        Raises NotFound while nothing is known of the parcel.
        """
        asked = {
            "com": COURIERS.get(courier, courier),
            "num": tracking_number,
            "resultv2": "4",
            "order": "desc",
        }
        if phone:
            asked["phone"] = phone[-4:]
        param = msgspec.json.encode(asked).decode()
        account = self._account
        # MD5 is the interface's own choice.
        sign = hashlib.md5(f"{param}{account.key}{account.customer}".encode(), usedforsecurity=False)
        form = urlencode({"customer": account.customer, "sign": sign.hexdigest().upper(), "param": param})
        call = Call(
            "track", "POST", f"{account.url}/poll/query.do",
            {"Content-Type": "application/x-www-form-urlencoded"}, form.encode(),
        )  # fmt: skip
        answer = await self._client.send(lambda: call, again=True)
        return _read(decoded(_Told, answer.body))

    async def close(self) -> None:
        await self._client.close()


def _read(told: _Told) -> Tracked:
    match told.returnCode or told.status:
        case "200" | "":
            pass
        case "500" | "400" | "408":  # nothing known; incomplete (which is: a phone is missing); wrong phone
            raise NotFound("parcel")
        case "503" | "601" | "401":  # signature; key expired; account
            raise PlatformDenied(told.returnCode or told.status)
        case "502" | "505":
            raise PlatformBusy(told.returnCode or told.status)
        case "501":
            raise PlatformDown("501")
        case _:
            raise PlatformGarbage("kuaidi100")
    # With resultv2 a state may be finer, such as 501: its first digits say what the coarse one says.
    code = (
        told.state if told.state in STATES else told.state[:2] if told.state[:2] in STATES else told.state[:1]
    )
    if code not in STATES:
        raise PlatformGarbage("state")
    state, text = STATES[code]
    events = tuple(values.TrackingEvent(_time(e.time), e.context, e.areaName or "") for e in told.data)
    return Tracked(
        state, text, tuple(sorted(events, key=lambda e: e.time, reverse=True)), code in {"2", "13"}
    )


def _time(text: str) -> datetime:
    # Their clocks are Chinese and do not say so.
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError as error:
        raise PlatformGarbage("time") from error

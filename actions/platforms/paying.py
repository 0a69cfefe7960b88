"""What a payment provider is asked, whichever it is, and how it answers. Money is in fen."""

from datetime import datetime
from typing import Literal, Protocol

import msgspec

from actions.platforms.base import Refused


class Charge(msgspec.Struct, frozen=True):
    """What the provider knows of a payment; `trade` is its own number, `paid_at` None unless it succeeded."""

    payment: str
    trade: str
    state: Literal["pending", "succeeded", "failed", "refunded"]
    amount_fen: int
    paid_at: datetime | None


class GivenBack(msgspec.Struct, frozen=True):
    """A refund at the provider; `processing` until the provider itself says that it arrived."""

    number: str
    state: Literal["processing", "arrived", "failed"]
    amount_fen: int
    route: str
    arrived_at: datetime | None


class Repayment(msgspec.Struct, frozen=True):
    """Which payment (by the shop's number), how much of its total, under which number of ours, and why.

    The provider refunds a `number` once, however often it is sent.
    """

    payment: str
    number: str
    amount_fen: int
    total_fen: int
    reason: str

    def __post_init__(self) -> None:
        """Refuses what no provider could do."""
        if not 0 < self.amount_fen <= self.total_fen:
            raise Refused("bad_amount", "退款金额不正确，请联系人工客服。")


class Provider(Protocol):
    """WeChat Pay, Alipay …; every method may raise any PlatformError."""

    async def charge(self, payment: str) -> Charge: ...
    async def refund(self, wish: Repayment) -> GivenBack: ...
    async def refunded(self, payment: str, number: str) -> GivenBack: ...
    async def close(self) -> None: ...

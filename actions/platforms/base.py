"""What every platform must be able to do for the customer who is signed in, and how it may fail."""

from typing import Protocol

import msgspec

from actions.platforms.values import (
    Case,
    CaseKind,
    Coupon,
    Done,
    Eligibility,
    Invoice,
    Order,
    OrderSummary,
    Payment,
    Points,
    Product,
    Refund,
    Return,
    ReturnKind,
    ReturnReason,
    Shipment,
)


class PlatformError(Exception):
    """Everything that keeps a shop from answering as asked."""


class PlatformDown(PlatformError):  # noqa: N818 - named as a person would say it
    """It can't be reached, or says itself that it is broken."""


class PlatformDenied(PlatformDown):
    """It does not accept our key: nothing that trying again would mend."""


class PlatformSlow(PlatformError):  # noqa: N818
    """It did not answer in time."""


class PlatformGarbage(PlatformError):  # noqa: N818
    """It answered something that is not what was agreed."""


class NotFound(PlatformError):  # noqa: N818
    """Not there, or not this customer's: the two can't be told apart, on purpose."""


class Refused(PlatformError):  # noqa: N818
    """The shop won't; `message` is its sentence to the customer in Chinese."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class OrderChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be different about an order; an empty field stays as it is."""

    address: str = ""
    phone: str = ""
    remark: str = ""


class DeliveryChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a parcel is to be delivered: `later` on an ISO `date`, or to a `pickup_point`."""

    option: str
    date: str = ""


class ReturnWish(msgspec.Struct, frozen=True, omit_defaults=True):
    item: str
    kind: ReturnKind
    reason: ReturnReason
    new_spec: str = ""


class InvoiceWish(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: str
    title: str
    tax_number: str = ""


class Platform(Protocol):
    """A shop. `customer` is the id that the signed session names, never one from a text.

    Whatever changes something takes a `key`: the same key does it once however often it is sent.
    Every method may raise any `PlatformError`.
    """

    async def products(self, words: str, size: int = 5) -> tuple[Product, ...]: ...
    async def product(self, product_id: str) -> Product: ...
    async def coupons(self, customer: str) -> tuple[Coupon, ...]: ...
    async def points(self, customer: str) -> Points: ...
    async def orders(self, customer: str, words: str = "", size: int = 20) -> tuple[OrderSummary, ...]: ...
    async def order(self, customer: str, number: str) -> Order: ...
    async def payments(self, customer: str, number: str = "", problem: str = "") -> tuple[Payment, ...]: ...
    async def shipments(self, customer: str, number: str) -> tuple[Shipment, ...]: ...
    async def shipment(self, customer: str, tracking_number: str) -> Shipment: ...
    async def cases(self, customer: str, number: str) -> tuple[Case, ...]: ...
    async def eligibility(self, customer: str, number: str) -> Eligibility: ...
    async def returns(self, customer: str, number: str = "") -> tuple[Return, ...]: ...
    async def refunds(self, customer: str, number: str = "") -> tuple[Refund, ...]: ...
    async def invoice(self, customer: str, number: str) -> Invoice: ...

    async def cancel(self, customer: str, number: str, key: str) -> Done: ...
    async def urge(self, customer: str, number: str, key: str) -> Done: ...
    async def modify(self, customer: str, number: str, change: OrderChange, key: str) -> Done: ...
    async def protect_price(self, customer: str, number: str, item: str, key: str) -> Done: ...
    async def refund_payment(self, customer: str, payment: str, key: str) -> Done: ...
    async def change_delivery(
        self, customer: str, tracking_number: str, change: DeliveryChange, key: str
    ) -> Done: ...
    async def open_case(self, customer: str, parcel: tuple[str, str], kind: CaseKind, key: str) -> Done:
        """Has the desk look into a parcel, named by its order and tracking numbers."""
        ...

    async def apply_return(self, customer: str, number: str, wish: ReturnWish, key: str) -> Done: ...
    async def withdraw_return(self, customer: str, return_id: str, key: str) -> Done: ...
    async def request_invoice(self, customer: str, number: str, wish: InvoiceWish, key: str) -> Done: ...
    async def resend_invoice(self, customer: str, number: str, key: str) -> Done: ...
    async def close(self) -> None: ...

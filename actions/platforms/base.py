"""What every platform does for the customer who is signed in, and how it may fail (docs/platforms/README.md)."""
# ruff: noqa: ARG002 - what a shop lacks takes its arguments only to refuse

import msgspec

from actions.platforms import aftercare, values
from actions.platforms.capabilities import OF_DELIVERY, OF_MODIFY, Capability

C = Capability


class PlatformError(Exception):
    """Everything that keeps a shop from answering as asked."""


class PlatformDown(PlatformError):  # noqa: N818 - named as a person would say it
    """It can't be reached, or says itself that it is broken."""


class PlatformBusy(PlatformDown):
    """It asks us to come back later; trying again at once would make it worse."""


class PlatformDenied(PlatformDown):
    """It does not accept our key: nothing that trying again would mend."""


class PlatformSlow(PlatformError):  # noqa: N818
    """It did not answer in time; what was asked for may have happened."""


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


class KeyReused(Refused):
    """The key was used for something else before; nothing was done."""

    def __init__(self, message: str = "这个操作的编号已经用过，请重新发起。") -> None:
        super().__init__("key_reused", message)


class Unsupported(PlatformError):  # noqa: N818
    """The shop has no such thing; it never declared that it had."""

    def __init__(self, capability: Capability) -> None:
        super().__init__(capability)
        self.capability = capability


class OrderChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be different about an order; an empty field stays as it is.

    `spec` and `quantity` are of the `item`; a quantity of 0 stays as it is.
    """

    recipient: str = ""
    address: str = ""
    phone: str = ""
    remark: str = ""
    item: str = ""
    spec: str = ""
    quantity: int = 0


class DeliveryChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a parcel comes instead: `later` on an ISO `date`, to a `pickup_point`, or to another `address`."""

    option: str
    date: str = ""
    address: str = ""
    note: str = ""


class ReturnWish(msgspec.Struct, frozen=True, omit_defaults=True):
    """`photos` are addresses of pictures that the customer sent."""

    item: str
    kind: values.ReturnKind
    reason: values.ReturnReason
    new_spec: str = ""
    quantity: int = 1
    description: str = ""
    photos: tuple[str, ...] = ()


class SendBack(msgspec.Struct, frozen=True):
    """How the goods of a return come back by the customer's own courier."""

    courier: str
    tracking_number: str


class Pickup(msgspec.Struct, frozen=True, omit_defaults=True):
    """When a courier fetches the goods of a return: an ISO `day` and a `slot` such as 09:00-12:00."""

    day: str
    slot: str = ""


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the customer tells and shows; `photos` are addresses of pictures that he sent."""

    description: str = ""
    photos: tuple[str, ...] = ()


NO_EVIDENCE = Evidence()


class InvoiceWish(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: str
    title: str
    tax_number: str = ""
    email: str = ""


class TicketWish(msgspec.Struct, frozen=True, omit_defaults=True):
    """What people are to look into. `order` is empty when it is about none; `day` is the ISO day of a visit.

    `amount_fen` is what the customer would like, 0 when he did not say.
    """

    kind: aftercare.TicketKind
    text: str
    order: str = ""
    day: str = ""
    amount_fen: int = 0
    photos: tuple[str, ...] = ()


class Platform:
    """A shop. `customer` is the id that the signed session names, never one from a text.

    A platform overrides what it can do and declares it in `capabilities`; the rest refuses with
    Unsupported. Lists are newest first, in pages of `size` from page 1; a page beyond the end is empty.
    Whatever changes something takes a `key` of 1-128 characters: the same key does it once however often
    it is sent, and with something else raises KeyReused. Every method may raise any PlatformError; what is
    raised after a change was sent leaves open whether it happened, except Refused and NotFound.
    """

    name: str = ""
    capabilities: frozenset[Capability] = frozenset()

    def offers(self, *wanted: Capability) -> bool:
        """Whether the shop can do all of this."""
        return self.capabilities.issuperset(wanted)

    def insist_on_change(self, change: OrderChange) -> None:
        """Refuses a change of what the shop can't change."""
        for field, capability in OF_MODIFY.items():
            if getattr(change, field) and not self.offers(C.MODIFY, capability):
                raise Unsupported(capability)

    def insist_on_delivery(self, change: DeliveryChange) -> None:
        """Refuses a delivery that the shop can't arrange."""
        capability = OF_DELIVERY.get(change.option, C.CHANGE_DELIVERY)
        if not self.offers(C.CHANGE_DELIVERY, capability):
            raise Unsupported(capability)

    async def products(self, words: str, size: int = 5) -> tuple[values.Product, ...]:
        raise Unsupported(C.PRODUCTS)

    async def product(self, product_id: str) -> values.Product:
        raise Unsupported(C.PRODUCT)

    async def member(self, customer: str) -> values.Member:
        raise Unsupported(C.MEMBER)

    async def coupons(self, customer: str, state: str = "usable") -> tuple[values.Coupon, ...]:
        """Those that are `usable`, `used` or `expired`; all when `state` is empty."""
        raise Unsupported(C.COUPONS)

    async def points(self, customer: str) -> values.Points:
        raise Unsupported(C.POINTS)

    async def orders(
        self, customer: str, words: str = "", size: int = 20, page: int = 1
    ) -> tuple[values.OrderSummary, ...]:
        raise Unsupported(C.ORDERS)

    async def order(self, customer: str, number: str) -> values.Order:
        raise Unsupported(C.ORDER)

    async def payments(
        self, customer: str, number: str = "", problem: str = ""
    ) -> tuple[values.Payment, ...]:
        """`problem`: only those `failed`, `duplicate` or `without_order`."""
        raise Unsupported(C.PAYMENTS)

    async def shipments(self, customer: str, number: str) -> tuple[values.Shipment, ...]:
        raise Unsupported(C.SHIPMENTS)

    async def shipment(self, customer: str, tracking_number: str) -> values.Shipment:
        raise Unsupported(C.SHIPMENT)

    async def cases(self, customer: str, number: str) -> tuple[values.Case, ...]:
        raise Unsupported(C.CASES)

    async def eligibility(self, customer: str, number: str) -> values.Eligibility:
        raise Unsupported(C.ELIGIBILITY)

    async def returns(self, customer: str, number: str = "") -> tuple[values.Return, ...]:
        raise Unsupported(C.RETURNS)

    async def refunds(self, customer: str, number: str = "") -> tuple[values.Refund, ...]:
        raise Unsupported(C.REFUNDS)

    async def invoice(self, customer: str, number: str) -> values.Invoice:
        raise Unsupported(C.INVOICE)

    async def tickets(self, customer: str, number: str = "") -> tuple[aftercare.Ticket, ...]:
        raise Unsupported(C.TICKETS)

    async def cancel(self, customer: str, number: str, key: str, reason: str = "") -> values.Done:
        raise Unsupported(C.CANCEL)

    async def urge(self, customer: str, number: str, key: str) -> values.Done:
        raise Unsupported(C.URGE)

    async def modify(self, customer: str, number: str, change: OrderChange, key: str) -> values.Done:
        raise Unsupported(C.MODIFY)

    async def protect_price(self, customer: str, number: str, item: str, key: str) -> values.Done:
        raise Unsupported(C.PROTECT_PRICE)

    async def refund_payment(self, customer: str, payment: str, key: str) -> values.Done:
        raise Unsupported(C.REFUND_PAYMENT)

    async def change_delivery(
        self, customer: str, tracking_number: str, change: DeliveryChange, key: str
    ) -> values.Done:
        raise Unsupported(C.CHANGE_DELIVERY)

    async def open_case(
        self,
        customer: str,
        parcel: tuple[str, str],
        kind: values.CaseKind,
        key: str,
        evidence: Evidence = NO_EVIDENCE,
    ) -> values.Done:
        """Has the desk look into a parcel, named by its order and tracking numbers."""
        raise Unsupported(C.OPEN_CASE)

    async def apply_return(self, customer: str, number: str, wish: ReturnWish, key: str) -> values.Done:
        raise Unsupported(C.APPLY_RETURN)

    async def withdraw_return(self, customer: str, return_id: str, key: str) -> values.Done:
        raise Unsupported(C.WITHDRAW_RETURN)

    async def send_back(self, customer: str, return_id: str, sent: SendBack, key: str) -> values.Done:
        """Tells with which courier the goods of a return are coming."""
        raise Unsupported(C.SEND_BACK)

    async def book_pickup(self, customer: str, return_id: str, pickup: Pickup, key: str) -> values.Done:
        """Has the goods of a return fetched."""
        raise Unsupported(C.BOOK_PICKUP)

    async def add_photos(
        self, customer: str, application: str, photos: tuple[str, ...], key: str
    ) -> values.Done:
        """Adds pictures to a return, case or ticket that was handed in; `application` is its id."""
        raise Unsupported(C.ADD_PHOTOS)

    async def request_invoice(self, customer: str, number: str, wish: InvoiceWish, key: str) -> values.Done:
        raise Unsupported(C.REQUEST_INVOICE)

    async def resend_invoice(self, customer: str, number: str, key: str, email: str = "") -> values.Done:
        raise Unsupported(C.RESEND_INVOICE)

    async def open_ticket(self, customer: str, wish: TicketWish, key: str) -> values.Done:
        """Has people look into something: compensation, a complaint, a charge, a repair."""
        raise Unsupported(C.OPEN_TICKET)

    async def close(self) -> None:
        """Ends the connections."""

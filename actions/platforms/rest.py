"""A merchant's own system that speaks docs/platforms/openapi.yaml: JSON over HTTP, every request signed."""

import re
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urljoin, urlsplit

import msgspec
from msgspec.structs import replace

from actions.platforms import aftercare, base, values
from actions.platforms.base import KeyReused, NotFound, Platform, PlatformGarbage, Refused, Unsupported
from actions.platforms.capabilities import EVERYTHING, Capability
from actions.platforms.client import Answer, Call, Client, decoded
from actions.platforms.signing import signed_headers

C = Capability
T = TypeVar("T")
ID = re.compile(r"[A-Za-z0-9_@:.-]{1,64}")
LONGEST_WORDS = 100


class RestShop(msgspec.Struct, frozen=True):
    """Where the system is (everything before /customers), and the key that it gave us."""

    url: str
    key_id: str
    secret: str
    capabilities: frozenset[Capability] = EVERYTHING


class _Page(msgspec.Struct, frozen=True):
    items: msgspec.Raw


class _Fault(msgspec.Struct, frozen=True):
    code: str
    message: str


class _Error(msgspec.Struct, frozen=True):
    error: _Fault


class RestPlatform(Platform):
    """Reads are sent again when the system is down, and so are changes: each carries its key."""

    name = "rest"

    def __init__(self, shop: RestShop, client: Client) -> None:
        self._shop = shop
        self._client = client
        self._prefix = urlsplit(shop.url).path.rstrip("/")
        self.capabilities = shop.capabilities

    async def products(self, words: str, size: int = 5) -> tuple[values.Product, ...]:
        return await self._list(C.PRODUCTS, values.Product, "products", q=words[:LONGEST_WORDS], size=size)

    async def product(self, product_id: str) -> values.Product:
        product = await self._one(C.PRODUCT, values.Product, _path("products", product_id))
        return replace(product, url=self._absolute(product.url))

    async def member(self, customer: str) -> values.Member:
        return await self._one(C.MEMBER, values.Member, _path("customers", customer))

    async def coupons(self, customer: str, state: str = "usable") -> tuple[values.Coupon, ...]:
        return await self._list(
            C.COUPONS, values.Coupon, _path("customers", customer, "coupons"), state=state
        )

    async def points(self, customer: str) -> values.Points:
        return await self._one(C.POINTS, values.Points, _path("customers", customer, "points"))

    async def orders(
        self, customer: str, words: str = "", size: int = 20, page: int = 1
    ) -> tuple[values.OrderSummary, ...]:
        path, q = _path("customers", customer, "orders"), words[:LONGEST_WORDS]
        return await self._list(C.ORDERS, values.OrderSummary, path, q=q, size=size, page=page)

    async def order(self, customer: str, number: str) -> values.Order:
        return self._linked(await self._one(C.ORDER, values.Order, _of_order(customer, number)))

    async def payments(
        self, customer: str, number: str = "", problem: str = ""
    ) -> tuple[values.Payment, ...]:
        if number:
            return await self._list(C.PAYMENTS, values.Payment, _of_order(customer, number, "payments"))
        path = _path("customers", customer, "payments")
        return await self._list(C.PAYMENTS, values.Payment, path, problem=problem)

    async def shipments(self, customer: str, number: str) -> tuple[values.Shipment, ...]:
        return await self._list(C.SHIPMENTS, values.Shipment, _of_order(customer, number, "shipments"))

    async def shipment(self, customer: str, tracking_number: str) -> values.Shipment:
        path = _path("customers", customer, "shipments", tracking_number)
        return await self._one(C.SHIPMENT, values.Shipment, path)

    async def cases(self, customer: str, number: str) -> tuple[values.Case, ...]:
        return await self._list(C.CASES, values.Case, _path("customers", customer, "cases"), order=number)

    async def eligibility(self, customer: str, number: str) -> values.Eligibility:
        return await self._one(C.ELIGIBILITY, values.Eligibility, _of_order(customer, number, "eligibility"))

    async def returns(self, customer: str, number: str = "") -> tuple[values.Return, ...]:
        path = _path("customers", customer, "returns")
        return await self._list(C.RETURNS, values.Return, path, order=number)

    async def refunds(self, customer: str, number: str = "") -> tuple[values.Refund, ...]:
        path = _path("customers", customer, "refunds")
        return await self._list(C.REFUNDS, values.Refund, path, order=number)

    async def invoice(self, customer: str, number: str) -> values.Invoice:
        return await self._one(C.INVOICE, values.Invoice, _of_order(customer, number, "invoice"))

    async def tickets(self, customer: str, number: str = "") -> tuple[aftercare.Ticket, ...]:
        path = _path("customers", customer, "tickets")
        return await self._list(C.TICKETS, aftercare.Ticket, path, order=number)

    async def cancel(self, customer: str, number: str, key: str, reason: str = "") -> values.Done:
        body = {"reason": reason} if reason else {}
        return await self._do(C.CANCEL, _of_order(customer, number, "cancel"), body, key)

    async def urge(self, customer: str, number: str, key: str) -> values.Done:
        return await self._do(C.URGE, _of_order(customer, number, "urge"), {}, key)

    async def modify(self, customer: str, number: str, change: base.OrderChange, key: str) -> values.Done:
        self.insist_on_change(change)
        return await self._do(C.MODIFY, _of_order(customer, number, "modify"), change, key)

    async def protect_price(self, customer: str, number: str, item: str, key: str) -> values.Done:
        path = _of_order(customer, number, "price-protection")
        return await self._do(C.PROTECT_PRICE, path, {"item": item}, key)

    async def refund_payment(self, customer: str, payment: str, key: str) -> values.Done:
        path = _path("customers", customer, "payments", payment, "refund")
        return await self._do(C.REFUND_PAYMENT, path, {}, key)

    async def change_delivery(
        self, customer: str, tracking_number: str, change: base.DeliveryChange, key: str
    ) -> values.Done:
        self.insist_on_delivery(change)
        path = _path("customers", customer, "shipments", tracking_number, "delivery")
        return await self._do(C.CHANGE_DELIVERY, path, change, key)

    async def open_case(
        self,
        customer: str,
        parcel: tuple[str, str],
        kind: values.CaseKind,
        key: str,
        evidence: base.Evidence = base.NO_EVIDENCE,
    ) -> values.Done:
        number, tracking_number = parcel
        body = {"kind": kind, "tracking_number": tracking_number} | msgspec.to_builtins(evidence)
        return await self._do(C.OPEN_CASE, _of_order(customer, number, "cases"), body, key)

    async def apply_return(self, customer: str, number: str, wish: base.ReturnWish, key: str) -> values.Done:
        return await self._do(C.APPLY_RETURN, _of_order(customer, number, "returns"), wish, key)

    async def withdraw_return(self, customer: str, return_id: str, key: str) -> values.Done:
        path = _path("customers", customer, "returns", return_id, "withdraw")
        return await self._do(C.WITHDRAW_RETURN, path, {}, key)

    async def send_back(self, customer: str, return_id: str, sent: base.SendBack, key: str) -> values.Done:
        path = _path("customers", customer, "returns", return_id, "tracking")
        return await self._do(C.SEND_BACK, path, sent, key)

    async def book_pickup(self, customer: str, return_id: str, pickup: base.Pickup, key: str) -> values.Done:
        path = _path("customers", customer, "returns", return_id, "pickup")
        return await self._do(C.BOOK_PICKUP, path, pickup, key)

    async def add_photos(
        self, customer: str, application: str, photos: tuple[str, ...], key: str
    ) -> values.Done:
        path = _path("customers", customer, "applications", application, "photos")
        return await self._do(C.ADD_PHOTOS, path, {"photos": photos}, key)

    async def request_invoice(
        self, customer: str, number: str, wish: base.InvoiceWish, key: str
    ) -> values.Done:
        return await self._do(C.REQUEST_INVOICE, _of_order(customer, number, "invoice"), wish, key)

    async def resend_invoice(self, customer: str, number: str, key: str, email: str = "") -> values.Done:
        body = {"email": email} if email else {}
        return await self._do(C.RESEND_INVOICE, _of_order(customer, number, "invoice", "resend"), body, key)

    async def open_ticket(self, customer: str, wish: base.TicketWish, key: str) -> values.Done:
        return await self._do(C.OPEN_TICKET, _path("customers", customer, "tickets"), wish, key)

    async def close(self) -> None:
        await self._client.close()

    async def _one(self, capability: Capability, kind: type[T], path: str) -> T:
        return decoded(kind, await self._call(capability, "GET", path))

    async def _list(
        self, capability: Capability, kind: type[T], path: str, **query: str | int
    ) -> tuple[T, ...]:
        asked = urlencode({name: value for name, value in query.items() if value})
        page = decoded(_Page, await self._call(capability, "GET", f"{path}?{asked}" if asked else path))
        return decoded(tuple[kind, ...], page.items)  # type: ignore[valid-type]

    async def _do(self, capability: Capability, path: str, body: Any, key: str) -> values.Done:
        sent = msgspec.json.encode(body)
        done = decoded(values.Done, await self._call(capability, "POST", path, sent, key))
        return replace(done, order=self._linked(done.order)) if done.order else done

    def _linked(self, order: values.Order) -> values.Order:
        return replace(order, url=self._absolute(order.url), again_url=self._absolute(order.again_url))

    def _absolute(self, url: str) -> str:
        """What a customer can open anywhere, from an address that may be relative to the system's own."""
        return urljoin(self._shop.url, url) if url else ""

    async def _call(
        self, capability: Capability, method: str, path: str, body: bytes = b"", key: str = ""
    ) -> bytes:
        if not self.offers(capability):
            raise Unsupported(capability)

        def make() -> Call:
            request = (method, f"{self._prefix}/{path}", body)
            headers = dict(signed_headers(self._shop.key_id, self._shop.secret, request, key))
            if body:
                headers["Content-Type"] = "application/json"
            return Call(capability.value, method, f"{self._shop.url}/{path}", headers, body)

        answer = await self._client.send(make, again=True)
        if answer.status in {200, 201}:
            return answer.body
        raise _error(answer, capability)


def _path(*parts: str) -> str:
    # What can't be an id reads like one that is not there, and never as another path.
    if not all(ID.fullmatch(part) and part.strip(".") for part in parts):
        raise NotFound("id")
    return quote("/".join(parts))  # no id has a slash in it


def _of_order(customer: str, number: str, *rest: str) -> str:
    return _path("customers", customer, "orders", number, *rest)


def _error(answer: Answer, capability: Capability) -> base.PlatformError:
    try:
        fault = decoded(_Error, answer.body).error
    except PlatformGarbage as garbage:
        return garbage
    match answer.status, fault.code:
        case 404, "not_found":
            return NotFound(fault.code)
        case 501, "unsupported":
            return Unsupported(capability)
        case 422, "key_reused":
            return KeyReused(fault.message)
        case 400 | 409 | 422, code:
            return Refused(code, fault.message)
        case _:
            return PlatformGarbage(str(answer.status))

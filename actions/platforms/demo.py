"""The demo shop over HTTP, as shop/openapi.yaml describes it."""

import re
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from actions.platforms import values
from actions.platforms.base import (
    DeliveryChange,
    InvoiceWish,
    NotFound,
    OrderChange,
    Platform,
    PlatformDenied,
    PlatformDown,
    PlatformError,
    PlatformGarbage,
    PlatformSlow,
    Refused,
    ReturnWish,
)
from actions.settings import Settings

T = TypeVar("T")
MAX_ANSWER = 1_000_000
ORDER_NUMBER = re.compile(r"[0-9]{18}")
TRIES = 3


class _Page(msgspec.Struct, frozen=True):
    items: msgspec.Raw


class _Fault(msgspec.Struct, frozen=True):
    code: str
    message: str


class _Error(msgspec.Struct, frozen=True):
    error: _Fault


class DemoPlatform(Platform):
    """One client for the process; its connections are opened with the first call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._breakers = AsyncCircuitBreakerFactory(
            default_threshold=settings.breaker_failures,
            default_ttl=settings.breaker_rest_s,
            exclude=[NotFound, Refused],
        )

    async def products(self, words: str, size: int = 5) -> tuple[values.Product, ...]:
        return await self._list(values.Product, "products", q=words[:100], size=str(size))

    async def product(self, product_id: str) -> values.Product:
        return await self._get(values.Product, _path("products", product_id))

    async def coupons(self, customer: str) -> tuple[values.Coupon, ...]:
        return await self._list(values.Coupon, _path("customers", customer, "coupons"), state="usable")

    async def points(self, customer: str) -> values.Points:
        return await self._get(values.Points, _path("customers", customer, "points"))

    async def orders(
        self, customer: str, words: str = "", size: int = 20, page: int = 1
    ) -> tuple[values.OrderSummary, ...]:
        path = _path("customers", customer, "orders")
        return await self._list(
            values.OrderSummary, path, q=words[:100], size=str(size), page=str(page) if page > 1 else ""
        )

    async def order(self, customer: str, number: str) -> values.Order:
        return await self._get(values.Order, _of_order(customer, number))

    async def payments(
        self, customer: str, number: str = "", problem: str = ""
    ) -> tuple[values.Payment, ...]:
        if number:
            return await self._list(values.Payment, _of_order(customer, number, "payments"))
        path = _path("customers", customer, "payments")
        return await self._list(values.Payment, path, problem=problem)

    async def shipments(self, customer: str, number: str) -> tuple[values.Shipment, ...]:
        return await self._list(values.Shipment, _of_order(customer, number, "shipments"))

    async def shipment(self, customer: str, tracking_number: str) -> values.Shipment:
        return await self._get(values.Shipment, _path("customers", customer, "shipments", tracking_number))

    async def cases(self, customer: str, number: str) -> tuple[values.Case, ...]:
        return await self._list(values.Case, _path("customers", customer, "cases"), order=number)

    async def eligibility(self, customer: str, number: str) -> values.Eligibility:
        return await self._get(values.Eligibility, _of_order(customer, number, "eligibility"))

    async def returns(self, customer: str, number: str = "") -> tuple[values.Return, ...]:
        return await self._list(values.Return, _path("customers", customer, "returns"), order=number)

    async def refunds(self, customer: str, number: str = "") -> tuple[values.Refund, ...]:
        return await self._list(values.Refund, _path("customers", customer, "refunds"), order=number)

    async def invoice(self, customer: str, number: str) -> values.Invoice:
        return await self._get(values.Invoice, _of_order(customer, number, "invoice"))

    async def cancel(self, customer: str, number: str, key: str) -> values.Done:
        return await self._do(_of_order(customer, number, "cancel"), {}, key)

    async def urge(self, customer: str, number: str, key: str) -> values.Done:
        return await self._do(_of_order(customer, number, "urge"), {}, key)

    async def modify(self, customer: str, number: str, change: OrderChange, key: str) -> values.Done:
        return await self._do(_of_order(customer, number, "modify"), change, key)

    async def protect_price(self, customer: str, number: str, item: str, key: str) -> values.Done:
        return await self._do(_of_order(customer, number, "price-protection"), {"item": item}, key)

    async def refund_payment(self, customer: str, payment: str, key: str) -> values.Done:
        return await self._do(_path("customers", customer, "payments", payment, "refund"), {}, key)

    async def change_delivery(
        self, customer: str, tracking_number: str, change: DeliveryChange, key: str
    ) -> values.Done:
        path = _path("customers", customer, "shipments", tracking_number, "delivery")
        return await self._do(path, change, key)

    async def open_case(
        self, customer: str, parcel: tuple[str, str], kind: values.CaseKind, key: str
    ) -> values.Done:
        number, tracking_number = parcel
        body = {"kind": kind, "tracking_number": tracking_number}
        return await self._do(_of_order(customer, number, "cases"), body, key)

    async def apply_return(self, customer: str, number: str, wish: ReturnWish, key: str) -> values.Done:
        return await self._do(_of_order(customer, number, "returns"), wish, key)

    async def withdraw_return(self, customer: str, return_id: str, key: str) -> values.Done:
        return await self._do(_path("customers", customer, "returns", return_id, "withdraw"), {}, key)

    async def request_invoice(self, customer: str, number: str, wish: InvoiceWish, key: str) -> values.Done:
        return await self._do(_of_order(customer, number, "invoice"), wish, key)

    async def resend_invoice(self, customer: str, number: str, key: str) -> values.Done:
        return await self._do(_of_order(customer, number, "invoice", "resend"), {}, key)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _get(self, kind: type[T], path: str) -> T:
        return _decoded(kind, await self._call("GET", path))

    async def _list(self, kind: type[T], path: str, **query: str) -> tuple[T, ...]:
        asked = {name: value for name, value in query.items() if value}
        page = _decoded(_Page, await self._call("GET", path, params=asked))
        return _decoded(tuple[kind, ...], page.items)  # type: ignore[valid-type]

    async def _do(self, path: str, body: Any, key: str) -> values.Done:
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        return _decoded(
            values.Done, await self._call("POST", path, data=msgspec.json.encode(body), headers=headers)
        )

    async def _call(self, method: str, path: str, **options: Any) -> bytes:
        # What changes something carries its key, so that everything may be sent again.
        retrying = AsyncRetrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=0.1, max=0.5),
            retry=retry_if_exception(lambda error: type(error) is PlatformDown),
            reraise=True,
        )
        breaker = await self._breakers.get_breaker("shop")
        try:
            async with breaker:
                return await retrying(self._call_once, method, path, options)
        except OpenedState as error:
            raise PlatformDown("resting after repeated failures") from error

    async def _call_once(self, method: str, path: str, options: dict[str, Any]) -> bytes:
        try:
            url = f"{self._settings.shop_url}/api/v1/{path}"
            async with self._open().request(method, url, allow_redirects=False, **options) as answer:
                body = await _whole(answer)
        except TimeoutError as error:
            raise PlatformSlow(path.partition("/")[0]) from error
        except aiohttp.ClientPayloadError as error:
            raise PlatformDown("the answer broke off") from error
        except (aiohttp.ClientError, OSError) as error:
            raise PlatformDown(type(error).__name__) from error
        if answer.status in {200, 201}:
            return body
        raise _error(answer.status, body)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            limits = aiohttp.ClientTimeout(total=self._settings.total_s, connect=self._settings.connect_s)
            headers = {"Authorization": f"Bearer {self._settings.shop_api_key}"}
            self._session = aiohttp.ClientSession(timeout=limits, headers=headers)
        return self._session


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise PlatformGarbage("an answer beyond all measure")
    return bytes(body)


def _path(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)


def _of_order(customer: str, number: str, *rest: str) -> str:
    # What can't be an order number reads like an order that is not there.
    if not ORDER_NUMBER.fullmatch(number):
        raise NotFound("order")
    return _path("customers", customer, "orders", number, *rest)


def _decoded(kind: type[T], body: bytes | msgspec.Raw) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PlatformGarbage(str(kind)) from error


def _error(status: int, body: bytes) -> PlatformError:
    if status >= 500 or status == 429:
        return PlatformDown(str(status))
    if status in {401, 403}:
        return PlatformDenied(str(status))
    try:
        fault = _decoded(_Error, body).error
    except PlatformGarbage as garbage:
        return garbage
    if status == 404 and fault.code == "not_found":
        return NotFound(fault.code)
    if status in {400, 409, 422}:
        return Refused(fault.code, fault.message)
    return PlatformGarbage(str(status))

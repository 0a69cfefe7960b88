"""The door of the API: who may come in, how errors and answers look, each write only once."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from shop.api.signature import Doorkeeper
from shop.errors import (
    BadInputError,
    ConflictError,
    KeyReusedError,
    NotFoundError,
    ShopError,
    UnauthorizedError,
)
from shop.moments import Moment
from shop.people import Customer
from shop.settings import Settings
from shop.store import Answer, Store
from shop.values import Order

STORE: web.AppKey[Store] = web.AppKey("store", Store)
SETTINGS: web.AppKey[Settings] = web.AppKey("settings", Settings)
DOORKEEPER: web.AppKey[Doorkeeper] = web.AppKey("doorkeeper", Doorkeeper)
CLOCK: web.AppKey[Callable[[], Moment]] = web.AppKey("clock", Callable)  # type: ignore[arg-type]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LONGEST_KEY = 128


def answer_json(value: object, status: int = 200) -> web.Response:
    """The value as JSON; times keep their +08:00."""
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


def error_json(error: ShopError) -> web.Response:
    """An error as the API says it."""
    return answer_json({"error": {"code": error.code, "message": error.message}}, error.status)


@web.middleware
async def speak_plainly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Renders every error of the API in one shape."""
    if not request.path.startswith("/api/v1/"):
        return await handler(request)
    try:
        await _check_key(request)
        return await handler(request)
    except ShopError as error:
        return error_json(error)
    except web.HTTPNotFound:
        return error_json(NotFoundError())
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted(error.allowed_methods))
        answer = answer_json({"error": {"code": "method_not_allowed", "message": f"请用 {allowed}。"}}, 405)
        answer.headers["Allow"] = allowed
        return answer
    except web.HTTPRequestEntityTooLarge:
        return answer_json({"error": {"code": "too_large", "message": "请求内容太大。"}}, 413)


async def _check_key(request: web.Request) -> None:
    if "X-Xiaoer-Signature" in request.headers:
        signed = (request.method, request.raw_path, await request.read())
        if not request.app[DOORKEEPER].lets_in(signed, request.headers):
            raise UnauthorizedError("签名不正确、已过期或重复使用。")
        return
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    expected = request.app[SETTINGS].api_key.encode()
    if kind.lower() != "bearer" or not hmac.compare_digest(key.strip().encode(), expected):
        raise UnauthorizedError("API 密钥缺失或不正确。")


def the_customer(request: web.Request) -> Customer:
    """The customer whom the path names."""
    found = request.app[STORE].customer(request.match_info["customer_id"])
    if found is None:
        raise NotFoundError
    return found


def the_order(request: web.Request, moment: Moment) -> Order:
    """The order that the path names, if it is that customer's."""
    found = request.app[STORE].order(
        request.match_info["customer_id"], request.match_info["order_number"], moment
    )
    if found is None:
        raise NotFoundError
    return found


Write = Callable[[web.Request, bytes, Moment], tuple[int, object]]


def once(write: Write) -> Handler:
    """A handler that does a write once per Idempotency-Key and then repeats its first answer.

    Nothing awaits between looking the key up and keeping the answer, and both are in one transaction with
    the write, so two retries at the same time can't both do it.
    """

    async def handle(request: web.Request) -> web.Response:
        key = request.headers.get("Idempotency-Key", "")
        if not 1 <= len(key) <= LONGEST_KEY:
            raise BadInputError(f"请带上 Idempotency-Key（1 到 {LONGEST_KEY} 个字符）。", "key_missing")
        body = await request.read() or b"{}"
        store, moment = request.app[STORE], request.app[CLOCK]()
        digest = hashlib.sha256(request.path.encode() + b"\n" + body).hexdigest()
        customer_id = the_customer(request).id
        kept = store.answer(customer_id, key)
        if kept is not None:
            if kept.digest != digest:
                raise KeyReusedError("这个 Idempotency-Key 已经用于另一个请求。")
            return _replayed(kept)
        with store.transaction():
            try:
                status, value = write(request, body, moment)
                answer = answer_json(value, status)
            except ConflictError as error:
                answer = error_json(error)
            first = Answer(digest, answer.status, bytes(answer.body))  # type: ignore[arg-type]
            store.remember(customer_id, key, first, moment.now)
        return answer

    return handle


def _replayed(kept: Answer) -> web.Response:
    return web.Response(
        body=kept.body,
        status=kept.status,
        content_type="application/json",
        headers={"Idempotent-Replay": "true"},
    )

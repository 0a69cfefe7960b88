"""What can be asked: one handler per GET of openapi.yaml."""

from collections.abc import Iterable

from aiohttp import web

from shop import looks
from shop.api import show_orders, show_parts
from shop.api.doorway import CLOCK, STORE, answer_json, the_customer, the_order
from shop.errors import BadInputError, NotFoundError
from shop.moments import Moment
from shop.returning import OPEN_RETURNS
from shop.values import Order
from shop.words import STATUS, TROUBLE

MOST = 100
USUAL = 20
MOST_PAGES = 100_000
LONGEST_QUERY = 100


def page_of(request: web.Request, items: list[dict[str, object]]) -> web.Response:
    """The page that the query asks for."""
    page, size = _number(request, "page", 1, MOST_PAGES), _number(request, "size", USUAL, MOST)
    start = (page - 1) * size
    return answer_json(
        {"items": items[start : start + size], "page": page, "size": size, "total": len(items)}
    )


def _number(request: web.Request, name: str, usual: int, most: int) -> int:
    text = request.query.get(name, str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
        raise BadInputError(f"{name} 应为 1 到 {most} 的整数。")
    return int(text)


def _choice(request: web.Request, name: str, allowed: Iterable[str]) -> str:
    """The query's `name`, empty when it was not given."""
    text = request.query.get(name)
    if text is not None and text not in allowed:
        raise BadInputError(f"{name} 只能是：{'、'.join(allowed)}。")
    return text or ""


def _words(request: web.Request) -> str:
    text = request.query.get("q", "").strip()
    if len(text) > LONGEST_QUERY:
        raise BadInputError(f"q 最多 {LONGEST_QUERY} 个字。")
    return text.lower()


def _orders(request: web.Request, moment: Moment) -> list[Order]:
    """All orders of the customer, with money that has no order; only one when the query names it."""
    orders = request.app[STORE].orders(the_customer(request).id, moment)
    number = request.query.get("order")
    return [o for o in orders if number is None or (o.number == number and o.placed)]


async def health(request: web.Request) -> web.Response:
    """200 once the shop can answer."""
    return answer_json({"status": "ok", "orders": request.app[STORE].count_orders()})


async def list_products(request: web.Request) -> web.Response:
    words, category = _words(request).split(), request.query.get("category")
    found = [
        product
        for product in request.app[STORE].catalogue.values()
        if (category is None or product.category == category)
        and all(
            word
            in f"{product.name} {product.brand} {product.category} {product.material} "
            f"{' '.join(s.spec for s in product.specs)}".lower()
            for word in words
        )
    ]
    return page_of(request, [show_parts.product(product) for product in found])


async def get_product(request: web.Request) -> web.Response:
    found = request.app[STORE].catalogue.get(request.match_info["product_id"])
    if found is None:
        raise NotFoundError
    return answer_json(show_parts.product(found))


async def get_stock(request: web.Request) -> web.Response:
    found = request.app[STORE].catalogue.get(request.match_info["product_id"])
    if found is None:
        raise NotFoundError
    shown = show_parts.product(found)
    return answer_json({"product_id": found.id, "stock": shown["stock"], "specs": shown["specs"]})


async def get_customer(request: web.Request) -> web.Response:
    return answer_json(show_parts.customer(the_customer(request)))


async def list_coupons(request: web.Request) -> web.Response:
    state = _choice(request, "state", ("usable", "used", "expired"))
    shown = [show_parts.coupon(c, request.app[CLOCK]()) for c in the_customer(request).coupons]
    return page_of(request, [coupon for coupon in shown if not state or coupon["state"] == state])


async def get_points(request: web.Request) -> web.Response:
    return answer_json(show_parts.points(the_customer(request), request.app[CLOCK]()))


async def list_orders(request: web.Request) -> web.Response:
    moment = request.app[CLOCK]()
    status, trouble = _choice(request, "status", STATUS), _choice(request, "exception", TROUBLE)
    words = _words(request)
    return page_of(
        request,
        [
            show_orders.summary(order, moment)
            for order in _orders(request, moment)
            if order.placed
            and status in {"", order.status}
            and (not trouble or trouble in looks.troubles(order, moment))
            and (words in order.number or any(words in item.name.lower() for item in order.items))
        ],
    )


async def get_order(request: web.Request) -> web.Response:
    moment = request.app[CLOCK]()
    order = the_order(request, moment)
    return answer_json(show_orders.detail(order, the_customer(request), request.app[STORE].catalogue, moment))


async def list_order_payments(request: web.Request) -> web.Response:
    order = the_order(request, request.app[CLOCK]())
    return page_of(request, [show_orders.payment(order, p) for p in reversed(order.payments)])


async def list_payments(request: web.Request) -> web.Response:
    problem = _choice(request, "problem", ("failed", "duplicate", "without_order"))
    orders = _orders(request, request.app[CLOCK]())
    shown = [show_orders.payment(o, p) for o in orders for p in reversed(o.payments)]
    return page_of(
        request, [p for p in shown if not problem or problem == p["state"] or p.get(problem) is True]
    )


async def list_shipments(request: web.Request) -> web.Response:
    moment = request.app[CLOCK]()
    order = the_order(request, moment)
    return page_of(request, [show_orders.shipment(order, p, moment) for p in order.parcels])


async def get_shipment(request: web.Request) -> web.Response:
    moment, number = request.app[CLOCK](), request.match_info["tracking_number"]
    for order in _orders(request, moment):
        for parcel in order.parcels:
            if parcel.tracking_number == number:
                return answer_json(show_orders.shipment(order, parcel, moment))
    raise NotFoundError


async def list_cases(request: web.Request) -> web.Response:
    orders = _orders(request, request.app[CLOCK]())
    return page_of(request, [show_orders.case(o, c) for o in orders for c in reversed(o.cases)])


async def get_case(request: web.Request) -> web.Response:
    return _one(request, [show_orders.case(o, c) for o in _every(request) for c in o.cases], "case_id")


async def get_eligibility(request: web.Request) -> web.Response:
    moment = request.app[CLOCK]()
    order = the_order(request, moment)
    return answer_json(
        show_parts.eligibility(order, the_customer(request), request.app[STORE].catalogue, moment)
    )


async def list_returns(request: web.Request) -> web.Response:
    wanted = _choice(request, "open", ("true", "false"))
    return page_of(
        request,
        [
            show_parts.returned(order, found)
            for order in _orders(request, request.app[CLOCK]())
            for found in reversed(order.returns)
            if not wanted or (found.state in OPEN_RETURNS) == (wanted == "true")
        ],
    )


async def get_return(request: web.Request) -> web.Response:
    return _one(request, [show_parts.returned(o, r) for o in _every(request) for r in o.returns], "return_id")


async def list_refunds(request: web.Request) -> web.Response:
    state = _choice(request, "state", ("reviewing", "processing", "arrived", "failed"))
    orders = _orders(request, request.app[CLOCK]())
    return page_of(
        request,
        [show_parts.refund(o, r) for o in orders for r in reversed(o.refunds) if state in {"", r.state}],
    )


async def get_refund(request: web.Request) -> web.Response:
    return _one(request, [show_parts.refund(o, r) for o in _every(request) for r in o.refunds], "refund_id")


async def list_invoices(request: web.Request) -> web.Response:
    orders = _orders(request, request.app[CLOCK]())
    return page_of(request, [show_parts.invoice(o) for o in orders if o.invoice is not None])


async def get_invoice(request: web.Request) -> web.Response:
    return answer_json(show_parts.invoice(the_order(request, request.app[CLOCK]())))


def _every(request: web.Request) -> list[Order]:
    return request.app[STORE].orders(the_customer(request).id, request.app[CLOCK]())


def _one(request: web.Request, shown: list[dict[str, object]], name: str) -> web.Response:
    wanted = request.match_info[name]
    found = next((one for one in shown if one["id"] == wanted), None)
    if found is None:
        raise NotFoundError
    return answer_json(found)

"""The storefront's pages on which one orders the same goods again, and pays."""

from aiohttp import web

from shop import buying, parts
from shop.api.doorway import CLOCK, STORE
from shop.errors import ConflictError
from shop.storefront import language, render, signed_in
from shop.values import Order


def add_checkout(app: web.Application) -> None:
    """Puts the pages into the application."""
    app.router.add_get("/orders/{order_number}/again", show_again)
    app.router.add_post("/orders/{order_number}/again", place_again)
    app.router.add_post("/orders/{order_number}/pay", pay)


def _own(request: web.Request) -> Order:
    """One of one's own orders; who is not signed in is sent to the front page."""
    me = signed_in(request)
    if me is None:
        raise web.HTTPSeeOther(_with_language(request, "/"))
    order = request.app[STORE].order(me.id, request.match_info["order_number"], request.app[CLOCK]())
    if order is None:
        raise web.HTTPNotFound(text=render(request, "missing.html").text, content_type="text/html")
    return order


async def show_again(request: web.Request) -> web.Response:
    """The same goods at today's prices, and which of them are sold out."""
    order = _own(request)
    there, gone = buying.same_goods(order, request.app[STORE].catalogue)
    return render(
        request,
        "again.html",
        number=order.number,
        there=there,
        gone=gone,
        total=sum(item.amount_fen for item in there),
    )


async def place_again(request: web.Request) -> web.Response:
    """Orders them, and shows the new order to be paid."""
    store, order = request.app[STORE], _own(request)
    try:
        fresh = buying.order_again(order, store.catalogue, request.app[CLOCK]())
    except ConflictError as error:
        raise web.HTTPSeeOther(_with_language(request, f"/orders/{order.number}/again")) from error
    store.save(fresh)
    raise web.HTTPSeeOther(_with_language(request, f"/orders/{fresh.number}"))


async def pay(request: web.Request) -> web.Response:
    """Pays an order; one that has nothing to pay is only shown."""
    order, form = _own(request), await request.post()
    method = str(form.get("method", ""))
    if method not in parts.ROUTES:
        raise web.HTTPBadRequest(text="没有这种支付方式。")
    if order.status == "pending_payment":
        request.app[STORE].save(buying.pay(order, method, request.app[CLOCK]()))
    raise web.HTTPSeeOther(_with_language(request, f"/orders/{order.number}"))


def _with_language(request: web.Request, path: str) -> str:
    return f"{path}?lang=en" if language(request) == "en" else path

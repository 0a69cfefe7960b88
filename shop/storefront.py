"""The shop's own page: sign in as one of six customers, look around, see one's orders, chat."""

import re
import secrets
import time
from pathlib import Path

import jinja2
import jwt
from aiohttp import web

from shop.api.doorway import CLOCK, SETTINGS, STORE, answer_json
from shop.api.show_orders import masked_address, masked_phone, payment, shipment, summary
from shop.moments import Moment
from shop.parts import ROUTES
from shop.people import Customer, Level
from shop.pictures import draw
from shop.seeding.people import DEMO
from shop.signs import SIGNS, english
from shop.values import Order

HERE = Path(__file__).parent
COOKIE = "shop_customer"
SIGNED_IN_S = 12 * 3600
IDENTITY_S = 30 * 60
DEMO_IDS = tuple(f"C{100001 + n}" for n in range(len(DEMO)))
STATIC = {"shop.css": "text/css", "shop.js": "text/javascript"}
LEVEL_EN: dict[Level, str] = {"普通": "Member", "银卡": "Silver", "金卡": "Gold", "钻石": "Diamond"}
ENVIRONMENT: web.AppKey[jinja2.Environment] = web.AppKey("environment", jinja2.Environment)


def add_storefront(app: web.Application) -> None:
    """Puts the page, its files and its sign-in into the application."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True)
    environment.filters["yuan"] = lambda fen: f"¥{fen / 100:,.2f}"
    app[ENVIRONMENT] = environment
    app.router.add_get("/", show_shop)
    app.router.add_get("/orders/{order_number}", show_order)
    app.router.add_post("/sign-in", sign_in)
    app.router.add_post("/sign-out", sign_out)
    app.router.add_get("/api/chat-identity", tell_identity)
    app.router.add_get("/img/{name}", show_picture)
    app.router.add_get("/static/{name}", show_static)
    app.router.add_get("/favicon.ico", show_icon)
    app.on_response_prepare.append(_protect)


async def _protect(request: web.Request, response: web.StreamResponse) -> None:
    """Every answer says what a browser may do with it."""
    settings = request.app[SETTINGS]
    origin = settings.gateway_origin
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {origin}; style-src 'self' {origin}; "
        f"img-src 'self' data: blob: {origin}; font-src 'self' {origin}; media-src {origin}; "
        f"connect-src 'self' {origin} {settings.gateway_socket}; frame-src {origin}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"


def signed_in(request: web.Request) -> Customer | None:
    """The customer of the cookie, if it is ours, not too old and still there."""
    try:
        claims = jwt.decode(
            request.cookies.get(COOKIE, ""),
            request.app[SETTINGS].site_secret,
            algorithms=["HS256"],
            audience="shop",
            options={"require": ["exp", "sub"]},
        )
    except jwt.InvalidTokenError:
        return None
    return request.app[STORE].customer(str(claims["sub"]))


def language(request: web.Request) -> str:
    """What the page is read in."""
    return "en" if request.query.get("lang", "").lower().startswith("en") else "zh-CN"


def render(request: web.Request, name: str, **values: object) -> web.Response:
    lang = language(request)
    settings = request.app[SETTINGS]
    page = request.app[ENVIRONMENT].get_template(name)
    html = page.render(
        lang=lang,
        signs=SIGNS[lang],
        say=english if lang == "en" else str,
        link="?lang=en" if lang == "en" else "",
        gateway=settings.gateway_url,
        site=settings.site,
        me=signed_in(request),
        level_en=LEVEL_EN,
        **values,
    )
    return web.Response(text=html, content_type="text/html", headers={"Cache-Control": "no-store"})


async def show_shop(request: web.Request) -> web.Response:
    """The front page: who one can be, one's orders, the goods."""
    store, moment, me = request.app[STORE], request.app[CLOCK](), signed_in(request)
    words, category = request.query.get("q", "").strip()[:100], request.query.get("category", "")
    goods = list(store.catalogue.values())
    categories = list(dict.fromkeys(product.category for product in goods))
    found = [
        p for p in goods if category in {"", p.category} and words.lower() in f"{p.name}{p.brand}".lower()
    ]
    if not words and not category:
        found = [p for n in range(12) for p in goods[n::12]][:30]
    people = [customer for i in DEMO_IDS if (customer := store.customer(i)) is not None]
    orders = [o for o in store.orders(me.id, moment) if o.placed] if me is not None else []
    return render(
        request,
        "shop.html",
        people=people,
        orders=[summary(order, moment) for order in orders],
        products=found,
        categories=categories,
        category=category,
        words=words,
    )


async def show_nothing(request: web.Request) -> web.Response:
    """Whatever else somebody asked for, in the shop's own dress."""
    answer = render(request, "missing.html", what=SIGNS[language(request)]["no_page"])
    answer.set_status(404)
    return answer


async def show_order(request: web.Request) -> web.Response:
    """One of one's own orders."""
    moment, me = request.app[CLOCK](), signed_in(request)
    if me is None:
        raise web.HTTPSeeOther("/?lang=en" if language(request) == "en" else "/")
    order = request.app[STORE].order(me.id, request.match_info["order_number"], moment)
    if order is None:
        answer = render(request, "missing.html")
        answer.set_status(404)
        return answer
    return render(request, "order.html", **_shown(order, moment))


def _shown(order: Order, moment: Moment) -> dict[str, object]:
    to = order.recipient
    return {
        "order": summary(order, moment),
        "items": order.items,
        "recipient": f"{to.name} {masked_phone(to.phone)} {masked_address(to.address)}",
        "shipments": [shipment(order, parcel, moment) for parcel in order.parcels],
        "payments": [payment(order, found) for found in order.payments],
        "methods": [name for name in ROUTES if name != "货到付款"]
        if order.status == "pending_payment"
        else [],
    }


async def sign_in(request: web.Request) -> web.Response:
    """Signs in as one of the demo customers; nobody else can be chosen."""
    form = await request.post()
    customer_id = str(form.get("customer", ""))
    if customer_id not in DEMO_IDS:
        raise web.HTTPBadRequest(text="没有这位体验顾客。")
    settings = request.app[SETTINGS]
    claims = {"sub": customer_id, "aud": "shop", "exp": int(time.time()) + SIGNED_IN_S}
    back = str(form.get("back", ""))
    home = "/?lang=en" if language(request) == "en" else "/"
    answer = web.HTTPSeeOther(back if back.startswith("/bind?ticket=") else home)
    answer.set_cookie(
        COOKIE,
        jwt.encode(claims, settings.site_secret, "HS256"),
        max_age=SIGNED_IN_S,
        httponly=True,
        samesite="Lax",
        secure=settings.secure_cookie,
    )
    raise answer


async def sign_out(request: web.Request) -> web.Response:
    """Forgets who one was."""
    answer = web.HTTPSeeOther("/?lang=en" if language(request) == "en" else "/")
    answer.del_cookie(COOKIE)
    raise answer


async def tell_identity(request: web.Request) -> web.Response:
    """Who is signed in, signed for the chat (docs/wire.md); null when nobody is."""
    me, settings, now = signed_in(request), request.app[SETTINGS], int(time.time())
    token = None
    if me is not None:
        claims = {
            "sub": me.id,
            "name": me.name,
            "level": me.level,
            "aud": "xiaoer",
            "iss": settings.site,
            "iat": now,
            "exp": now + IDENTITY_S,
            "jti": secrets.token_urlsafe(12),
        }
        token = jwt.encode(claims, settings.site_secret, "HS256")
    answer = answer_json({"identity": token})
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def show_picture(request: web.Request) -> web.Response:
    """A product's picture."""
    match = re.fullmatch(r"(P\d{4})\.svg", request.match_info["name"])
    product = request.app[STORE].catalogue.get(match[1]) if match else None
    if product is None:
        raise web.HTTPNotFound
    return web.Response(
        text=draw(product),
        content_type="image/svg+xml",
        headers={"Cache-Control": "public, max-age=86400", "Access-Control-Allow-Origin": "*"},
    )


async def show_static(request: web.Request) -> web.Response:
    """One of the page's own files."""
    name = request.match_info["name"]
    if name not in STATIC:
        raise web.HTTPNotFound
    return web.Response(
        body=(HERE / "static" / name).read_bytes(),
        content_type=STATIC[name],
        charset="utf-8",
        headers={"Cache-Control": "no-cache"},
    )


async def show_icon(_: web.Request) -> web.Response:
    """The shop's sign, small."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" '
        'fill="#d8431f"/><path d="M8 13h16l-2 11H10zM12 13a4 4 0 0 1 8 0" fill="none" stroke="#fff" '
        'stroke-width="2.4" stroke-linejoin="round"/></svg>'
    )
    return web.Response(text=svg, content_type="image/svg+xml")

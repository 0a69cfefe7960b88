"""Which order a shopper means: the one he names, the one we spoke about, the likeliest, or he picks."""

from collections.abc import Callable
from operator import attrgetter

from actions.asked import Asked
from actions.cards.orders import order_tile
from actions.naming import named_in
from actions.platforms.base import NotFound, Platform
from actions.platforms.values import Order, OrderSummary
from actions.reply import Reply
from actions.said import Choice, Means, press
from actions.terms import ORDER

Likely = Callable[[OrderSummary], bool]
TILES = 5
SHORTEST_NAMING = 4
# Where a shopper is nobody until his chat is bound; in a group nobody is.
CHATS = frozenset({"wechat", "miniprogram", "wecom", "qq", "onebot"})
GROUPS = frozenset({"qq_group", "onebot_group"})


def is_any(_: OrderSummary) -> bool:
    return True


def is_unpaid(order: OrderSummary) -> bool:
    return order.status == "pending_payment"


def is_before_dispatch(order: OrderSummary) -> bool:
    return order.status in {"pending_payment", "paid"}


def is_waiting_for_dispatch(order: OrderSummary) -> bool:
    return order.status == "paid"


def is_under_way(order: OrderSummary) -> bool:
    return order.status == "shipped"


def has_parcel_trouble(order: OrderSummary) -> bool:
    return bool({"stalled", "delayed", "lost", "damaged", "not_received"} & set(order.exceptions))


def has_arrived(order: OrderSummary) -> bool:
    return order.status in {"signed", "completed"}


def is_signed_in(asked: Asked, reply: Reply) -> bool:
    """Whether there is a customer to look things up for; otherwise the shopper is asked to sign in."""
    if asked.customer.id:
        return True
    if asked.channel in CHATS:
        bind = Choice(reply.tongue("绑定商城账号", "Link my account"), Means(bind=True))
        reply.offer(
            "为了保护您的隐私，查询订单前请先绑定您的商城账号，只需要一次。",
            "To protect your privacy, please link your shop account first; once is enough.",
            bind,
            reply.human(),
        )
        return False
    if asked.channel in GROUPS:
        reply.offer(
            "这里是群聊，大家都能看到。为了保护您的隐私，请私聊我查订单；也可以在这里转人工客服。",
            "Everybody reads along here. To protect your privacy, please ask me about orders in a private chat, "
            "or talk to a person here.",
            reply.human(),
        )
        return False
    reply.offer(
        "为了保护您的隐私，订单相关信息需要先在商城登录后才能查询。请登录后再来问我，或者转人工客服帮您。",
        "To protect your privacy I can only look up orders once you are signed in to the shop. "
        "Please sign in and ask again, or talk to a person.",
        reply.human(),
    )
    return False


def is_going_on(asked: Asked, *pressed: str) -> bool:
    """Whether this goes on with what was asked before, so that what is said first has been said."""
    if any(asked.value(name) for name in pressed):
        return True
    return bool(asked.value("order_number")) and asked.remembered("topic") == asked.intent


async def order_meant(asked: Asked, reply: Reply, shop: Platform, *likely: Likely) -> Order | None:
    """The order that the shopper means; without one, what he needs to see to name it has been said.

    `likely` are what such an order looks like, the likeliest first.
    """
    if not is_signed_in(asked, reply):
        return None
    reply.remember(topic=asked.intent)
    try:
        number = await _named(asked, shop)
        if number:
            return _found(reply, await _looked_up(asked, shop, number))
    except NotFound:
        say_not_found(reply)
        return None
    remembered = "" if asked.value("other") else asked.remembered("order_number")
    if not remembered or asked.value("product") or is_about_goods(asked.text):
        bought = await _of_product(asked, shop)
        orders = bought or await orders_of(asked.as_press(asked.intent, {}), shop)
        # What names no order may be a part of the goods that we are at: 鞋底 of the shoes.
        remembered = "" if bought else remembered
        told = named_in(asked.text, ((order.title, order) for order in orders)) if asked.text else []
        if asked.value("other"):
            reply.remember(order_number=None)
            orders = (
                tuple(each for each in orders if each.number != asked.remembered("order_number")) or orders
            )
            told = [order for order in told if order.number != asked.remembered("order_number")]
        if len(told) == 1:
            return _found(reply, await shop.order(asked.customer.id, told[0].number))
        if told:
            offer_orders(asked, reply, tuple(told), likely)
            return None
        if not remembered:
            if asked.value("product") and orders and not bought and asked.intent == "reorder":
                reply.say(
                    "您说的商品没有在订单里对上，您看看是不是下面的：",
                    "I found no order of what you name. Is it one of these?",
                )
                offer_orders(asked, reply, orders, likely)
                return None
            return await _likeliest(asked, reply, shop, (orders, likely))
    return await _remembered(asked, reply, shop, (remembered, likely))


async def _of_product(asked: Asked, shop: Platform) -> tuple[OrderSummary, ...]:
    """The customer's orders of the product that he names; none when he names none, or none of it was bought."""
    if not asked.value("product"):
        return ()
    try:
        return await shop.orders(asked.customer.id, asked.value("product"))
    except NotFound:
        return ()


def is_about_goods(text: str) -> bool:
    """Whether the text may name goods, so that it is worth comparing with the customer's orders."""
    return sum("\u4e00" <= sign <= "\u9fff" for sign in text) >= SHORTEST_NAMING


async def _remembered(
    asked: Asked, reply: Reply, shop: Platform, about: tuple[str, tuple[Likely, ...]]
) -> Order | None:
    """The order that we spoke of, unless what is asked fits another one and not this."""
    number, likely = about
    try:
        order = await shop.order(asked.customer.id, number)
    except NotFound:
        reply.remember(order_number=None)
        return await _likeliest(asked, reply, shop, (await orders_of(asked, shop), likely))
    if any(is_likely(order) for is_likely in likely) or not likely:
        return _found(reply, order)
    orders = await orders_of(asked, shop)
    fitting = tuple(each for each in orders if any(is_likely(each) for is_likely in likely))
    if not fitting:
        return _found(reply, order)
    t = reply.tongue
    state = t(order.status_text, ORDER[order.status])
    reply.say(
        f"刚才说的「{order.title}」目前是「{state}」。您问的是下面的订单吗？",
        f"The order that we spoke of is: {state}. Do you mean one of these?",
    )
    offer_orders(asked, reply, (*fitting, *(each for each in orders if each.number == number)), likely)
    return None


def say_not_found(reply: Reply) -> None:
    """The same words for an order that is missing and for another customer's."""
    reply.offer(
        "在您的账号下没有查到这个订单。请核对一下订单号，或者从您的订单里选择。",
        "I can't find this order in your account. Please check the number, or pick one of your orders.",
        press(reply.tongue("看看我的订单", "Show my orders"), "order_status", other="yes"),
        reply.human(),
    )


async def orders_of(asked: Asked, shop: Platform) -> tuple[OrderSummary, ...]:
    """The customer's latest orders, of the product that he named if there are any of it."""
    customer, words = asked.customer.id, asked.value("product")
    try:
        named = await shop.orders(customer, words) if words else ()
        return named or await shop.orders(customer)
    except NotFound:
        return ()


async def _named(asked: Asked, shop: Platform) -> str:
    """The order number that this message names, or nothing."""
    if asked.value("order_number"):
        return asked.value("order_number")
    if asked.value("tracking_number"):
        return (await shop.shipment(asked.customer.id, asked.value("tracking_number"))).order
    return ""


async def _looked_up(asked: Asked, shop: Platform, number: str) -> Order:
    """By order number, or by a courier's number that was taken for one."""
    try:
        return await shop.order(asked.customer.id, number)
    except NotFound:
        parcel = await shop.shipment(asked.customer.id, number)
        return await shop.order(asked.customer.id, parcel.order)


async def _likeliest(
    asked: Asked, reply: Reply, shop: Platform, among: tuple[tuple[OrderSummary, ...], tuple[Likely, ...]]
) -> Order | None:
    customer, (orders, likely) = asked.customer.id, among
    if not orders:
        reply.offer(
            "您的账号下还没有订单。如果是用别的账号下的单，请换那个账号登录，或者转人工客服帮您查。",
            "There are no orders in this account. If you ordered with another one, please sign in with it.",
            reply.human(),
        )
        return None
    # Only the likeliest kind that there is: two of it can't be told apart, whatever else there is one of.
    kinds = ([order for order in orders if is_likely(order)] for is_likely in likely)
    fitting = next((kind for kind in kinds if kind), [])
    if len(fitting) == 1 and asked.value("other") != "yes":
        return _found(reply, await shop.order(customer, fitting[0].number))
    if len(orders) == 1:
        return _found(reply, await shop.order(customer, orders[0].number))
    offer_orders(asked, reply, orders, likely)
    return None


def _found(reply: Reply, order: Order) -> Order:
    reply.remember(order_number=order.number, picking=None)
    return order


def offer_orders(
    asked: Asked, reply: Reply, orders: tuple[OrderSummary, ...], likely: tuple[Likely, ...] = ()
) -> None:
    """An order picker for what was asked: likeliest first, then newest first."""

    def rank(order: OrderSummary) -> int:
        return next((place for place, is_likely in enumerate(likely) if is_likely(order)), len(likely))

    t = reply.tongue
    newest = sorted(orders, key=attrgetter("created"), reverse=True)
    kept = {name: value for name, value in asked.entities if name in KEPT}
    tiles = [
        Choice(
            order.title,
            Means(intent=asked.intent, entities={**kept, "order_number": order.number}),
            order_tile(order, t),
        )
        for order in sorted(newest, key=rank)[:TILES]
    ]
    shown = [[each.order.number, each.order.title] for each in tiles if each.order]
    reply.remember(topic=asked.intent, picking={"intent": asked.intent, "orders": shown, "kept": kept})
    reply.offer(
        "请问是哪一个订单呢？点选即可，也可以直接发订单号给我。",
        "Which order is it? Tap one, or send me its number.",
        *tiles,
        reply.human(),
    )


def other_order(asked: Asked, reply: Reply) -> Choice:
    """For when we took the wrong one."""
    return press(reply.tongue("换一个订单", "Another order"), asked.intent, other="yes")


# What a press may have said besides the order, which the order picker must not lose.
KEPT = frozenset(
    {
        "kind", "reason", "field", "address", "phone", "remark", "quantity", "spec", "new_spec", "option", "day",
        "visit_day", "evidence", "photos", "invoice_title", "tax_number", "email",
        "title",
    }
)  # fmt: skip

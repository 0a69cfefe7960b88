"""Parcels: where they are and how they are doing."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.orders import order_card, tracking_card
from actions.choosing import is_under_way, order_meant, other_order
from actions.platforms.values import Order, Shipment
from actions.reply import Reply
from actions.said import Choice, press
from actions.terms import PROBLEMS

ENDED = frozenset({"signed", "lost", "returned"})


class ActionLogisticsTrack(ShopAction):
    """Shows every parcel of the order on its way, or says when it will leave."""

    called = "action_logistics_track"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        order = await order_meant(asked, reply, self.shop, is_under_way)
        if not order:
            return
        parcels = await self.shop.shipments(asked.customer.id, order.number)
        if not parcels:
            say_not_shipped(asked, reply, order)
            return
        t, last = reply.tongue, len(parcels) - 1
        for place, parcel in enumerate(parcels):
            choices = self._choices(asked, reply, parcel) if place == last else ()
            reply.show(tracking_card(parcel, t, choices), *_news(parcel, reply))

    def _choices(self, asked: Asked, reply: Reply, parcel: Shipment) -> tuple[Choice, ...]:
        t, number = reply.tongue, parcel.order
        ways: list[Choice] = []
        if parcel.state == "signed":
            ways.append(
                press(t("我没收到", "I did not get it"), "delivery_not_received", order_number=number)
            )
            ways.append(
                press(
                    t("破损了", "It is broken"),
                    "logistics_lost_or_damaged",
                    order_number=number,
                    kind="damaged",
                )
            )
        elif parcel.state not in ENDED:
            ways.append(
                press(t("太慢了，帮我催", "It is late, urge it"), "logistics_delay", order_number=number)
            )
            ways.append(press(t("改配送", "Change delivery"), "delivery_change", order_number=number))
        return (*ways, other_order(asked, reply))


def say_not_shipped(asked: Asked, reply: Reply, order: Order) -> None:
    """For an order of which nothing has left yet."""
    t = reply.tongue
    ways = (
        (press(t("催发货", "Urge dispatch"), "order_urge_ship", order_number=order.number),)
        if "urge" in order.can
        else ()
    )
    by_zh = f"，最晚 {t.moment(order.dispatch_before)} 前发出" if order.dispatch_before else ""
    by_en = f"; it should leave by {t.moment(order.dispatch_before)}" if order.dispatch_before else ""
    waiting = order.status == "paid"
    reply.show(
        order_card(order, t, (*ways, other_order(asked, reply))),
        f"这个订单还没有发货{by_zh}，发出后就能看到物流。"
        if waiting
        else f"这个订单目前是「{order.status_text}」，没有物流信息。",
        f"This order has not left yet{by_en}." if waiting else "There is no parcel for this order.",
    )


def in_trouble(parcels: tuple[Shipment, ...], tracking_number: str) -> Shipment:
    """The parcel that was named, else one in trouble, else one under way, else the first."""
    return min(
        parcels,
        key=lambda parcel: (
            parcel.tracking_number != tracking_number,
            parcel.exception is None,
            parcel.state in ENDED,
        ),
    )


def _news(parcel: Shipment, reply: Reply) -> tuple[str, str]:
    t = reply.tongue
    if parcel.exception:
        zh, en = PROBLEMS[parcel.exception]
        return f"{parcel.exception_text or f'包裹出现异常：{zh}'}，非常抱歉。", f"I'm sorry: {en}."
    if parcel.state == "signed" and parcel.signed_at:
        return f"包裹已于 {t.moment(parcel.signed_at)} 签收。", f"Delivered on {t.moment(parcel.signed_at)}."
    if parcel.state == "awaiting_pickup":
        return "包裹已到取件点，请尽快取件。", "It is waiting for you at the pick-up point."
    if parcel.expected:
        return (
            f"包裹正在路上，预计 {t.day(parcel.expected)} 送达。",
            f"On its way, expected {t.day(parcel.expected)}.",
        )
    return "查到您的包裹了：", "Here is your parcel:"

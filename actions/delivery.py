"""How a parcel that is on its way is to be delivered."""

from datetime import timedelta

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.orders import tracking_card
from actions.choosing import is_any, is_under_way, order_meant, other_order
from actions.confirming import confirm, show_done
from actions.logistics import ENDED, in_trouble
from actions.platforms.base import DeliveryChange
from actions.platforms.values import Order, Shipment
from actions.reply import Reply
from actions.said import press
from actions.tongue import now


class ActionDeliveryChange(ShopAction):
    """Has a parcel delivered a day later or left at a pick-up point, after a confirmation."""

    called = "action_delivery_change"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        order = await order_meant(asked, reply, self.shop, is_under_way, is_any)
        if not order:
            return
        parcels = await self.shop.shipments(asked.customer.id, order.number)
        open_parcels = [parcel for parcel in parcels if parcel.state not in ENDED]
        if not open_parcels:
            self._cannot(asked, reply, order)
            return
        parcel = in_trouble(tuple(open_parcels), asked.value("parcel"))
        option, key = asked.value("option"), asked.value("confirm")
        change = DeliveryChange(option, asked.value("day"))
        if key:
            reply.changing = True
            done = await self.shop.change_delivery(asked.customer.id, parcel.tracking_number, change, key)
            show_done(done, reply)
            return
        if option:
            self._confirm(asked, reply, parcel, change)
            return
        t = reply.tongue
        tomorrow = now() + timedelta(days=1)
        names = {"order_number": order.number, "parcel": parcel.tracking_number}
        day = tomorrow.date().isoformat()
        reply.show(tracking_card(parcel, t))
        reply.offer(
            "包裹还在路上，可以帮您改配送。您想怎么改？（改到别的地址请转人工）",
            "The parcel is still on its way. How would you like to have it delivered?",
            press(
                t(f"{t.day(tomorrow)}再送", f"Deliver on {t.day(tomorrow)}"),
                asked.intent,
                **names,
                option="later",
                day=day,
            ),
            press(t("放自提点", "Leave it at a pick-up point"), asked.intent, **names, option="pickup_point"),
            reply.human(),
        )

    def _confirm(self, asked: Asked, reply: Reply, parcel: Shipment, change: DeliveryChange) -> None:
        t = reply.tongue
        way = (
            (f"改为 {change.date} 配送", f"be delivered on {change.date}")
            if change.option == "later"
            else ("改放到附近自提点", "be left at a pick-up point")
        )
        names = {"order_number": parcel.order, "parcel": parcel.tracking_number, "option": change.option}
        if change.date:
            names["day"] = change.date
        confirm(
            asked,
            reply,
            (
                f"包裹 {parcel.tracking_number} 将{way[0]}，确认吗？",
                f"Parcel {parcel.tracking_number} will {way[1]}. OK?",
            ),
            press(t("确认", "Yes"), asked.intent, **names),
            (t("先不改", "Leave it"),),
        )

    def _cannot(self, asked: Asked, reply: Reply, order: Order) -> None:
        t = reply.tongue
        ways = (
            (press(t("修改订单地址", "Change the order"), "order_modify", order_number=order.number),)
            if "modify" in order.can
            else ()
        )
        reply.offer(
            f"订单 {order.number} 现在是「{order.status_text}」，没有正在配送的包裹可以修改。",
            f"Order {order.number} has no parcel on its way that could be changed.",
            *ways,
            other_order(asked, reply),
            reply.human(),
        )

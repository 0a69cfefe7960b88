"""How a parcel that is on its way is to be delivered."""

from datetime import timedelta

import msgspec

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.orders import tracking_card
from actions.changing import Change, carry_out
from actions.choosing import is_any, is_under_way, order_meant, other_order
from actions.confirming import confirm
from actions.facts import address_in, day_in
from actions.forms import collect
from actions.logistics import ENDED, in_trouble
from actions.platforms.base import DeliveryChange
from actions.platforms.capabilities import OF_DELIVERY
from actions.platforms.values import Order, Shipment
from actions.reply import Reply
from actions.said import press
from actions.tongue import now


class ActionDeliveryChange(ShopAction):
    """Has a parcel delivered a day later or left at a pick-up point, after a confirmation."""

    called = "action_delivery_change"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if asked.text and not asked.pressed:
            wish = _wished(msgspec.structs.replace(asked, assumed={}))
            asked = asked.knowing(option=wish.option, day=wish.date, address=wish.address)
        order = await order_meant(asked, reply, self.shop, is_under_way, is_any)
        if not order:
            return
        parcels = await self.shop.shipments(asked.customer.id, order.number)
        open_parcels = [parcel for parcel in parcels if parcel.state not in ENDED]
        if not open_parcels:
            self._cannot(asked, reply, order)
            return
        parcel = in_trouble(tuple(open_parcels), asked.value("parcel"))
        change = _wished(asked)
        if asked.value("confirm"):
            told = {
                "later": f"改为 {change.date} 派送",
                "pickup_point": "改放自提点",
                "address": "改派送地址",
            }
            await carry_out(
                asked,
                reply,
                Change(parcel.tracking_number, told.get(change.option, change.option), parcel.state_text),
                lambda key: self.shop.change_delivery(asked.customer.id, parcel.tracking_number, change, key),
            )
            return
        about = {"order_number": order.number, "parcel": parcel.tracking_number, "option": change.option}
        if change.option == "later" and not change.date:
            collect(reply, "visit_form", asked.intent, **about)
            return
        if change.option == "address" and not change.address:
            collect(reply, "delivery_form", asked.intent, **about)
            return
        if change.option:
            self._confirm(asked, reply, parcel, change)
            return
        t = reply.tongue
        tomorrow = now() + timedelta(days=1)
        names = {"order_number": order.number, "parcel": parcel.tracking_number}
        day = tomorrow.date().isoformat()
        reply.show(tracking_card(parcel, t))
        reply.offer(
            "包裹还在路上，可以帮您改配送。您想怎么改？",
            "The parcel is still on its way. How would you like to have it delivered?",
            press(
                t(f"{t.day(tomorrow)}再送", f"Deliver on {t.day(tomorrow)}"),
                asked.intent,
                **names,
                option="later",
                day=day,
            ),
            press(t("选别的日子", "Another day"), asked.intent, **names, option="later"),
            press(t("放自提点", "Leave it at a pick-up point"), asked.intent, **names, option="pickup_point"),
            *(
                (press(t("改到别的地址", "Another address"), asked.intent, **names, option="address"),)
                if self.shop.offers(OF_DELIVERY["address"])
                else ()
            ),
            reply.human(),
        )

    def _confirm(self, asked: Asked, reply: Reply, parcel: Shipment, change: DeliveryChange) -> None:
        t = reply.tongue
        way = {
            "later": (f"改为 {change.date} 配送", f"be delivered on {change.date}"),
            "pickup_point": ("改放到附近自提点", "be left at a pick-up point"),
            "address": (f"改派送到：{change.address}", f"go to: {change.address}"),
        }[change.option]
        names = {"order_number": parcel.order, "parcel": parcel.tracking_number, "option": change.option}
        if change.date:
            names["day"] = change.date
        if change.address:
            names["address"] = change.address
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


def _wished(asked: Asked) -> DeliveryChange:
    """What was pressed, collected or typed: a day, a pick-up point, an address."""
    option = asked.value("option")
    day = asked.value("day") or asked.value("visit_day")
    address = asked.value("address") or asked.value("delivery_address")
    if asked.text and not asked.pressed and not option:
        day = day_in(f"{asked.text} {asked.value('date')}", now().date())
        address = address_in(asked.text)
        told = {
            "pickup_point": (
                "自提",
                "驿站",
                "快递柜",
                "丰巢",
                "代收点",
                "菜鸟",
                "pick-up",
                "pickup",
                "locker",
            ),
            "address": ("改地址", "换地址", "别的地址", "新地址", "公司地址", "送到公司", "改送", "改派"),
            "later": ("晚点送", "晚几天", "推迟", "延后", "改天", "改时间", "later"),
        }
        option = "address" if address else "later" if day else ""
        option = option or next(
            (name for name, words in told.items() if any(w in asked.text for w in words)), ""
        )
    return DeliveryChange(option, day if option == "later" else "", address if option == "address" else "")

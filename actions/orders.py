"""Orders: how one stands, and which there are."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.orders import order_card, order_choices
from actions.choosing import (
    has_parcel_trouble,
    is_under_way,
    is_unpaid,
    is_waiting_for_dispatch,
    offer_orders,
    order_meant,
    orders_of,
)
from actions.reply import Reply


class ActionOrderStatus(ShopAction):
    """Shows the order, or lets the shopper pick among his."""

    called = "action_order_status"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        likely = (has_parcel_trouble, is_under_way, is_waiting_for_dispatch, is_unpaid)
        if asked.customer.id and not (asked.value("order_number") or asked.value("tracking_number")):
            orders = await orders_of(asked, self.shop)
            if len(orders) > 1:
                offer_orders(asked, reply, orders, likely)
                return
        order = await order_meant(asked, reply, self.shop, *likely)
        if order:
            reply.show(order_card(order, reply.tongue, order_choices(order, reply.tongue)))

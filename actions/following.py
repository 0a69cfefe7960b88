"""What follows on something said before: a typed yes, a bare number, a fragment."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.choosing import offer_orders, orders_of
from actions.reply import Reply
from actions.said import press
from actions.talk import first_choices
from actions.topics import ABOUT_PRODUCTS, answer_as, answer_awaited


class ActionAffirm(ShopAction):
    """A typed 确认 after a confirmation is its button; else a friendly word."""

    called = "action_affirm"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        pending = asked.told("pending")
        if pending:
            entities = {str(name): str(value) for name, value in pending.get("entities", {}).items()}
            if await answer_as(asked, reply, self.shop, (str(pending.get("intent")), entities)):
                return
        reply.say("好的。还有什么可以帮您？", "All right. Is there anything else?")


class ActionProvideInfo(ShopAction):
    """Goes on with what was asked before, with the number or name that was missing then."""

    called = "action_provide_info"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if await answer_awaited(asked, reply, self.shop):
            return
        topic = asked.remembered("topic")
        if asked.value("product") and topic in ABOUT_PRODUCTS:
            means = topic, {"product": asked.value("product")}
        elif asked.value("order_number"):
            means = _order_topic(topic), {"order_number": asked.value("order_number")}
        elif asked.value("tracking_number"):
            means = (
                _order_topic(topic, "logistics_track"),
                {"tracking_number": asked.value("tracking_number")},
            )
        else:
            reply.offer(
                "收到。请问您想用这个信息办理什么呢？",
                "Got it. What would you like me to do with this?",
                *first_choices(reply),
            )
            return
        await answer_as(asked, reply, self.shop, means)


class ActionNeedsContext(ShopAction):
    """Asks what a fragment is about, with the order we spoke of or the latest ones at hand."""

    called = "action_needs_context"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if await answer_awaited(asked, reply, self.shop):
            return
        if asked.value("order_number") or asked.value("tracking_number") or asked.value("product"):
            await ActionProvideInfo(self.shop).answer(asked, reply)
            return
        t, number = reply.tongue, asked.remembered("order_number")
        if number:
            reply.offer(
                f"您说的是订单 {number} 吗？想了解哪方面呢？",
                f"Is this about order {number}? What would you like to know?",
                press(t("查物流", "Track it"), "logistics_track", order_number=number),
                press(t("退款进度", "Refund progress"), "refund_progress", order_number=number),
                press(t("其他订单", "Another order"), "order_status", other="yes"),
                reply.human(),
            )
            return
        orders = await orders_of(asked, self.shop) if asked.customer.id else ()
        if orders:
            offer_orders(asked.pressed("order_status", {}), reply, orders)
            return
        reply.offer(
            "请问您想咨询什么问题？可以说得具体一点，我马上帮您。",
            "What would you like to know? A few more words help me to help you.",
            *first_choices(reply),
        )


def _order_topic(topic: str, otherwise: str = "order_status") -> str:
    return topic if topic and topic not in ABOUT_PRODUCTS else otherwise

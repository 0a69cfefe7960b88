"""An order before it leaves the shop: cancelling it, and urging that it leaves."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.orders import order_card, order_choices
from actions.changing import Change, back_today, carry_out
from actions.choosing import (
    is_before_dispatch,
    is_under_way,
    is_waiting_for_dispatch,
    order_meant,
    other_order,
)
from actions.confirming import confirm
from actions.platforms.values import Order, Verdict
from actions.reply import Reply
from actions.said import Choice, press
from actions.tongue import yuan


class ActionOrderCancel(ShopAction):
    """Cancels an order that has not left yet, after a confirmation."""

    called = "action_order_cancel"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        order = await order_meant(asked, reply, self.shop, is_before_dispatch, is_under_way)
        if not order:
            return
        t, key = reply.tongue, asked.value("confirm")
        if key:
            today = await back_today(asked, self.shop, order.number) if order.paid_fen else 0
            change = Change(order.number, "取消订单", order.status_text, order.paid_fen, today)
            await carry_out(
                asked, reply, change, lambda key: self.shop.cancel(asked.customer.id, order.number, key)
            )
            return
        verdict = (await self.shop.eligibility(asked.customer.id, order.number)).cancel
        if not verdict.allowed:
            self._cannot(asked, reply, order, verdict)
            return
        back = t(
            f"已支付的 {yuan(order.paid_fen)} 会原路退回，审核后一般 3 个工作日内到账。"
            if order.paid_fen
            else "这个订单还没有付款，不会产生扣款。",
            f"The {yuan(order.paid_fen)} paid goes back the way it came, usually within 3 working days."
            if order.paid_fen
            else "Nothing was paid.",
        )
        reply.show(order_card(order, t))
        confirm(
            asked,
            reply,
            (
                f"可以取消这个订单。{back}取消后不能恢复，确定要取消吗？",
                f"This order can be cancelled. {back} This can't be undone. Cancel it?",
            ),
            press(t("确认取消订单", "Yes, cancel it"), asked.intent, order_number=order.number),
            (t("先不取消", "Keep it"), other_order(asked, reply)),
        )

    def _cannot(self, asked: Asked, reply: Reply, order: Order, verdict: Verdict) -> None:
        t = reply.tongue
        ways: list[Choice] = []
        if order.parcels and order.status == "shipped":
            ways.append(press(t("查物流", "Track it"), "logistics_track", order_number=order.number))
        if "return" in order.can:
            ways.append(press(t("申请退货", "Return an item"), "return_request", order_number=order.number))
        advice = (
            t(
                "包裹送到时可以直接拒收，或者签收后申请退货。",
                " You can refuse the parcel, or return it afterwards.",
            )
            if order.status == "shipped"
            else ""
        )
        reply.show(order_card(order, t))
        reply.offer(
            f"{verdict.reason or '这个订单现在不能取消。'}{advice}",
            f"This order can't be cancelled any more.{advice}",
            *ways,
            other_order(asked, reply),
            reply.human(),
        )


class ActionOrderUrgeShip(ShopAction):
    """Tells when an order leaves, and urges the warehouse when it should have."""

    called = "action_order_urge_ship"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        order = await order_meant(asked, reply, self.shop, is_waiting_for_dispatch)
        if not order:
            return
        t, key = reply.tongue, asked.value("confirm")
        if key:
            change = Change(order.number, "催发货", order.status_text)
            await carry_out(
                asked, reply, change, lambda key: self.shop.urge(asked.customer.id, order.number, key)
            )
            return
        if order.status != "paid":
            choices = (*order_choices(order, t), other_order(asked, reply))
            reply.show(
                order_card(order, t, choices),
                f"这个订单目前是「{order.status_text}」，不在待发货状态。",
                "This order is not waiting to be dispatched.",
            )
            return
        late = "dispatch_overdue" in order.exceptions
        promised = t.moment(order.dispatch_before) if order.dispatch_before else ""
        reply.show(order_card(order, t))
        by_zh = f"承诺发货时间是 {promised}。" if promised else ""
        by_en = f" It should leave by {promised}." if promised else ""
        sorry = (
            ("非常抱歉，发货已经超时了，让您久等了。", "I'm sorry, it is overdue.")
            if late
            else ("您的订单正在备货。", "Your order is being prepared.")
        )
        if order.urged_at:
            reply.offer(
                f"{sorry[0]}{by_zh}我们已经帮您催过仓库了，发货后物流信息会马上更新。",
                f"{sorry[1]}{by_en} The warehouse has already been urged.",
                other_order(asked, reply),
                reply.human(),
            )
            return
        confirm(
            asked,
            reply,
            (f"{sorry[0]}{by_zh}需要我帮您催一下仓库吗？", f"{sorry[1]}{by_en} Shall I urge the warehouse?"),
            press(t("帮我催发货", "Yes, urge it"), asked.intent, order_number=order.number),
            (t("不用了", "No, thanks"), other_order(asked, reply)),
        )

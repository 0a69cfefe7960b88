"""Payments: why one failed and what to do, and money that was taken twice or without an order."""

import asyncio

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.money import payment_card, refund_card
from actions.cards.orders import order_card
from actions.changing import Change, back_today, carry_out
from actions.choosing import is_signed_in, is_unpaid, order_meant, other_order
from actions.confirming import confirm
from actions.platforms.base import NotFound
from actions.platforms.values import OrderSummary, Payment
from actions.reply import Reply
from actions.said import press
from actions.terms import REFUND_UNDER_WAY
from actions.tongue import yuan

MOST = 3


def has_failed_payment(order: OrderSummary) -> bool:
    return "payment_failed" in order.exceptions


class ActionPaymentFailed(ShopAction):
    """Says why an order could not be paid, what to do, and that nothing is lost meanwhile."""

    called = "action_payment_failed"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        order = await order_meant(asked, reply, self.shop, has_failed_payment, is_unpaid)
        if not order:
            return
        t = reply.tongue
        payments = await self.shop.payments(asked.customer.id, order.number)
        failed = [payment for payment in payments if payment.state == "failed"]
        if order.status != "pending_payment":
            reply.show(
                order_card(order, t),
                f"这个订单目前是「{order.status_text}」，没有待处理的支付问题。",
                "There is nothing left to pay for this order.",
            )
        for payment in failed[:1]:
            reply.show(
                payment_card(payment, t), "查到了这次支付没有成功的原因：", "This is why the payment failed:"
            )
        until = t.moment(order.pay_before) if order.pay_before else ""
        if order.status == "pending_payment":
            keep = f"请在 {until} 前重新支付，" if until else ""
            pay = (f"\n去支付：{order.url}", f"\nPay here: {order.url}") if order.url else ("", "")
            told = "" if failed else "没有查到失败的支付记录，可能是网络中断了。"
            reply.offer(
                f"{told}订单会为您保留，{keep}也可以换一种支付方式再试；超时未付订单会自动关闭，不会扣款。{pay[0]}",
                f"The order is kept for you{f' until {until}' if until else ''}: try again, or another way to pay."
                f"{pay[1]}",
                press(t("有哪些支付方式", "Ways to pay"), "payment_method"),
                press(t("钱已经被扣了", "I was charged"), "payment_deducted"),
                reply.human(),
            )
        else:
            reply.offer(
                "如果您说的是别的订单，可以换一个看看。",
                "If you mean another order, pick it.",
                other_order(asked, reply),
                press(t("钱扣多了", "I was charged too much"), "payment_deducted"),
                reply.human(),
            )


class ActionPaymentDeducted(ShopAction):
    """Traces money taken twice or without an order, and has it paid back after a confirmation."""

    called = "action_payment_deducted"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not is_signed_in(asked, reply):
            return
        payment, key = asked.value("payment"), asked.value("confirm")
        found = await self._wrongly_charged(asked)
        if payment and key:
            amount = next((each.amount_fen for each in found if each.id == payment), 0)
            of = next((each.order or "" for each in found if each.id == payment), "")
            back = await back_today(asked, self.shop, of)
            change = Change(payment, "异常扣款退回", amount_fen=amount, back_today_fen=back)
            await carry_out(
                asked, reply, change, lambda key: self.shop.refund_payment(asked.customer.id, payment, key)
            )
            return
        if not found:
            self._none(asked, reply)
            return
        refunds = {each.id: each for each in await self.shop.refunds(asked.customer.id)}
        reply.say(
            "非常抱歉给您添麻烦了，我查到了以下异常扣款：",
            "I'm sorry about this. I found these wrong charges:",
        )
        for each in found[:MOST]:
            reply.show(payment_card(each, reply.tongue))
            refund = refunds.get(each.refund or "")
            if refund:
                when = (
                    "退款已经在路上了，请留意到账。"
                    if refund.state in REFUND_UNDER_WAY
                    else "这笔的退款情况如下："
                )
                reply.show(refund_card(refund, reply.tongue), when, "This is its refund:")
        owed = [each for each in found[:MOST] if not each.refund and each.state == "succeeded"]
        if owed:
            self._offer_back(asked, reply, owed[0])

    async def _wrongly_charged(self, asked: Asked) -> list[Payment]:
        customer, number = asked.customer.id, asked.value("order_number")
        try:
            if number:
                payments = await self.shop.payments(customer, number)
                return [each for each in payments if each.duplicate]
            twice, nowhere = await asyncio.gather(
                self.shop.payments(customer, problem="duplicate"),
                self.shop.payments(customer, problem="without_order"),
            )
        except NotFound:
            return []
        return [*twice, *nowhere]

    def _offer_back(self, asked: Asked, reply: Reply, payment: Payment) -> None:
        t, amount = reply.tongue, yuan(payment.amount_fen)
        confirm(
            asked,
            reply,
            (
                f"要把多扣的 {amount}（{payment.method}）原路退回给您吗？",
                f"Shall I have the extra {amount} ({payment.method}) paid back the way it came?",
            ),
            press(t(f"退回 {amount}", f"Pay back {amount}"), asked.intent, payment=payment.id),
            (t("先不用", "Not now"), reply.human()),
        )

    def _none(self, asked: Asked, reply: Reply) -> None:
        reply.offer(
            "我查了您的支付记录，没有发现重复扣款，也没有扣了款却没有订单的情况。"
            "刚付款的记录可能要几分钟才同步；如果银行显示已扣款，请保留扣款截图，人工同事可以向支付渠道核查。",
            "I checked your payments and found no double charge and none without an order. A payment of the "
            "last minutes may not show yet; with a screenshot of the charge a colleague can trace it.",
            press(
                reply.tongue("登记支付核查", "Have it traced"),
                "open_ticket",
                kind="payment",
                ticket_text=asked.text or "扣款异常",
            ),
            press(reply.tongue("看看我的订单", "Show my orders"), "order_status"),
            reply.human(),
        )

"""How far returns and refunds are, and when the money is there."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.money import refund_card, return_card
from actions.changing import Change, carry_out
from actions.choosing import is_signed_in, order_meant
from actions.confirming import confirm
from actions.knowledge import FAQ, Knowledge, say_from_knowledge, say_unknown
from actions.naming import named_in
from actions.platforms.base import NotFound, Platform
from actions.platforms.values import Refund, Return
from actions.reply import Reply
from actions.returns import ENDED
from actions.said import press
from actions.sending_back import send_goods_back, sends_back, ways_of
from actions.terms import REFUND_UNDER_WAY, RETURN_KINDS
from actions.tongue import now

MOST = 3
WITHDRAWABLE = frozenset({"reviewing", "awaiting_goods"})


class ActionReturnHow(ShopAction):
    """Shows the returns under way, each with withdrawing it; without any, how returning works."""

    called = "action_return_how"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not asked.customer.id:
            if not say_from_knowledge(asked, reply, self.knowledge):
                say_unknown(reply)
            return
        return_id, key = asked.value("return_id"), asked.value("confirm")
        reply.remember(topic=asked.intent)
        under_way = await returns_under_way(asked, self.shop, asked.value("order_number"))
        chosen = [each for each in under_way if each.id == return_id]
        told = named_in(asked.text, ((each.name, each) for each in under_way)) if asked.text else []
        if return_id and key and not sends_back(asked):
            change = Change(return_id, "撤销售后申请", chosen[0].state_text if chosen else "")
            await carry_out(
                asked, reply, change, lambda key: self.shop.withdraw_return(asked.customer.id, return_id, key)
            )
        elif sends_back(asked):
            await send_goods_back(asked, reply, self.shop, chosen or told or under_way)
        elif chosen:
            self._confirm(asked, reply, chosen[0])
        elif under_way:
            self._show(asked, reply, told or under_way)
        elif not say_from_knowledge(asked, reply, self.knowledge):
            self._none(reply)

    def _show(self, asked: Asked, reply: Reply, returns: list[Return]) -> None:
        t = reply.tongue
        for each in returns[:MOST]:
            withdraw = ways_of(asked, each, reply, self.shop)
            if each.state in WITHDRAWABLE:
                withdraw += (press(t("撤销申请", "Withdraw it"), asked.intent, return_id=each.id),)
            reply.show(
                return_card(each, t, withdraw),
                f"您的{each.kind_text}正在处理（{each.state_text}）。{_hint(each)}",
                "Your case is under way:",
            )

    def _confirm(self, asked: Asked, reply: Reply, each: Return) -> None:
        t = reply.tongue
        zh, en = RETURN_KINDS[each.kind]
        confirm(
            asked,
            reply,
            (f"确定撤销「{each.name}」的{zh}申请吗？", f"Withdraw the {en.lower()} of {each.name}?"),
            press(t("确认撤销", "Yes, withdraw it"), asked.intent, return_id=each.id),
            (t("先不撤销", "Keep it"),),
        )

    def _none(self, reply: Reply) -> None:
        t = reply.tongue
        reply.offer(
            "您目前没有进行中的售后单。需要退货或换货的话，可以现在申请。",
            "You have no return under way. Would you like to apply for one?",
            press(t("申请退货", "Return an item"), "return_request"),
            press(t("申请换货", "Exchange an item"), "exchange_request"),
            reply.human(),
        )


class ActionRefundProgress(ShopAction):
    """Shows refunds with the day and the way, of the order that was named or else the latest."""

    called = "action_refund_progress"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not is_signed_in(asked, reply):
            return
        number = ""
        if asked.value("order_number") or asked.value("tracking_number"):
            order = await order_meant(asked, reply, self.shop)
            if not order:
                return
            number = order.number
        refunds = await self._refunds(asked, number)
        if refunds:
            self._show(reply, refunds)
            return
        returns = [
            each for each in await returns_under_way(asked, self.shop, number) if each.kind != "exchange"
        ]
        for each in returns[:1]:
            reply.show(
                return_card(each, reply.tongue),
                "退款还没有开始，售后进度如下，商品验收后会原路退款：",
                "The refund starts once the goods are checked. This is how far it is:",
            )
        if not returns:
            self._none(asked, reply)

    async def _refunds(self, asked: Asked, number: str) -> list[Refund]:
        try:
            refunds = await self.shop.refunds(asked.customer.id, number)
        except NotFound:
            return []
        under_way = [each for each in refunds if each.state != "arrived"]
        return [*under_way, *(each for each in refunds if each.state == "arrived")][:MOST]

    def _show(self, reply: Reply, refunds: list[Refund]) -> None:
        t, troubled = reply.tongue, False
        for each in refunds:
            late = bool(each.state in REFUND_UNDER_WAY and each.expected and each.expected < now())
            troubled = troubled or late or each.state == "failed"
            reply.show(refund_card(each, t), *_news(each, reply, late=late))
        if troubled:
            reply.offer(
                "这笔退款需要人工核实，要我帮您转接吗？",
                "A person should look into this refund. Shall I pass you on?",
                reply.human(),
            )

    def _none(self, asked: Asked, reply: Reply) -> None:
        del asked
        t = reply.tongue
        reply.offer(
            "没有查到退款记录。如果您想退货或取消订单，可以现在申请。",
            "I found no refund. You can ask for a return or cancel an order.",
            press(t("申请退货", "Return an item"), "return_request"),
            press(t("取消订单", "Cancel an order"), "order_cancel"),
            press(t("多扣款了", "I was overcharged"), "payment_deducted"),
            reply.human(),
        )


async def returns_under_way(asked: Asked, shop: Platform, number: str = "") -> list[Return]:
    """The customer's returns and exchanges that have not ended, of one order or of all."""
    try:
        returns = await shop.returns(asked.customer.id, number)
    except NotFound:
        return []
    return [each for each in returns if each.state not in ENDED]


def _hint(each: Return) -> str:
    """What the customer has to do now, if anything."""
    return (
        "请在期限内把商品寄回，可以预约上门取件，或自己寄回后把单号告诉我。"
        if each.state == "awaiting_goods"
        else ""
    )


def _news(refund: Refund, reply: Reply, *, late: bool) -> tuple[str, str]:
    t = reply.tongue
    if refund.state == "arrived":
        when = t.day(refund.arrived_at) if refund.arrived_at else ""
        return f"这笔退款{when}已到账（{refund.route}）。", f"This refund has arrived {when}."
    if refund.state == "failed":
        return "非常抱歉，这笔退款没有成功。", "I'm sorry, this refund failed."
    if late:
        return "非常抱歉，这笔退款已经超过预计时间了。", "I'm sorry, this refund is overdue."
    by = t.day(refund.expected) if refund.expected else ""
    return (
        f"退款{'审核中' if refund.state == 'reviewing' else '正在路上'}{f'，预计 {by} 前到账' if by else ''}。",
        f"The refund is under way{f', expected by {by}' if by else ''}.",
    )

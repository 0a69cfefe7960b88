"""Invoices: asked for, under way, sent again."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.awaited import completed
from actions.cards.money import invoice_card
from actions.choosing import has_arrived, is_under_way, order_meant, other_order
from actions.confirming import confirm, show_done
from actions.knowledge import FAQ, Knowledge, say_from_knowledge
from actions.platforms.base import InvoiceWish
from actions.platforms.values import Invoice, Order
from actions.reply import Reply
from actions.said import press


class ActionInvoice(ShopAction):
    """Shows an order's invoice, or asks for one after a confirmation."""

    called = "action_invoice"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not asked.customer.id and say_from_knowledge(asked, reply, self.knowledge):
            return
        asked = completed(asked)
        order = await order_meant(asked, reply, self.shop, has_arrived, is_under_way)
        if not order:
            return
        customer, number, key = asked.customer.id, order.number, asked.value("confirm")
        title = asked.value("title")
        if key and title:
            reply.changing = True
            wish = InvoiceWish("electronic", title, asked.value("tax_number"))
            show_done(await self.shop.request_invoice(customer, number, wish, key), reply)
        elif key:
            reply.changing = True
            show_done(await self.shop.resend_invoice(customer, number, key), reply)
        elif asked.value("kind") == "company":
            self._ask_company(asked, reply, order)
        elif title:
            self._confirm(asked, reply, order)
        else:
            await self._show(asked, reply, order)

    async def _show(self, asked: Asked, reply: Reply, order: Order) -> None:
        invoice = await self.shop.invoice(asked.customer.id, order.number)
        if invoice.state in {"issued", "pending"}:
            self._there(asked, reply, invoice)
            return
        verdict = (await self.shop.eligibility(asked.customer.id, order.number)).invoice
        t, names = reply.tongue, {"order_number": order.number}
        if not verdict.allowed:
            reply.offer(
                f"订单 {order.number}：{verdict.reason or '现在还不能开票。'}",
                f"No invoice can be issued for order {order.number} yet.",
                other_order(asked, reply),
                reply.human(),
            )
            return
        if invoice.state == "failed":
            reply.show(invoice_card(invoice, t), "上次开票没有成功，可以重新申请：", "It failed last time:")
        reply.offer(
            f"订单 {order.number} 可以开电子发票，请选择抬头类型。（增值税专用发票请转人工）",
            f"Order {order.number}: to whom should the invoice be made out?",
            press(t("个人抬头", "To me"), asked.intent, **names, title="个人"),
            press(t("公司抬头", "To a company"), asked.intent, **names, kind="company"),
            other_order(asked, reply),
            reply.human(),
        )

    def _there(self, asked: Asked, reply: Reply, invoice: Invoice) -> None:
        t = reply.tongue
        if invoice.state == "pending":
            by = f"，预计 {t.day(invoice.expected)} 前开出" if invoice.expected else ""
            reply.show(
                invoice_card(invoice, t, (other_order(asked, reply),)),
                f"发票正在开具{by}。",
                "The invoice is being issued.",
            )
            return
        again = press(
            t("重新发送", "Send it again"),
            asked.intent,
            order_number=invoice.order,
            confirm=asked.key("resend", invoice.order),
        )
        reply.show(
            invoice_card(invoice, t, (again, other_order(asked, reply))),
            "这张发票已经开好了，没收到的话可以重新发送到邮箱。",
            "The invoice has been issued; I can send it to your mailbox again.",
        )

    def _ask_company(self, asked: Asked, reply: Reply, order: Order) -> None:
        reply.remember(awaiting={"intent": asked.intent, "field": "company", "order_number": order.number})
        reply.say(
            "请把公司名称和税号一起发给我，例如：某某科技有限公司 91XXXXXXXXXXXXXXXX",
            "Please send me the company's name and tax number in one message.",
        )

    def _confirm(self, asked: Asked, reply: Reply, order: Order) -> None:
        t, title, tax = reply.tongue, asked.value("title"), asked.value("tax_number")
        names = {"order_number": order.number, "title": title}
        if tax:
            names["tax_number"] = tax
        told = f"{title}（税号 {tax}）" if tax else title
        confirm(
            asked,
            reply,
            (
                f"为订单 {order.number} 开电子发票，抬头：{told}。确认申请吗？",
                f"An electronic invoice for order {order.number}, made out to {told}. Is that right?",
            ),
            press(t("确认开票", "Yes, issue it"), asked.intent, **names),
            (t("先不开", "Not now"),),
        )

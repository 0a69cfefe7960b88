"""Invoices: asked for, under way, sent again."""

import asyncio
import re

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.money import invoice_card
from actions.changing import Change, carry_out
from actions.choosing import has_arrived, is_under_way, order_meant, orders_of, other_order
from actions.confirming import confirm
from actions.facts import company_in, email_in, tax_number_in
from actions.forms import collect
from actions.knowledge import FAQ, Knowledge, say_from_knowledge
from actions.naming import named_in
from actions.platforms.base import InvoiceWish
from actions.platforms.values import Invoice, Order
from actions.reply import Reply
from actions.said import press
from actions.showing import typed
from actions.verdicts import why_not

PERSONAL = "个人"
LATEST, MOST = 8, 2
_TO_ME = re.compile(r"个人(?:抬头|的|发票|名字)?|抬头.{0,4}(?:个人|我自己|本人)|to me|personal")
ABOUT_PROGRESS = (
    "什么时候",
    "多久",
    "开好",
    "进度",
    "没收到",
    "收不到",
    "再发",
    "重发",
    "重新发",
    "开了吗",
    "开没开",
    "resend",
)


class ActionInvoice(ShopAction):
    """Shows an order's invoice, or asks for one after a confirmation."""

    called = "action_invoice"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not asked.customer.id and say_from_knowledge(asked, reply, self.knowledge):
            return
        progress = asked.text and not asked.pressed and any(word in asked.text for word in ABOUT_PROGRESS)
        if progress and not asked.value("order_number") and await self._under_way(asked, reply):
            return
        asked = _with_told(asked)
        order = await order_meant(asked, reply, self.shop, has_arrived, is_under_way)
        if not order:
            return
        title = asked.value("title") or asked.value("invoice_title")
        if asked.value("confirm"):
            await self._do(asked, reply, order, title)
        elif title and (title == PERSONAL or asked.value("tax_number")):
            self._confirm(asked, reply, order)
        else:
            await self._show(asked, reply, order)

    async def _do(self, asked: Asked, reply: Reply, order: Order, title: str) -> None:
        customer, number, email = asked.customer.id, order.number, asked.value("email")
        if not title:
            change = Change(number, "重发发票")
            await carry_out(
                asked, reply, change, lambda key: self.shop.resend_invoice(customer, number, key, email)
            )
            return
        wish = InvoiceWish(asked.value("kind") or "electronic", title, asked.value("tax_number"), email)
        await carry_out(
            asked,
            reply,
            Change(number, "申请发票", amount_fen=0),
            lambda key: self.shop.request_invoice(customer, number, wish, key),
        )

    async def _under_way(self, asked: Asked, reply: Reply) -> bool:
        """Shows the invoices of the latest orders that have one; whether there are any."""
        orders = [
            each for each in await orders_of(asked, self.shop) if has_arrived(each) or is_under_way(each)
        ]
        told = named_in(asked.text, ((each.title, each) for each in orders))
        if len(told) == 1:
            orders = told
        found = await asyncio.gather(
            *(self.shop.invoice(asked.customer.id, o.number) for o in orders[:LATEST])
        )
        there = [each for each in found if each.state in {"pending", "issued"}]
        there.sort(key=lambda each: each.state != "pending")
        for each in there[:MOST]:
            self._there(asked, reply, each)
        return bool(there)

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
                f"No invoice can be issued for order {order.number} yet. {why_not(verdict)[1]}",
                other_order(asked, reply),
                reply.human(),
            )
            return
        kind = asked.value("kind")
        if kind:
            known = {name: asked.value(name) for name in ("invoice_title", "tax_number", "email")}
            collect(reply, "invoice_form", asked.intent, order_number=order.number, kind=kind, **known)
            return
        if invoice.state == "failed":
            reply.show(invoice_card(invoice, t), "上次开票没有成功，可以重新申请：", "It failed last time:")
        reply.ask(
            f"订单 {order.number} 可以开电子发票，请选择抬头类型。",
            f"Order {order.number}: to whom should the invoice be made out?",
            press(t("个人抬头", "To me"), asked.intent, **names, title=PERSONAL),
            press(t("公司抬头", "To a company"), asked.intent, **names, kind="electronic"),
            press(t("增值税专票", "VAT invoice"), asked.intent, **names, kind="special"),
            other_order(asked, reply),
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
        email = email_in(typed(asked))
        to = {"email": email} if email else {}
        again = press(
            t(f"重新发送{f'到 {email}' if email else ''}", f"Send it again{f' to {email}' if email else ''}"),
            asked.intent,
            order_number=invoice.order,
            confirm=asked.key("resend", f"{invoice.order} {email}"),
            **to,
        )
        reply.show(
            invoice_card(invoice, t, (again, other_order(asked, reply))),
            "这张发票已经开好了，没收到的话可以重新发送到邮箱。",
            "The invoice has been issued; I can send it to your mailbox again.",
        )

    def _confirm(self, asked: Asked, reply: Reply, order: Order) -> None:
        t, tax = reply.tongue, asked.value("tax_number")
        title = asked.value("title") or asked.value("invoice_title")
        names = {"order_number": order.number, "title": title}
        names |= {name: asked.value(name) for name in ("kind", "email") if asked.value(name)}
        paper = (
            ("增值税专用发票", "VAT invoice")
            if names.get("kind") == "special"
            else ("电子发票", "An electronic invoice")
        )
        if tax:
            names["tax_number"] = tax
        told = f"{title}（税号 {tax}）" if tax else title
        confirm(
            asked,
            reply,
            (
                f"为订单 {order.number} 开{paper[0]}，抬头：{told}。确认申请吗？",
                f"{paper[1]} for order {order.number}, made out to {told}. Is that right?",
            ),
            press(t("确认开票", "Yes, issue it"), asked.intent, **names),
            (t("先不开", "Not now"),),
        )


def _with_told(asked: Asked) -> Asked:
    """The same with what the words say of the invoice: its kind, to whom, the tax number, the mailbox."""
    if asked.pressed or not asked.text:
        return asked
    text = asked.text
    tax, company = tax_number_in(text), company_in(text)
    special = any(word in text for word in ("专票", "专用", "增值税"))
    kind = (
        "special" if special else "electronic" if company or tax or "公司" in text or "税号" in text else ""
    )
    title = "" if kind or not _TO_ME.search(text) else PERSONAL
    told = {"kind": kind, "invoice_title": company, "tax_number": tax, "email": email_in(text)}
    return asked.knowing(**told, title=title)

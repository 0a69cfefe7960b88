"""After the sale: whether an item is still under warranty, repairs, and an appointment for installation."""

from datetime import datetime, timedelta

from actions.action import ShopAction, answer_as
from actions.asked import Asked
from actions.cards.rows import fields_of
from actions.changing import Change, carry_out
from actions.choosing import has_arrived, is_about_goods, is_under_way, order_meant, orders_of
from actions.confirming import confirm
from actions.facts import day_in
from actions.forms import collect
from actions.knowledge import FAQ, Knowledge, say_from_knowledge, say_unknown
from actions.naming import named_in
from actions.platforms.base import Platform, TicketWish
from actions.platforms.values import Item, Order
from actions.reply import Reply
from actions.said import Card, Status, press
from actions.tongue import now

MONTH = timedelta(days=30.4)
REPAIR = ("维修", "修一下", "返修", "修理", "repair", "坏了")
BOOK = ("预约", "上门", "师傅", "安排安装", "帮我安装", "约", "book")


async def names_an_order(asked: Asked, shop: Platform) -> bool:
    """Whether a typed question is about something that the customer has bought."""
    if asked.pressed or asked.value("order_number"):
        return bool(asked.value("order_number"))
    if not asked.customer.id or not is_about_goods(asked.text):
        return False
    orders = await orders_of(asked, shop)
    return bool(named_in(asked.text, ((order.title, order) for order in orders)))


class ActionWarrantyOrRepair(ShopAction):
    """Until when what was bought is repaired for nothing, and a repair ticket; without an order, the rules."""

    called = "action_warranty_or_repair"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not await names_an_order(asked, self.shop):
            if not say_from_knowledge(asked, reply, self.knowledge):
                say_unknown(reply)
            if asked.customer.id:
                reply.offer(
                    "想查某件商品还在不在保，可以告诉我是哪一件。",
                    "Tell me which item it is, and I check its warranty.",
                    press(reply.tongue("选择订单", "Pick an order"), "warranty_or_repair", other="yes")
                    if not asked.value("other")
                    else reply.human(),
                    reply.human(),
                )
            return
        order = await order_meant(asked, reply, self.shop, has_arrived, is_under_way)
        if not order:
            return
        item = meant_item(asked, order)
        product = await self.shop.product(item.product_id)
        t, since = reply.tongue, order.signed_at or order.created
        until = since + MONTH * product.warranty_months
        covered = bool(product.warranty_months) and until > now()
        reply.show(_warranty_card(item, (product.warranty_months, until), reply, covered=covered))
        ways = (
            press(t("申请维修", "Ask for a repair"), "open_ticket", kind="repair", order_number=order.number),
            press(t("申请售后", "Return or exchange"), "quality_complaint", order_number=order.number),
        )
        reply.offer(
            f"「{item.name}」{'还在保修期内，非人为故障免费维修' if covered else '已不在免费保修范围，可以付费维修'}。"
            "需要我帮您登记吗？",
            f"{item.name} {'is under warranty' if covered else 'is not under warranty'}. Shall I take something down?",
            *ways,
            reply.human(),
        )


class ActionInstallation(ShopAction):
    """An appointment for installation, as a ticket with a day; without an order, the rules."""

    called = "action_installation"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        typed = asked.text if not asked.pressed else ""
        wants = any(word in typed for word in BOOK)
        going_on = asked.value("visit_day") or asked.value("confirm") or asked.value("order_number")
        if not going_on and not (asked.customer.id and wants):
            if not say_from_knowledge(asked, reply, self.knowledge):
                say_unknown(reply)
            return
        asked = asked.knowing(visit_day=day_in(typed, now().date()) if typed else "")
        order = await order_meant(asked, reply, self.shop, has_arrived, is_under_way)
        if not order:
            return
        item, t, day = meant_item(asked, order), reply.tongue, asked.value("visit_day")
        if not day:
            collect(reply, "visit_form", asked.intent, order_number=order.number)
        elif asked.value("confirm"):
            wish = TicketWish("installation", f"安装预约：{item.name}", order.number, day)
            await carry_out(
                asked,
                reply,
                Change(order.number, f"预约安装 {day}"),
                lambda key: self.shop.open_ticket(asked.customer.id, wish, key),
            )
        else:
            confirm(
                asked,
                reply,
                (
                    f"为「{item.name}」预约 {day} 上门安装，师傅会提前电话联系您。确认预约吗？",
                    f"Installation of {item.name} on {day}; the fitter will ring first. Is that right?",
                ),
                press(t("确认预约", "Yes, book it"), asked.intent, order_number=order.number, visit_day=day),
                (t("先不约", "Not now"), reply.human()),
            )


class ActionReturnPolicy(ShopAction):
    """Whether what was bought can still go back, computed by the shop; without an order, the rules."""

    called = "action_return_policy"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        about_mine = any(
            word in asked.text for word in ("还能", "还可以", "我的", "我买", "这个", "这单", "这件")
        )
        named = await names_an_order(asked, self.shop)
        if named or (about_mine and asked.customer.id and asked.remembered("order_number")):
            await answer_as(
                asked, reply, self.shop,
                ("return_request", {"order_number": await self._number(asked, reply)}),
            )  # fmt: skip
        elif not say_from_knowledge(asked, reply, self.knowledge):
            say_unknown(reply)

    async def _number(self, asked: Asked, reply: Reply) -> str:
        orders = await orders_of(asked, self.shop)
        told = named_in(asked.text, ((order.title, order) for order in orders))
        del reply
        return told[0].number if len(told) == 1 else asked.remembered("order_number")


def meant_item(asked: Asked, order: Order) -> Item:
    """The item that the text names, else the first."""
    named = named_in(asked.text, ((item.name, item) for item in order.items)) if asked.text else []
    return named[0] if named else order.items[0]


def _warranty_card(item: Item, terms: tuple[int, datetime], reply: Reply, *, covered: bool) -> Card:
    t, (months, until) = reply.tongue, terms
    fields = [
        (t("保修期", "Warranty"), t(f"{months} 个月", f"{months} months") if months else t("无", "none")),
        (t("保修至", "Until"), f"{until.year}-{until.month:02d}-{until.day:02d}" if months else ""),
    ]
    status = (
        Status(t("保修期内", "Covered"), "good")
        if covered
        else Status(t("不在保修期", "Not covered"), "warn")
    )
    return Card(
        "policy", t(f"保修：{item.name}", f"Warranty: {item.name}"), image=item.image, status=status,
        fields=fields_of(fields),
    )  # fmt: skip

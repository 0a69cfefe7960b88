"""Changing an order before it leaves the shop: address, phone, remark, specification, quantity."""

import re
from typing import ClassVar

import msgspec

from actions.action import ShopAction, read_as
from actions.asked import Asked
from actions.cards.orders import order_card
from actions.changing import Change, carry_out
from actions.choosing import is_any, is_before_dispatch, order_meant, other_order
from actions.confirming import confirm
from actions.facts import address_in, count_in, phone_in, remark_in
from actions.forms import collect
from actions.naming import fitting_spec, named_in
from actions.platforms.base import OrderChange
from actions.platforms.capabilities import OF_MODIFY
from actions.platforms.values import Item, Order, Product, Verdict
from actions.reply import Reply
from actions.said import press
from actions.verdicts import why_not

FIELDS = ("address", "phone", "remark", "spec", "quantity")
WORDS: dict[str, str] = {
    "address": "地址|收货",
    "phone": "电话|手机|号码|联系方式",
    "remark": "备注|留言",
    "spec": "颜色|尺码|规格|款式|型号|码数|大小|换色|换码",
    "quantity": "数量|几件|多买|少买|件数|加一件|减一件",
}

# Not another address of the order, but another place for its parcel.
_TO_PICK_UP = re.compile(r"(?:改|换|放|送).{0,4}(?:自提|驿站|代收点|快递柜|丰巢)")


class ActionOrderModify(ShopAction):
    """Collects what is to be different, reads it back, and changes it after a confirmation."""

    called = "action_order_modify"
    labels: ClassVar[dict[str, tuple[str, str]]] = {
        "address": ("收货地址", "address"),
        "phone": ("联系电话", "phone"),
        "remark": ("订单备注", "remark"),
        "spec": ("规格", "specification"),
        "quantity": ("数量", "quantity"),
    }

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if (
            not asked.pressed
            and _TO_PICK_UP.search(asked.text)
            and not re.search(WORDS["remark"], asked.text)
        ):
            await read_as(asked, reply, self.shop, "delivery_change")
            return
        asked = _with_what_was_told(asked)
        order = await order_meant(asked, reply, self.shop, is_before_dispatch, is_any)
        if not order:
            return
        wish = wished(asked)
        if asked.value("confirm"):
            await self._do(asked, reply, order, wish)
            return
        verdict = (await self.shop.eligibility(asked.customer.id, order.number)).modify
        if not verdict.allowed:
            self._cannot(asked, reply, order, verdict)
            return
        item, product = await self._goods(asked, order, wish)
        if item and product and not wish.get("spec") and asked.text:
            spec = fitting_spec(asked.text, _in_stock(product, item))
            wish |= {"spec": spec} if spec else {}
        field = asked.value("field") or ("" if wish else _field_in(asked.text))
        if field in {"spec", "quantity"} or wish.get("spec") or wish.get("quantity"):
            if not item:
                self._which_item(asked, reply, order, (field or "spec", wish))
                return
            wish["item"] = item.id
        if field and field not in wish:
            self._collect(reply, order, field, (wish, item, product))
        elif wish:
            self._confirm(asked, reply, order, wish)
        else:
            self._which(asked, reply, order)

    async def _do(self, asked: Asked, reply: Reply, order: Order, wish: dict[str, str]) -> None:
        change = OrderChange(
            address=wish.get("address", ""), phone=wish.get("phone", ""), remark=wish.get("remark", ""),
            item=wish.get("item", ""), spec=wish.get("spec", ""), quantity=int(wish.get("quantity") or 0),
        )  # fmt: skip
        customer = asked.customer.id
        told = "、".join(self.labels[field][0] for field in FIELDS if wish.get(field))
        # The new address or number itself is the customer's: the shop has it, the audit line names the field.
        safe = "、".join(wish[field] for field in ("spec", "quantity") if wish.get(field))
        await carry_out(
            asked,
            reply,
            Change(order.number, f"改{told}{f'：{safe}' if safe else ''}", order.status_text),
            lambda key: self.shop.modify(customer, order.number, change, key),
        )

    async def _goods(
        self, asked: Asked, order: Order, wish: dict[str, str]
    ) -> tuple[Item | None, Product | None]:
        """The item that is meant, and its product when the specification is at stake."""
        named = [item for item in order.items if item.id == (asked.value("item") or wish.get("item"))]
        named = named or named_in(asked.text, ((item.name, item) for item in order.items))
        item = named[0] if len(named) == 1 else order.items[0] if len(order.items) == 1 else None
        at_stake = asked.value("field") == "spec" or (asked.text and not asked.value("field"))
        return item, await self.shop.product(item.product_id) if item and at_stake else None

    def _collect(
        self,
        reply: Reply,
        order: Order,
        field: str,
        known: tuple[dict[str, str], Item | None, Product | None],
    ) -> None:
        wish, item, product = known
        specs = "|".join(_in_stock(product, item)) if product and item and field == "spec" else ""
        if field == "spec" and not specs:
            reply.offer(
                "这件商品暂时没有其他有货的同价规格可以换。您可以取消后重新下单，或者转人工客服。",
                "There is no other specification of this item in stock at the same price.",
                press(reply.tongue("取消订单", "Cancel it"), "order_cancel", order_number=order.number),
                reply.human(),
            )
            return
        about = {**wish, "order_number": order.number, "field": field, "specs": specs}
        collect(reply, "order_change_form", "order_modify", **about)

    def _which_item(
        self, asked: Asked, reply: Reply, order: Order, about: tuple[str, dict[str, str]]
    ) -> None:
        field, wish = about
        choices = [
            press(item.name, asked.intent, **wish, order_number=order.number, item=item.id, field=field)
            for item in order.items
        ]
        reply.ask("是订单里的哪一件商品？", "Which item is it?", *choices)

    def _which(self, asked: Asked, reply: Reply, order: Order) -> None:
        t = reply.tongue
        ways = [
            press(t(f"改{zh}", f"Change the {en}"), asked.intent, order_number=order.number, field=field)
            for field, (zh, en) in self.labels.items()
            if self.shop.offers(OF_MODIFY[field]) and not (field == "quantity" and order.paid_at)
        ]
        reply.show(order_card(order, t))
        reply.ask(
            "这个订单还没发货，可以修改。您想改哪一项？",
            "This order has not left yet. What would you like to change?",
            *ways,
            other_order(asked, reply),
        )

    def _confirm(self, asked: Asked, reply: Reply, order: Order, wish: dict[str, str]) -> None:
        t = reply.tongue
        lines = [
            t(f"{self.labels[field][0]}：{wish[field]}", f"{self.labels[field][1]}: {wish[field]}")
            for field in FIELDS
            if wish.get(field)
        ]
        told = "\n".join(lines)
        confirm(
            asked,
            reply,
            (
                f"订单 {order.number}（{order.title}）将改为：\n{told}\n确认修改吗？",
                f"Order {order.number} will be changed:\n{told}\nIs that right?",
            ),
            press(
                t("确认修改", "Yes, change it"),
                asked.intent,
                order_number=order.number,
                **{name: value for name, value in wish.items() if value},
            ),
            (t("先不改", "Leave it"),),
        )

    def _cannot(self, asked: Asked, reply: Reply, order: Order, verdict: Verdict) -> None:
        t = reply.tongue
        ways = (
            (press(t("修改配送", "Change the delivery"), "delivery_change", order_number=order.number),)
            if order.status == "shipped"
            else ()
        )
        zh, en = why_not(verdict)
        reply.offer(
            f"订单 {order.number}：{zh or '现在不能修改了。'}",
            f"Order {order.number} can't be changed any more. {en}",
            *ways,
            other_order(asked, reply),
            reply.human(),
        )


def wished(asked: Asked) -> dict[str, str]:
    """What the message says that is to be different, by field."""
    fields = ("address", "phone", "remark", "item", "quantity")
    own, told = dict(asked.entities), dict[str, str]()
    if asked.text and not asked.pressed:
        count = count_in(asked.text)
        told = {
            "address": address_in(asked.text)
            if "地址" in asked.text or "改" in asked.text or asked.assumed
            else "",
            "phone": phone_in(asked.text),
            "remark": remark_in(asked.text),
            "quantity": str(count) if count else "",
        }
    # What this message says counts before what was said earlier.
    wish = {name: own.get(name) or told.get(name) or asked.value(name) for name in fields}
    wish["spec"] = asked.value("spec") or asked.value("new_spec")
    if asked.value("change_value") and asked.value("field") in FIELDS:
        wish[asked.value("field")] = asked.value("change_value")
    return {name: value for name, value in wish.items() if value}


def _with_what_was_told(asked: Asked) -> Asked:
    """The same with what the words say as entities, so that picking an order loses nothing of it."""
    if asked.pressed or not asked.text:
        return asked
    wish = wished(asked)
    field = "" if wish else _field_in(asked.text)
    told = {**dict(asked.entities), **wish, **({"field": field} if field else {})}
    return msgspec.structs.replace(asked, entities=tuple(told.items()))


def _field_in(text: str) -> str:
    fields = [field for field, words in WORDS.items() if any(word in text for word in words.split("|"))]
    return fields[0] if len(fields) == 1 else ""


def _in_stock(product: Product, item: Item) -> list[str]:
    """Other specifications at the same price of which there are enough."""
    return [
        spec.spec
        for spec in product.specs
        if spec.spec != item.spec and spec.stock >= item.quantity and spec.price_fen == item.price_fen
    ]

"""Coupons, points, and the price that is protected after buying."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.money import coupon_card
from actions.changing import Change, back_today, carry_out
from actions.choosing import has_arrived, is_signed_in, is_under_way, order_meant, other_order
from actions.confirming import confirm
from actions.knowledge import FAQ, Knowledge, say_from_knowledge, say_if_sure
from actions.platforms.base import NotFound
from actions.platforms.values import Order
from actions.reply import Reply
from actions.said import Card, Field, Status, Step, press
from actions.tongue import iso

MOST = 3
MINE = ("我有", "我的", "我还有", "几张", "多少张", "有没有券", "my coupon", "I have")


class ActionCoupon(ShopAction):
    """What the FAQ says, and the coupons that the customer can use."""

    called = "action_coupon"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not asked.customer.id:
            if not say_from_knowledge(asked, reply, self.knowledge):
                is_signed_in(asked, reply)
            return
        mine = any(word in asked.text for word in MINE)
        said = not mine and say_if_sure(asked, reply, self.knowledge)
        try:
            coupons = await self.shop.coupons(asked.customer.id)
        except NotFound:
            coupons = ()
        soonest = sorted(coupons, key=lambda coupon: coupon.valid_until)
        if soonest:
            reply.say(
                f"您有 {len(soonest)} 张可用的优惠券，最快到期的是：",
                f"You have {len(soonest)} coupons to use. First to expire:",
            )
        elif not said:
            reply.say("您目前没有可用的优惠券。", "You have no coupon to use at the moment.")
        for coupon in soonest[:MOST]:
            reply.show(coupon_card(coupon, reply.tongue))


class ActionMembershipPoints(ShopAction):
    """What the FAQ says, and the customer's balance with its latest changes."""

    called = "action_membership_points"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not asked.customer.id:
            if not say_from_knowledge(asked, reply, self.knowledge):
                is_signed_in(asked, reply)
            return
        say_if_sure(asked, reply, self.knowledge)
        points, t = await self.shop.points(asked.customer.id), reply.tongue
        fields = [Field(t("会员等级", "Level"), asked.customer.level)] if asked.customer.level else []
        if points.expiring and points.expiring_at:
            fields.append(
                Field(t("即将到期", "Expiring"), f"{points.expiring} · {t.day(points.expiring_at)}")
            )
        reply.show(
            Card(
                "coupon",
                t("我的积分", "My points"),
                status=Status(t(f"{points.balance} 分", f"{points.balance} points"), "good"),
                fields=tuple(fields),
                steps=tuple(
                    Step(iso(change.time), f"{change.text} {change.points:+d}")
                    for change in points.changes[:5]
                ),
            )
        )


class ActionPriceProtection(ShopAction):
    """Whether the price fell after buying, and the difference paid back after a confirmation."""

    called = "action_price_protection"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not asked.customer.id and say_from_knowledge(asked, reply, self.knowledge):
            return
        order = await order_meant(asked, reply, self.shop, is_under_way, has_arrived)
        if not order:
            return
        t, item, key = reply.tongue, asked.value("item"), asked.value("confirm")
        if item and key:
            # How much it is the shop works out; no more than the item cost.
            cost = next((each.amount_fen for each in order.items if each.id == item), 0)
            amount = await self._difference(order, item, cost)
            back = await back_today(asked, self.shop, order.number)
            change = Change(order.number, "价保退差价", order.status_text, amount, back)
            await carry_out(
                asked,
                reply,
                change,
                lambda key: self.shop.protect_price(asked.customer.id, order.number, item, key),
            )
            return
        items = (await self.shop.eligibility(asked.customer.id, order.number)).items
        open_items = [each for each in items if each.price_protection.allowed]
        chosen = [each for each in open_items if each.item == item] or open_items
        if not chosen:
            why = items[0].price_protection.reason if items else ""
            reply.offer(
                f"订单 {order.number}：{why or '目前不能申请价保。'}",
                f"Order {order.number}: there is no price difference to claim.",
                other_order(asked, reply),
                reply.human(),
            )
        elif len(chosen) > 1:
            names = [
                press(each.name, asked.intent, order_number=order.number, item=each.item) for each in chosen
            ]
            reply.ask("要为哪件商品申请价保？", "For which item?", *names)
        else:
            confirm(
                asked,
                reply,
                (
                    f"「{chosen[0].name}」{chosen[0].price_protection.reason}差价会原路退回，现在申请吗？",
                    f"{chosen[0].name} can be claimed for; the difference goes back the way you paid. Claim it?",
                ),
                press(
                    t("申请价保", "Claim it"), asked.intent, order_number=order.number, item=chosen[0].item
                ),
                (t("先不用", "Not now"), other_order(asked, reply)),
            )

    async def _difference(self, order: Order, item: str, otherwise: int) -> int:
        """What the item is cheaper now, in fen; `otherwise` when that can't be told."""
        bought = next((each for each in order.items if each.id == item), None)
        specs = (await self.shop.product(bought.product_id)).specs if bought else ()
        price = next((spec.price_fen for spec in specs if bought and spec.spec == bought.spec), None)
        return (
            max(bought.price_fen - price, 0) * bought.quantity if bought and price is not None else otherwise
        )

"""The same goods once more: what they cost today, and the shop's page to order them on."""

import asyncio

from actions.action import ShopAction
from actions.asked import Asked
from actions.choosing import has_arrived, order_meant, other_order
from actions.platforms.base import PlatformError
from actions.platforms.capabilities import Capability
from actions.platforms.values import Item, Order, Product
from actions.reply import Reply
from actions.said import Card, CardItem, Status, press


class ActionReorder(ShopAction):
    """The goods of an order at today's prices, with the link to order them; without one, how to find them."""

    called = "action_reorder"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        order = await order_meant(asked, reply, self.shop, has_arrived)
        if not order:
            return
        t = reply.tongue
        today = await asyncio.gather(*(self._today(item, t("缺货", "sold out")) for item in order.items))
        reply.show(_goods_card(order, tuple(today), reply))
        links = [(product.name, product.url) for product, _ in today if product and product.url]
        if order.again_url:
            told = (f"点开就能再来一单：{order.again_url}", f"Order the same again here: {order.again_url}")
        elif links:
            lines = "\n".join(f"{name}：{url}" for name, url in links)
            told = (f"商品页在这里，可以直接下单：\n{lines}", f"Their pages, to order them:\n{lines}")
        else:
            told = (
                "在商城搜索上面的商品名就能再次购买。",
                "Search the shop for the names above to buy them again.",
            )
        reply.offer(
            *told,
            press(t("查看订单", "See the order"), "order_status", order_number=order.number),
            other_order(asked, reply),
            reply.human(),
        )

    async def _today(self, item: Item, sold_out: str) -> tuple[Product | None, CardItem]:
        """The product as it is sold now, where that can be told, and the line of it."""
        line = CardItem(item.name, item.spec, item.quantity, item.amount_fen, item.image)
        if not self.shop.offers(Capability.PRODUCT):
            return None, line
        try:
            product = await self.shop.product(item.product_id)
        except PlatformError:  # then as it was bought
            return None, line
        spec = next((each for each in product.specs if each.spec == item.spec), None)
        if spec is None or spec.stock < item.quantity:
            return product, CardItem(item.name, f"{item.spec} · {sold_out}", item.quantity, None, item.image)
        return product, CardItem(
            item.name, item.spec, item.quantity, spec.price_fen * item.quantity, item.image
        )


def _goods_card(order: Order, today: tuple[tuple[Product | None, CardItem], ...], reply: Reply) -> Card:
    t, lines = reply.tongue, tuple(line for _, line in today)
    there = [line.amount_fen for line in lines if line.amount_fen is not None]
    gone = len(lines) - len(there)
    status = (
        Status(t("有货", "In stock"), "good")
        if not gone
        else Status(t("部分缺货", "Partly sold out") if there else t("暂时缺货", "Sold out"), "warn")
    )
    return Card(
        "product",
        t("再来一单", "Order again"),
        order=order.number,
        image=order.image,
        status=status,
        items=lines,
        amount_fen=sum(there) if there else None,
    )

"""Products: what they are, what they cost and whether they are in stock."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.money import product_card
from actions.knowledge import FAQ, Knowledge, say_from_knowledge, say_if_sure
from actions.naming import named_in
from actions.reply import Reply
from actions.said import press

MOST = 4


class ProductAnswer(ShopAction):
    """The product that was named, else what the FAQ says, else which product it is about."""

    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        words, t = asked.value("product"), reply.tongue
        products = await self.shop.products(words, MOST) if words else ()
        exact = [product for product in products if product.name == words]
        if len(products) > 1 and not exact:
            told = named_in(asked.text, ((product.name, product) for product in products))
            exact = told if len(told) == 1 else []
        if len(products) == 1 or exact:
            product = (exact or list(products))[0]
            reply.show(product_card(product, t), "查到这款商品的信息：", "This is what I know about it:")
            reply.offer(
                "没有写到的细节，人工客服可以帮您确认。",
                "A person can tell you what is not written here.",
                reply.human(),
            )
        elif products:
            names = [press(product.name, asked.intent, product=product.name) for product in products]
            reply.ask("您问的是哪一款？", "Which one do you mean?", *names)
        elif words:
            if say_if_sure(asked, reply, self.knowledge):
                return
            self._ask(reply, f"没有找到「{words}」，", f"I can't find {words}. ")
        elif not say_from_knowledge(asked, reply, self.knowledge):
            reply.remember(topic=asked.intent)
            self._ask(reply)

    def _ask(self, reply: Reply, zh: str = "", en: str = "") -> None:
        reply.offer(
            f"{zh}请问是哪一款商品？把商品名称发给我，我来帮您查规格、价格和库存。",
            f"{en}Which product is it? Send me its name and I'll look it up.",
            reply.human(),
        )


class ActionProductQuestion(ProductAnswer):
    called = "action_product_question"


class ActionProductStock(ProductAnswer):
    called = "action_product_stock"


class ActionPriceOrPromo(ProductAnswer):
    called = "action_price_or_promo"

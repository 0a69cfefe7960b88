"""What follows on something said before: a typed yes, a bare number, a fragment."""

import re

from actions.action import ShopAction, answer_as, has_answer, read_as, read_on
from actions.asked import Asked
from actions.choosing import offer_orders, orders_of
from actions.english import plainly_asked
from actions.facts import address_in, phone_in, tracking_in
from actions.naming import pointed_in
from actions.pictured import asked_last, say_pictured
from actions.platforms.base import NotFound, Platform
from actions.pointing import SOFT
from actions.reply import Reply
from actions.said import press
from actions.talk import first_choices

ABOUT_PRODUCTS = frozenset({"product_question", "product_stock", "price_or_promo"})
# Plain words of a request in a message that was read as none.
PLAINLY: tuple[tuple[str, str], ...] = (
    (
        r"改.{0,6}(?:地址|电话|手机|备注|颜色|尺码|规格|数量)|(?:地址|电话|手机号).{0,4}(?:改|换)",
        "order_modify",
    ),
    (r"(?:加|写|补|改).{0,4}备注|备注[:：]", "order_modify"),
    (r"(?:再|重新|继续).{0,2}(?:付|支付)|付款链接|去付", "payment_failed"),
    (
        (
            r"(?:改到|改成|换到|推迟到|延到|晚到|等到).{0,4}(?:今|明|后)天|(?:今|明|后)天再?(?:送|派)|(?:周|星期)[一-六日天末].{0,3}(?:送|派)"
            r"|改送|改派|改.{0,3}(?:送|寄|派)到|送到.{0,4}(?:公司|单位|另一个地址)"
        ),
        "delivery_change",
    ),
    (r"寄(?:出|回|走|过去)|发回去了|退回去了", "return_how"),
    (
        r"(?:要|申请|给我?|求).{0,4}(?:赔偿|补偿|赔钱)|赔偿我|补偿我|(?:能|给|怎么|要|得)(?:不能)?(?:我)?赔|赔(?:我|点|一点|多少)|补偿(?:点|一下|一点)",
        "open_ticket",
    ),
)


_URGES = re.compile(
    r"^(?:能不能|可不可以|可以|麻烦|帮我|请|给我|那)*(?:再)?(?:快点|快一?些|快一点|催一?[下催]|催催?|加急|尽快)"
)
_HOW_LONG = re.compile(
    r"(?:多久|多长时间|几天|什么时候|啥时候).{0,4}(?:处理|审核|审|弄|搞|解决|办)(?:完|好|下来|过)?"
)
SENT_IN = frozenset(
    {
        "return_request",
        "exchange_request",
        "quality_complaint",
        "missing_or_wrong_item",
        "add_photos",
        "return_how",
    }
)
SHORT = 8  # signs of an answer to what was asked, at most
ON_THE_WAY = frozenset({"logistics_track", "logistics_delay", "delivery_change", "delivery_not_received"})


async def _what_to_urge(asked: Asked, shop: Platform) -> str:
    """The parcel when the order that we spoke of has left, else its dispatch."""
    number, topic = asked.remembered("order_number"), asked.remembered("topic")
    try:
        left = (await shop.order(asked.customer.id, number)).status == "shipped" if number else False
    except NotFound:
        left = False
    return "logistics_delay" if left or topic in ON_THE_WAY else "order_urge_ship"


def _is_short(text: str) -> bool:
    """Whether it may be an answer to what was asked, and no question of its own."""
    return len(text) <= SHORT and not re.search(r"吗|[?？]|怎么|什么|多少", text)


async def ask_again(asked: Asked, reply: Reply, shop: Platform) -> bool:
    """Asks what was asked last once more, with what the words said meanwhile; False when nothing was."""
    about = asked_last(asked)
    known = {str(name): str(value) for name, value in about.get("entities", {}).items()}
    return await read_on(asked, reply, shop, (str(about.get("intent")), known))


async def goes_on(asked: Asked, reply: Reply, shop: Platform) -> bool:
    """Answers a message that was read as no request by what it plainly says, or by what we were at."""
    if asked.pressed or not asked.text:
        return False
    if asked.pictures and asked.customer.id:
        await say_pictured(asked, reply, shop)
        reply.is_understood()
        return True
    plainly = next((intent for words, intent in PLAINLY if re.search(words, asked.text)), "")
    plainly = plainly or (plainly_asked(asked.text) if asked.english else "")
    if plainly and await read_as(asked, reply, shop, plainly):
        reply.is_understood()
        return True
    topic = asked.remembered("topic")
    if asked.listed("asking") and asked.customer.id and await ask_again(asked, reply, shop):
        return True
    if _HOW_LONG.search(asked.text) and topic in SENT_IN and asked.customer.id:
        reply.is_understood()
        return await read_as(asked, reply, shop, "return_how")
    picking = asked.told("picking")
    if picking and picking.get("intent") == topic and asked.customer.id and _is_short(asked.text):
        kept = {str(name): str(value) for name, value in (picking.get("kept") or {}).items()}
        reply.is_understood()
        return await read_on(asked, reply, shop, (topic, kept))
    if _URGES.search(asked.text) and topic and asked.customer.id:
        reply.is_understood()
        return await read_as(asked, reply, shop, await _what_to_urge(asked, shop))
    if topic == "order_modify" and (address_in(asked.text) or phone_in(asked.text)):
        return await read_as(asked, reply, shop, topic)
    if not asked.customer.id or not topic or not has_answer(topic) or topic in SOFT:
        return False
    orders = await orders_of(asked, shop)
    told = pointed_in(asked.text, ((order.title, order.number) for order in orders))
    if len(told) == 1:
        return await answer_as(asked, reply, shop, (topic, {"order_number": told[0]}))
    return False


class ActionAffirm(ShopAction):
    """A yes to a question that another one came between asks it again; else a friendly word."""

    called = "action_affirm"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        paused = asked.told("paused")
        if asked.listed("asking") and await ask_again(asked, reply, self.shop):
            return
        if paused:
            entities = {str(name): str(value) for name, value in paused.get("entities", {}).items()}
            entities.pop("confirm", None)
            reply.remember(paused=None)
            if await answer_as(asked, reply, self.shop, (str(paused.get("intent")), entities)):
                return
        reply.say("好的。还有什么可以帮您？", "All right. Is there anything else?")


class ActionProvideInfo(ShopAction):
    """Goes on with what was asked before, with the number or name that was missing then."""

    called = "action_provide_info"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        topic = asked.remembered("topic")
        if asked.pictures and not asked.text:
            await say_pictured(asked, reply, self.shop)
            return
        if tracking_in(asked) and topic == "return_how" and await read_as(asked, reply, self.shop, topic):
            return
        if asked.value("product") and topic in ABOUT_PRODUCTS:
            means = topic, {"product": asked.value("product")}
        elif asked.value("order_number"):
            means = _order_topic(topic), {"order_number": asked.value("order_number")}
        elif asked.value("tracking_number"):
            means = (
                _order_topic(topic, "logistics_track"),
                {"tracking_number": asked.value("tracking_number")},
            )
        elif await goes_on(asked, reply, self.shop):
            return
        else:
            reply.offer(
                "收到。请问您想用这个信息办理什么呢？",
                "Got it. What would you like me to do with this?",
                *first_choices(reply),
            )
            return
        await answer_as(asked, reply, self.shop, means)


class ActionNeedsContext(ShopAction):
    """Asks what a fragment is about, with the order we spoke of or the latest ones at hand."""

    called = "action_needs_context"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if asked.value("order_number") or asked.value("tracking_number"):
            await ActionProvideInfo(self.shop).answer(asked, reply)
            return
        if await goes_on(asked, reply, self.shop):
            return
        t, number = reply.tongue, asked.remembered("order_number")
        if number:
            reply.offer(
                f"您说的是订单 {number} 吗？想了解哪方面呢？",
                f"Is this about order {number}? What would you like to know?",
                press(t("查物流", "Track it"), "logistics_track", order_number=number),
                press(t("退款进度", "Refund progress"), "refund_progress", order_number=number),
                press(t("其他订单", "Another order"), "order_status", other="yes"),
                reply.human(),
            )
            return
        orders = await orders_of(asked, self.shop) if asked.customer.id else ()
        if orders:
            offer_orders(asked.as_press("order_status", {}), reply, orders)
            return
        reply.offer(
            "请问您想咨询什么问题？可以说得具体一点，我马上帮您。",
            "What would you like to know? A few more words help me to help you.",
            *first_choices(reply),
        )


def _order_topic(topic: str, otherwise: str = "order_status") -> str:
    return topic if topic and topic not in ABOUT_PRODUCTS and has_answer(topic) else otherwise

"""The way back of returned goods: a courier fetches them, or the customer sends them and tells the number."""

import re

from actions.asked import Asked
from actions.changing import Change, carry_out
from actions.confirming import confirm
from actions.facts import courier_in, courier_of, day_in, tracking_in
from actions.forms import collect
from actions.platforms.base import Pickup, Platform, SendBack
from actions.platforms.capabilities import Capability
from actions.platforms.values import Return
from actions.reply import Reply
from actions.said import Choice, press
from actions.showing import typed
from actions.tongue import now

SENT = re.compile(r"寄(?:出|回|走|过去)了|已经?寄|发回去了|退回去了|单号")
FETCH = re.compile(r"上门取|取件|来取|来拿|上门拿|pick ?up")


def sends_back(asked: Asked) -> bool:
    """Whether it is about the way back: pressed, collected, or typed."""
    told = ("way", "return_courier", "return_tracking", "visit_day")
    if any(asked.value(name) for name in told):
        return True
    if asked.pressed or not asked.text:
        return False
    return bool(tracking_in(asked) or SENT.search(asked.text) or FETCH.search(asked.text))


def ways_of(asked: Asked, each: Return, reply: Reply, shop: Platform) -> tuple[Choice, ...]:
    """How the goods may go back now; nothing while there is nothing to send."""
    if each.state != "awaiting_goods":
        return ()
    t = reply.tongue
    fetch = press(t("预约上门取件", "Have it picked up"), asked.intent, return_id=each.id, way="pickup")
    own = press(t("我已寄回，填单号", "I have sent it"), asked.intent, return_id=each.id, way="courier")
    return (
        *((fetch,) if shop.offers(Capability.BOOK_PICKUP) else ()),
        *((own,) if shop.offers(Capability.SEND_BACK) else ()),
    )


async def send_goods_back(asked: Asked, reply: Reply, shop: Platform, returns: list[Return]) -> None:
    """Collects how the goods of one of these go back, and registers it after a confirmation."""
    waiting = [each for each in returns if each.state == "awaiting_goods"]
    if not waiting:
        _nothing_to_send(reply, returns)
        return
    if len(waiting) > 1:
        known = {name: value for name, value in asked.entities if name != "return_id"}
        number = tracking_in(asked)
        known |= {"return_tracking": number, "way": "courier"} if number else {}
        choices = [press(each.name, asked.intent, **known, return_id=each.id) for each in waiting]
        reply.ask("是哪一件商品？", "Which item is it?", *choices)
        return
    fetched = asked.value("way") == "pickup" or asked.value("visit_day")
    if fetched or FETCH.search(typed(asked)):
        await _fetch(asked, reply, shop, waiting[0])
    else:
        await _by_courier(asked, reply, shop, waiting[0])


async def _fetch(asked: Asked, reply: Reply, shop: Platform, each: Return) -> None:
    day, t = asked.value("visit_day") or day_in(typed(asked), now().date()), reply.tongue
    if asked.value("confirm"):
        await carry_out(
            asked,
            reply,
            Change(each.id, f"预约上门取件 {day}", each.state_text),
            lambda key: shop.book_pickup(asked.customer.id, each.id, Pickup(day), key),
        )
    elif not day:
        collect(reply, "visit_form", asked.intent, return_id=each.id, way="pickup")
    else:
        confirm(
            asked,
            reply,
            (
                f"预约 {day} 上门取「{each.name}」，请提前包好商品和配件。确认预约吗？",
                f"A courier will pick up {each.name} on {day}. Is that right?",
            ),
            press(
                t("确认预约", "Yes, book it"), asked.intent, return_id=each.id, visit_day=day, way="pickup"
            ),
            (t("先不约", "Not now"), reply.human()),
        )


async def _by_courier(asked: Asked, reply: Reply, shop: Platform, each: Return) -> None:
    t, number = reply.tongue, asked.value("return_tracking") or tracking_in(asked)
    courier = asked.value("return_courier") or courier_in(asked.text) or courier_of(number)
    if not (number and courier):
        collect(
            reply,
            "sendback_form",
            asked.intent,
            return_id=each.id,
            return_courier=courier,
            return_tracking=number,
        )
        return
    if asked.value("confirm"):
        await carry_out(
            asked,
            reply,
            Change(each.id, f"登记寄回：{courier} {number}", each.state_text),
            lambda key: shop.send_back(asked.customer.id, each.id, SendBack(courier, number), key),
        )
        return
    confirm(
        asked,
        reply,
        (
            f"「{each.name}」已由{courier}寄回，单号 {number}，确认登记吗？",
            f"{each.name} is on its way back with {courier}, number {number}. Is that right?",
        ),
        press(
            t("确认登记", "Yes, that is right"),
            asked.intent,
            return_id=each.id,
            return_courier=courier,
            return_tracking=number,
        ),
        (t("先不登记", "Not now"), reply.human()),
    )


def _nothing_to_send(reply: Reply, returns: list[Return]) -> None:
    if not returns:
        reply.offer(
            "没有查到待寄回的售后单。需要退货的话，可以先提交申请，审核通过后再寄回。",
            "There is no return that waits for its goods. Please apply first and send it once it is approved.",
            press(reply.tongue("申请退货", "Return an item"), "return_request"),
            reply.human(),
        )
        return
    state = returns[0]
    told = f"，单号 {state.tracking_number}" if state.tracking_number else ""
    reply.offer(
        f"「{state.name}」的售后目前是「{state.state_text}」{told}，现在不需要再填写寄回信息。",
        "Nothing needs to be sent or registered for this return at the moment.",
        press(reply.tongue("查看进度", "See how far it is"), "return_how"),
        reply.human(),
    )

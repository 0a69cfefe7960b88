"""A picture without words: it goes with what waits for a yes or an order, or the shopper says what it shows."""

from typing import Any

from actions.action import answer_as
from actions.adding_photos import INTENT, Application, applications
from actions.asked import Asked
from actions.platforms.base import Platform, PlatformError
from actions.platforms.capabilities import Capability
from actions.reply import Reply
from actions.said import press
from actions.showing import photos_shown

TAKES_PHOTOS = frozenset(
    {
        "return_request", "exchange_request", "quality_complaint", "missing_or_wrong_item", "open_ticket",
        "logistics_lost_or_damaged", "logistics_delay", "delivery_not_received", "add_photos",
    }
)  # fmt: skip


async def say_pictured(asked: Asked, reply: Reply, shop: Platform) -> None:
    """Takes the picture along with what we were at; without anything, asks what it is about."""
    waiting = asked.told("pending") or asked.told("paused") or asked_last(asked) or asked.told("picking")
    intent = str(waiting.get("intent"))
    if waiting and intent in TAKES_PHOTOS:
        told = waiting.get("entities") or waiting.get("kept") or {}
        entities = {str(name): str(value) for name, value in told.items()}
        # Another key: what was offered before went without this picture.
        entities.pop("confirm", None)
        before = tuple(entities.get("photos", "").removeprefix("-").split())
        entities["photos"] = " ".join(dict.fromkeys((*before, *photos_shown(asked))))
        reply.say("照片收到了，会一起附上。", "Got it; the photo goes along.")
        await answer_as(asked, reply, shop, (intent, entities))
        return
    if asked.form:
        reply.say("图片收到了。", "I have your picture.")
        return
    sent_in = await _sent_in(asked, shop)
    t, number = reply.tongue, asked.remembered("order_number")
    if len([each for each in sent_in if each.order == number]) == 1 or asked.remembered("topic") == INTENT:
        await answer_as(asked, reply, shop, (INTENT, {}))
        return
    to_it = (press(t("补充到已提交的申请", "For what I sent in"), INTENT),) if sent_in else ()
    known = {"order_number": number} if number else {}
    reply.offer(
        "图片收到了。图片里的内容我看不懂，但可以帮您附在申请里，人工同事也能看到。请问是哪种情况？",
        "I have your picture. I can't tell what it shows, but I can attach it, and a person can see it. "
        "What is it about?",
        *to_it,
        press(t("商品有质量问题", "The item is faulty"), "quality_complaint", **known),
        press(t("收到时破损", "It arrived broken"), "logistics_lost_or_damaged", kind="damaged", **known),
        press(t("少发或发错", "Wrong or missing item"), "missing_or_wrong_item", **known),
        reply.human(),
    )


async def _sent_in(asked: Asked, shop: Platform) -> list[Application]:
    """What the picture may be for that was handed in already."""
    if not asked.customer.id or not shop.offers(Capability.ADD_PHOTOS):
        return []
    try:
        return await applications(asked, shop)
    except PlatformError:
        return []  # a picture alone is worth no failure: what it is about can be asked


def asked_last(asked: Asked) -> dict[str, Any]:
    """What the question that was asked last is for: what all of its answers have in common."""
    options = [means for _, means in asked.listed("asking")]
    if not options:
        return {}
    intent, entities = options[0]["intent"], dict(options[0]["entities"])
    alike = [each["entities"] for each in options if each["intent"] == intent]
    common = {name: value for name, value in entities.items() if all(e.get(name) == value for e in alike)}
    return {"intent": intent, "entities": common}

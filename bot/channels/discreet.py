"""What may be said where others read along: nothing of anybody's orders."""

import re

import msgspec

from bot.conversation.bodies import CardShown, Choices, Image, Text
from bot.courier.contract import Told

REFERRED = "这条回复涉及您的订单信息，为保护隐私不在群里显示。请私聊我查看。"
_PERSONAL = frozenset({"order", "tracking", "payment", "refund", "return", "invoice"})
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{0,4}[0-9](?:[ -]?[0-9]){9,}(?![0-9])")


def discreet(told: tuple[Told, ...]) -> tuple[Told, ...]:
    """The same without order data: such cards and pickers become a word to write in private, once.

    Long numbers in texts (orders, parcels, phones) keep their ends only.
    """
    kept: list[Told] = []
    for one in told:
        match one.body:
            case CardShown(card=card) if card.kind in _PERSONAL:
                body: Text | Choices | CardShown | Image = Text(REFERRED)
            case Choices(choices=choices) if any(offer.order for offer in choices):
                body = Text(REFERRED)
            case Choices(text=text) as picker:
                body = msgspec.structs.replace(picker, text=masked(text))
            case Text(text=text):
                body = Text(masked(text))
            case other:
                kept.append(msgspec.structs.replace(one, body=other))
                continue
        if not (kept and isinstance(body, Text) and body == kept[-1].body == Text(REFERRED)):
            kept.append(msgspec.structs.replace(one, body=body))
    return tuple(kept)


def masked(text: str) -> str:
    """The text with the middle of every long number hidden."""
    return _NUMBER.sub(lambda found: found.group()[:2] + "****" + found.group()[-2:], text)

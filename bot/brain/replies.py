"""From what actions utter to what the bot says: said bodies, and the wish to hand over."""

from typing import Any

import msgspec

from bot.conversation.bodies import Choices, Means, Offer, Said, Text
from bot.conversation.changed import Changed, Proposal
from bot.errors import BrainError


class UnreadableReplyError(BrainError):
    """An action uttered something that is not of docs/wire.md."""

    code = "unreadable_reply"


class Uttered(msgspec.Struct, frozen=True):
    """Everything of one turn, in order; `hand_off` is a reason or ""."""

    replies: tuple[Said, ...]
    hand_off: str = ""
    note: str = ""
    proposal: Proposal | None = None
    changes: tuple[Changed, ...] = ()
    understood: bool = False


class _HandOff(msgspec.Struct):
    reason: str
    note: str = ""
    proposal: Proposal | None = None


def parse_uttered(messages: list[dict[str, Any]]) -> Uttered:
    """Reads the messages of Rasa's collecting channel. Raises UnreadableReplyError."""
    replies: list[Said] = []
    changes: list[Changed] = []
    wish = _HandOff("")
    understood = False
    try:
        for message in messages:
            custom = message.get("custom")
            if isinstance(custom, dict) and "hand_off" in custom:
                wish = msgspec.convert(custom["hand_off"], _HandOff)
            elif isinstance(custom, dict) and "changed" in custom:
                changes.append(msgspec.convert(custom["changed"], Changed))
            elif isinstance(custom, dict) and "understood" in custom:
                understood = True
            elif custom:
                replies.append(msgspec.convert(custom, Said))
            elif message.get("buttons"):
                replies.append(Choices(message.get("text") or "", _offers(message["buttons"])))
            elif message.get("text"):
                replies.append(Text(message["text"]))
    except msgspec.MsgspecError as error:
        raise UnreadableReplyError(str(error)) from error
    return Uttered(tuple(replies), wish.reason, wish.note, wish.proposal, tuple(changes), understood)


def _offers(buttons: list[dict[str, Any]]) -> tuple[Offer, ...]:
    return tuple(
        Offer(str(n), str(button["title"]), means=msgspec.json.decode(button["payload"], type=Means))
        for n, button in enumerate(buttons, start=1)
    )

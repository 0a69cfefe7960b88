"""What a CRM reads of an event: its type and JSON. Pure (docs/api/webhooks.md)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.conversation.bodies import Closed, HandedOff, Rated, Recalled, plain_text
from bot.conversation.events import Event, Kind
from bot.conversation.ticket import Ticketed, TicketStage
from bot.logs import masked
from bot.settings import Hook


def letter_of(
    conversation: str, whose: Mapping[str, Any], event: Event, hook: Hook
) -> tuple[str, str] | None:
    """The letter's type and JSON; None for what this hook does not want to hear."""
    told = _told(event)
    if told is None or told[0] not in hook.events:
        return None
    kind, data = told
    about = {"customer": whose["customer"], "by": {"role": event.sender.role, "name": event.sender.name}}
    content: Any = msgspec.to_builtins({**about, "data": data})
    content = {
        "id": f"{conversation}:{event.seq}",
        "type": kind,
        "conversation": conversation,
        "channel": whose["channel"],
        "ts": event.ts,
        **(content if hook.clear else without_particulars(content)),
    }
    return kind, msgspec.json.encode(content).decode()


def _told(event: Event) -> tuple[str, dict[str, Any]] | None:
    match event.body:
        case HandedOff(reason=reason, note=note):
            return "conversation.handed_off", {"reason": reason, "note": note}
        case Closed(by=by):
            return "conversation.closed", {"by": by}
        case Rated(stars=stars, reasons=reasons, comment=comment):
            return "conversation.rated", {"stars": stars, "reasons": reasons, "comment": comment}
        case Ticketed(step=step, ticket=ticket, note=note):
            ended = step == "moved" and ticket.stage is TicketStage.CLOSED
            kind = "opened" if step == "opened" else "closed" if ended else "moved"
            return f"ticket.{kind}", {"step": step, "ticket": ticket, "note": note}
        case Recalled(of=of):
            return "message.recalled", {"of": of}
        case body if event.kind is Kind.SAID:
            return "message.said", {"role": event.sender.role, "text": plain_text(body)}
        case _:
            return None


def without_particulars(content: Any) -> Any:
    """JSON's values with phones and numbers in its texts starred out; its own numbers stay."""
    if isinstance(content, str):
        return masked(content)
    if isinstance(content, dict):
        return {name: without_particulars(value) for name, value in content.items()}
    if isinstance(content, list):
        return [without_particulars(value) for value in content]
    return content

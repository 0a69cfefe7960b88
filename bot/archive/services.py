"""A service: from a customer's first word until an agent closed it or all were silent. Folded from events."""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.archive.database import storable
from bot.conversation.bodies import Claimed, Closed, HandedOff, Rated, Released, Transferred, Understood
from bot.conversation.events import Event, Kind, Role

# A customer who comes back after so long a silence of both sides begins a new service.
SILENCE_MS = 30 * 60_000
_NOT_A_MATTER = frozenset({"", "hand_off", "nlu_fallback", "request_human", "greet", "thanks", "goodbye"})
_COMPLAINTS = frozenset({"service_complaint", "quality_complaint"})


class Service(Struct, frozen=True):
    """A row of `services`; times in ms, 0 for never. `skill` is what a colleague passed it on for."""

    conversation: str
    first: int
    last: int
    channel: str
    customer: str
    level: str
    began: int
    ended: int
    intent: str = ""
    said: int = 0
    answers: int = 0
    misses: int = 0
    reason: str = ""
    handed: int = 0
    claimed: int = 0
    first_word: int = 0
    agent: str = ""
    agent_name: str = ""
    closed: int = 0
    stars: int = 0
    complaint: bool = False
    skill: str = ""

    @property
    def is_over(self) -> bool:
        return bool(self.closed)

    @property
    def is_with_people(self) -> bool:
        return bool(self.handed or self.claimed) and not self.closed


class Counted(Service, frozen=True):
    """A service as reports count it: the skill that it called for, and whether it came again for the same.

    `again` is None where nobody knows: an unknown customer, or no matter that was understood.
    """

    again: bool | None = None


class Whose(Struct, frozen=True):
    """The conversation that a service belongs to, and its customer; a level only when the shop vouches for it."""

    conversation: str
    channel: str
    customer: str
    level: str


def fold_service(service: Service | None, event: Event, whose: Whose) -> Service | None:
    """The service after one more event; a new one begins with a customer's word. None before the first."""
    if _begins(service, event):
        who, seq, now = whose, event.seq, event.ts
        service = Service(who.conversation, seq, seq, who.channel, who.customer, who.level, now, now)
    if service is None or event.kind is Kind.TICKETED:
        return service
    return replace(service, last=event.seq, ended=event.ts, **_changes(service, event))


def _begins(service: Service | None, event: Event) -> bool:
    from_customer = event.sender.role is Role.CUSTOMER and event.kind in (Kind.SAID, Kind.HANDED_OFF)
    if not from_customer:
        return False
    if service is None or service.is_over:
        return True
    return not service.is_with_people and event.ts - service.ended > SILENCE_MS


def _changes(service: Service, event: Event) -> dict[str, Any]:
    match event.body:
        case Understood(intent=intent, decision=decision):
            matter = service.intent or (intent if intent not in _NOT_A_MATTER else "")
            return {
                "intent": matter,
                "misses": service.misses + (decision == "ask"),
                "complaint": service.complaint or intent in _COMPLAINTS,
            }
        case HandedOff(reason=reason):
            return {
                "reason": service.reason or reason,
                "handed": service.handed or event.ts,
                "complaint": service.complaint or reason == "complaint",
            }
        case Claimed(agent=agent, name=name) | Transferred(to=agent, name=name):
            first = service.claimed or event.ts
            return {"claimed": first, "agent": agent, "agent_name": storable(name)}
        case Released(skill=skill) if skill:
            return {"skill": skill}
        case Closed():
            return {"closed": event.ts}
        case Rated(stars=stars):
            return {"stars": stars}
        case _ if event.kind is Kind.SAID:
            return _said(service, event)
        case _:
            return {}


def _said(service: Service, event: Event) -> dict[str, Any]:
    match event.sender.role:
        case Role.CUSTOMER:
            return {"said": service.said + 1}
        case Role.BOT:
            return {"answers": service.answers + 1}
        case Role.AGENT:
            return {"first_word": service.first_word or event.ts}
        case _:
            return {}

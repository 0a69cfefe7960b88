"""Replies to begin with: the FAQ's and colleagues' past answers to words like the customer's (docs/wire.md)."""

from collections.abc import Sequence

import msgspec
from aiohttp import web

from bot.archive.accounts import Session
from bot.archive.past import Past
from bot.console import lists
from bot.console.answers import answer
from bot.console.door import signed_in
from bot.console.known import LEAST, Suggestion
from bot.console.likeness import Likeness
from bot.console.parts import PARTS
from bot.console.roles import Verb
from bot.conversation.bodies import Choice, Text, plain_text
from bot.conversation.events import Event, Kind, Role
from bot.conversation.human_wish import asks_for_human
from bot.desk.masking import mask_text

_LOOKED_AT = 60
_LAST_WORDS = 3
_MOST = 3


class Suggested(msgspec.Struct, frozen=True):
    """The best first; `of` is the seq of the words that they answer, 0 without any."""

    of: int
    suggestions: list[Suggestion]


@signed_in(Verb.REPLY)
async def suggestions(request: web.Request, _: Session) -> web.StreamResponse:
    """At most three; none where nothing is like enough. Nothing of it is ever sent by itself."""
    parts, name = request.app[PARTS], request.match_info["id"]
    state = await lists.known_state(parts, name)
    events = await parts.log.last_events(name, before=state.seq + 1, limit=_LOOKED_AT)
    past = await parts.past.recent(besides=name)
    for event in _asked(events):
        words = plain_text(event.body)
        found = [*parts.faq.near(words, state.customer.lang), *_past(past, words)]
        found.sort(key=lambda one: -one.likeness)
        if found:
            # The answers are the shop's own words and are said as they stand; what was asked is a customer's.
            shown = [msgspec.structs.replace(one, title=mask_text(one.title)) for one in found[:_MOST]]
            return answer(Suggested(event.seq, shown), clear=True)
    return answer(Suggested(0, []))


def _asked(events: Sequence[Event]) -> list[Event]:
    """The customer's last words, newest first, without his wish for a human: that has been granted."""
    said = [
        event
        for event in reversed(events)
        if event.kind is Kind.SAID
        and event.sender.role is Role.CUSTOMER
        and isinstance(event.body, Text | Choice)
        and not asks_for_human(plain_text(event.body))
    ]
    return said[:_LAST_WORDS]


def _past(past: Sequence[Past], words: str) -> list[Suggestion]:
    best: dict[str, Suggestion] = {}
    for one, like in zip(past, Likeness(one.asked for one in past).to(words), strict=True):
        if like >= LEAST and (one.answered not in best or best[one.answered].likeness < like):
            best[one.answered] = Suggestion(one.answered, "past", one.asked[:80], round(like, 3), one.by)
    return list(best.values())

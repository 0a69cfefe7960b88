"""What agents look at: the lists, a conversation, its events, its customer's other ones (docs/wire.md)."""

from aiohttp import web

from bot.archive.accounts import Session
from bot.console import lists
from bot.console.answers import answer, language
from bot.console.door import signed_in
from bot.console.numbers import whole
from bot.console.parts import PARTS
from bot.console.roles import Verb
from bot.conversation.events import Event, wire
from bot.desk.packet import make_packet
from bot.errors import BadCallError

_EVENTS = 200


@signed_in(Verb.LOOK)
async def conversations(request: web.Request, session: Session) -> web.StreamResponse:
    parts = request.app[PARTS]
    tab, after = request.query.get("tab", "line"), request.query.get("after", "")
    words = request.query.get("q", "").strip()[:100]
    if tab == "mine":
        page = await lists.mine(parts, session.agent.id, words)
    elif tab == "line":
        page = await lists.line(parts, words, after)
    elif tab == "all":
        page = await lists.every(parts, words, after)
    else:
        raise BadCallError
    shared, by_agent = await lists.counts(parts)
    counts = {"mine": by_agent.get(session.agent.id, 0), **shared}
    return answer({"conversations": page.conversations, "counts": counts, "next": page.next})


@signed_in(Verb.LOOK)
async def conversation(request: web.Request, _: Session) -> web.StreamResponse:
    parts, name = request.app[PARTS], request.match_info["id"]
    state = await lists.known_state(parts, name)
    events = await parts.log.last_events(name, before=state.seq + 1, limit=_EVENTS)
    return answer(
        {
            "summary": await lists.as_it_is(parts, state),
            "events": [wire(event) for event in events],
            "more": _is_more(events),
            "packet": make_packet(events, parts.labels, language(request), state.customer_since),
        }
    )


@signed_in(Verb.LOOK)
async def events(request: web.Request, _: Session) -> web.StreamResponse:
    parts, name = request.app[PARTS], request.match_info["id"]
    before, limit = whole(request, "before", 0), whole(request, "limit", 100)
    if not 1 <= limit <= _EVENTS:
        raise BadCallError
    state = await lists.known_state(parts, name)
    found = await parts.log.last_events(name, before or state.seq + 1, limit)
    return answer({"events": [wire(event) for event in found], "more": _is_more(found)})


@signed_in(Verb.LOOK)
async def history(request: web.Request, _: Session) -> web.StreamResponse:
    """The same customer's conversations in other channels and times, the newest first."""
    parts, name = request.app[PARTS], request.match_info["id"]
    state = await lists.known_state(parts, name)
    found = await parts.store.history(state.customer.id if state.customer.verified else "")
    others = [one.conversation for one in found if one.conversation != name]
    return answer({"conversations": await lists.shown(parts, others)})


def _is_more(found: list[Event]) -> bool:
    return bool(found) and found[0].seq > 1

"""Tickets over HTTP: opening one, and how those of a customer stand."""

from aiohttp import web

from shop.api.doorway import CLOCK, STORE, the_customer
from shop.api.reads import page_of
from shop.api.writes import Answered, read
from shop.errors import NotFoundError
from shop.moments import Moment
from shop.tickets import KINDS, STATES, Ticket, Wish, open_ticket as accept, steps_so_far


def shown(ticket: Ticket, moment: Moment) -> dict[str, object]:
    """A ticket as the API says it, steps newest first."""
    steps = steps_so_far(ticket, moment)
    state = steps[-1][1]
    return {
        "id": ticket.id,
        "kind": ticket.kind,
        "kind_text": KINDS[ticket.kind],
        "order": ticket.order or None,
        "state": state,
        "state_text": STATES[state],
        "result": "",
        "day": ticket.day,
        "feedback_before": ticket.feedback_before,
        "created": ticket.created,
        "steps": [{"time": time, "text": text} for time, _, text in reversed(steps)],
    }


def open_ticket(request: web.Request, body: bytes, moment: Moment) -> Answered:
    wish, store = read(body, Wish), request.app[STORE]
    customer = the_customer(request).id
    if wish.order and store.order(customer, wish.order, moment) is None:
        raise NotFoundError
    ticket = accept(wish, customer, len(store.tickets(customer)) + 1, moment)
    store.add_ticket(ticket)
    by = f"{ticket.feedback_before:%m月%d日 %H:%M}"
    return 201, {
        "ticket": shown(ticket, moment),
        "message": f"已受理{KINDS[ticket.kind]}，{by} 前给您首次反馈。",
    }


async def list_tickets(request: web.Request) -> web.Response:
    moment, number = request.app[CLOCK](), request.query.get("order")
    found = request.app[STORE].tickets(the_customer(request).id)
    return page_of(request, [shown(t, moment) for t in found if number in {None, t.order}])

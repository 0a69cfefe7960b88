"""Pictures for what was handed in already, over HTTP: one path for returns, cases and tickets."""

from aiohttp import web
from msgspec.structs import replace

from shop import parts
from shop.api import show_orders, show_parts, tickets
from shop.api.doorway import STORE, the_customer
from shop.api.writes import Answered, read
from shop.errors import NotFoundError
from shop.moments import Moment
from shop.more_photos import More, add_to_case, add_to_return, ended, together
from shop.tickets import steps_so_far


def add_photos(request: web.Request, body: bytes, moment: Moment) -> Answered:
    more, name = read(body, More), request.match_info["application"]
    store, customer = request.app[STORE], the_customer(request).id
    for order in store.orders(customer, moment):
        if parts.the_return(order, name):
            changed = add_to_return(order, name, more)
            store.save(changed)
            found = next(each for each in changed.returns if each.id == name)
            return 200, {"return": show_parts.returned(changed, found), "message": _told(more, found.photos)}
        if parts.the_case(order, name):
            changed = add_to_case(order, name, more)
            store.save(changed)
            case = next(each for each in changed.cases if each.id == name)
            return 200, {"case": show_orders.case(changed, case), "message": _told(more, case.photos)}
    ticket = next((each for each in store.tickets(customer) if each.id == name), None)
    if ticket is None:
        raise NotFoundError
    if steps_so_far(ticket, moment)[-1][1] == "closed":
        raise ended()
    ticket = replace(ticket, photos=together(ticket.photos, more))
    store.save_ticket(ticket)
    return 200, {"ticket": tickets.shown(ticket, moment), "message": _told(more, ticket.photos)}


def _told(more: More, photos: tuple[str, ...]) -> str:
    return f"已补充 {len(more.photos)} 张照片，申请里现在共有 {len(photos)} 张，审核时会一并查看。"

"""Tickets: what people have to look into, opened after it was told and confirmed."""

from typing import get_args

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.tickets import KINDS, ticket_card
from actions.changing import Change, carry_out
from actions.choosing import is_signed_in
from actions.confirming import confirm
from actions.forms import collect
from actions.platforms.aftercare import TicketKind
from actions.platforms.base import NotFound, TicketWish
from actions.platforms.capabilities import Capability
from actions.reply import Reply
from actions.said import press
from actions.showing import evidence_of, photos_told, typed, with_evidence

MOST = 2


class ActionOpenTicket(ShopAction):
    """Asks what it is about, reads it back, opens the ticket; one of the kind under way is shown instead."""

    called = "action_open_ticket"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not is_signed_in(asked, reply):
            return
        reply.remember(topic=asked.intent)
        if not self.shop.offers(Capability.OPEN_TICKET):
            reply.say(
                "这个问题需要人工同事登记处理，马上为您转接。",
                "A colleague has to take this down; I'm passing you on.",
            )
            reply.hand_off("complaint")
            return
        kind = _kind(asked.value("kind"))
        order = asked.value("order_number") or asked.remembered("order_number")
        asked = with_evidence(asked, typed(asked))
        text, day = asked.value("ticket_text") or asked.value("evidence"), asked.value("visit_day")
        if asked.value("confirm"):
            reply.remember(shown=None)
            photos = evidence_of(asked).photos
            wish = TicketWish(kind, text or KINDS[kind][0], order, day, photos=photos)
            change = Change(order or "-", f"登记工单：{KINDS[kind][0]}")
            await carry_out(
                asked, reply, change, lambda key: self.shop.open_ticket(asked.customer.id, wish, key)
            )
        elif await self._is_under_way(asked, reply, kind, order):
            return
        elif not text:
            self._soothe(reply, kind)
            collect(reply, "ticket_form", asked.intent, kind=kind, order_number=order, visit_day=day)
        else:
            self._confirm(asked, reply, (kind, order, text, day))

    async def _is_under_way(self, asked: Asked, reply: Reply, kind: TicketKind, order: str) -> bool:
        try:
            tickets = await self.shop.tickets(asked.customer.id)
        except NotFound:
            return False
        same = [
            ticket
            for ticket in tickets
            if ticket.kind == kind and ticket.state != "closed" and (ticket.order or "") == order
        ]
        for ticket in same[:MOST]:
            reply.show(
                ticket_card(ticket, reply.tongue),
                "这个问题已经登记过了，专员正在处理：",
                "This is already being looked into:",
            )
        if same:
            reply.offer("需要马上和人沟通的话，可以转人工。", "You can also talk to a person.", reply.human())
        return bool(same)

    def _soothe(self, reply: Reply, kind: TicketKind) -> None:
        if kind in {"compensation", "complaint"}:
            reply.say(
                "非常抱歉给您带来了损失，我理解您的心情，马上为您登记，专员会尽快核实处理。",
                "I'm very sorry for the trouble. I'll take this down for a specialist.",
            )

    def _confirm(self, asked: Asked, reply: Reply, ticket: tuple[TicketKind, str, str, str]) -> None:
        kind, order, text, day = ticket
        t = reply.tongue
        zh, en = KINDS[kind]
        known = {"kind": kind, "ticket_text": text}
        known |= {"photos": asked.value("photos")} if asked.value("photos") else {}
        along = photos_told(asked)
        known |= {"order_number": order} if order else {}
        known |= {"visit_day": day} if day else {}
        about = t(f"（订单 {order}）", f" (order {order})") if order else ""
        when = t(f"，日期 {day}", f", on {day}") if day else ""
        confirm(
            asked,
            reply,
            (
                f"为您登记{zh}{about}{when}：{text}\n{along[0]}24 小时内给您首次反馈。确认登记吗？",
                f"{en}{about}{when}: {text}\n{along[1]}You hear from us within 24 hours. Is that right?",
            ),
            press(t("确认登记", "Yes, take it down"), asked.intent, **known),
            (t("先不登记", "Not now"), reply.human()),
        )


def _kind(told: str) -> TicketKind:
    return next((kind for kind in get_args(TicketKind) if kind == told), "compensation")

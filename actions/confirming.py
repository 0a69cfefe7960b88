"""The second step before anything changes: a button that carries the key under which it is done."""

import msgspec

from actions.asked import Asked
from actions.cards.money import invoice_card, refund_card, return_card
from actions.cards.orders import case_card, order_card, order_choices, tracking_card
from actions.cards.tickets import ticket_card
from actions.platforms.values import Done
from actions.reply import Reply
from actions.said import Choice, Means, press

Others = tuple[str] | tuple[str, Choice] | tuple[str, Choice, Choice]


def confirm(asked: Asked, reply: Reply, question: tuple[str, str], yes: Choice, others: Others) -> None:
    """Ask before doing what `yes` means. `others`: the label that declines, and other ways if there are some.

    The key is made from the message that is answered here and not from the press, so that
    two presses on one button do it once. A typed 确认 counts as the press (slot `pending`).
    """
    means = yes.means
    thing = "|".join(f"{name}={value}" for name, value in sorted(means.entities.items()))
    entities = {**means.entities, "confirm": asked.key(means.intent, thing)}
    pressed = msgspec.structs.replace(yes, means=Means(intent=means.intent, entities=entities))
    reply.remember(pending={"intent": means.intent, "entities": entities}, paused=None, topic=means.intent)
    declines = press(others[0], "deny")
    reply.offer(question[0], question[1], pressed, declines, *others[1:])


def show_done(done: Done, reply: Reply, intent: str = "") -> None:
    """What the shop has changed, in its own words and as cards."""
    t = reply.tongue
    reply.say(done.message or "已经办好了。", DONE.get(intent, "Done."))
    if done.coupons:
        reply.say(
            f"用掉的优惠券也退回来了：{'、'.join(done.coupons)}。" if not done.message else "",
            "The coupon that you used is yours again.",
        )
    if done.order:
        reply.show(order_card(done.order, t, order_choices(done.order, t)))
    if done.sent_back:
        reply.show(return_card(done.sent_back, t))
    if done.refund:
        reply.show(refund_card(done.refund, t))
    if done.case:
        reply.show(case_card(done.case, t))
    if done.shipment:
        reply.show(tracking_card(done.shipment, t))
    if done.invoice:
        reply.show(invoice_card(done.invoice, t))
    if done.ticket:
        reply.show(ticket_card(done.ticket, t))


DONE = {
    "order_cancel": "The order is cancelled.",
    "order_modify": "The order is changed.",
    "order_urge_ship": "The warehouse has been urged.",
    "payment_deducted": "The money is on its way back, the way it came.",
    "price_protection": "The difference is on its way back to you.",
    "delivery_change": "The delivery is changed.",
    "logistics_delay": "The enquiry is open; you hear from us within 24 hours.",
    "logistics_lost_or_damaged": "The enquiry is open; you hear from us within 24 hours.",
    "delivery_not_received": "The enquiry is open; you hear from us within 24 hours.",
    "return_request": "Your application is in; it is usually reviewed within a working day.",
    "exchange_request": "Your application is in; it is usually reviewed within a working day.",
    "return_how": "Done, your return is updated.",
    "add_photos": "Your photos are added.",
    "invoice": "The invoice is taken care of.",
}

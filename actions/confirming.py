"""The second step before anything changes: a button that carries the key under which it is done."""

import msgspec

from actions.asked import Asked
from actions.cards.money import invoice_card, refund_card, return_card
from actions.cards.orders import case_card, order_card, order_choices, tracking_card
from actions.platforms.values import Done
from actions.reply import Reply
from actions.said import Choice, Means, press

Others = tuple[str] | tuple[str, Choice]


def confirm(asked: Asked, reply: Reply, question: tuple[str, str], yes: Choice, others: Others) -> None:
    """Ask before doing what `yes` means. `others`: the label that declines, and another way if there is one.

    The key is made from the message that is answered here and not from the press, so that
    two presses on one button do it once. A typed 确认 counts as the press (slot `pending`).
    """
    means = yes.means
    thing = "|".join(f"{name}={value}" for name, value in sorted(means.entities.items()))
    entities = {**means.entities, "confirm": asked.key(means.intent, thing)}
    pressed = msgspec.structs.replace(yes, means=Means(intent=means.intent, entities=entities))
    reply.remember(pending={"intent": means.intent, "entities": entities})
    declines = press(others[0], "deny")
    reply.offer(question[0], question[1], pressed, declines, *others[1:])


def show_done(done: Done, reply: Reply) -> None:
    """What the shop has changed, in its own words and as cards."""
    t = reply.tongue
    reply.say(done.message or "已经办好了。", "Done.")
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

"""A second request in the same message: the first is answered, the second is offered."""

from actions.asked import Asked
from actions.labels import label
from actions.reply import Reply
from actions.said import Choice, Means

GIVEN = frozenset({"order_number", "tracking_number", "product"})
"""What the shopper had already named, which a press on a button must not lose."""


# Requests that are one and the same for a shopper: what he says of one is answered with the other.
ALIKE = (
    frozenset(
        {
            "return_request", "exchange_request", "quality_complaint", "missing_or_wrong_item", "return_policy",
            "logistics_lost_or_damaged",
        }
    ),
    frozenset({"logistics_track", "logistics_delay", "delivery_not_received"}),
    frozenset({"order_status", "order_urge_ship", "logistics_track"}),
)  # fmt: skip


def offer_second(asked: Asked, reply: Reply) -> None:
    """A button for what else was asked, unless a person takes over, who reads it himself."""
    if not asked.second or asked.second == asked.intent or asked.pressed or reply.handed_off:
        return
    if any({asked.intent, asked.second} <= same for same in ALIKE):
        return
    named = label(asked.second)
    known = {name: value for name, value in asked.entities if name in GIVEN}
    reply.offer(
        f"您还问到了「{named.zh}」，点一下我接着帮您看。",
        f"You also asked about “{named.en}”: tap here and I'll go on with it.",
        Choice(reply.tongue(named.zh, named.en), Means(intent=asked.second, entities=known)),
    )

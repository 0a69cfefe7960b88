"""Why the shop allows or forbids something: its own sentence in Chinese, ours by its code in English."""

from actions.platforms.values import Verdict

ENGLISH: dict[str, str] = {
    "ok": "",
    "already_cancelled": "It is cancelled already.",
    "already_shipped": "It has left already.",
    "not_open": "It is cancelled.",
    "not_waiting_for_dispatch": "It is not waiting to be dispatched.",
    "not_paid": "It is not paid for, or cancelled.",
    "already_issued": "An invoice was asked for already.",
    "already_claimed": "The difference for this item was claimed already.",
    "too_late": "The time for this is over.",
    "not_cheaper": "Today's price is not lower than yours.",
    "already_open": "There is a case for this item under way.",
    "already_done": "This item had its return or exchange.",
    "not_shipped": "It has not left yet: simply cancel the order.",
    "not_signed": "The parcel has not been signed for yet.",
    "needs_goods_back": "Without a fault the goods have to come back.",
    "not_received": "For goods that never came, ask for the refund alone.",
    "excluded": "These goods can't be returned without a fault.",
}


def why_not(verdict: Verdict) -> tuple[str, str]:
    """The reason in both languages; English is empty for a code that we don't know."""
    return verdict.reason, ENGLISH.get(verdict.code, "")

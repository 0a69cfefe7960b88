"""Doing what was confirmed: within limits, once, and written down; above a limit it waits for an agent."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from actions.asked import Asked
from actions.confirming import show_done
from actions.platforms.base import NotFound, Platform, PlatformError, Refused, Unsupported
from actions.platforms.values import Done
from actions.reply import Reply
from actions.settings import settings
from actions.tongue import now, yuan

DAY = timedelta(hours=24)
MOST_KEPT = 60


class Change(msgspec.Struct, frozen=True):
    """What is about to happen: `thing` is an order's, parcel's, return's or payment's number.

    `old` and `new` are safe to be read by agents; `amount_fen` is the money that goes back to the customer, and
    `back_today_fen` what went back to him otherwise in the last 24 hours, wherever he asked for it.
    """

    thing: str
    new: str
    old: str = ""
    amount_fen: int = 0
    back_today_fen: int = 0


async def back_today(asked: Asked, shop: Platform, but_for: str) -> int:
    """What went back to the customer in the last 24 hours by the shop's books, in fen, but for that order.

    A conversation only knows what was done in it; the same customer may have another one.
    """
    try:
        refunds = await shop.refunds(asked.customer.id)
    except (NotFound, Unsupported):
        return 0
    since = now() - DAY
    return sum(each.amount_fen for each in refunds if each.created > since and each.order != but_for)


async def carry_out(
    asked: Asked, reply: Reply, change: Change, do: Callable[[str], Awaitable[Done]]
) -> Done | None:
    """Does it under the confirmation's key and shows what came of it; None when a limit stands before it."""
    key = asked.value("confirm")
    if not asked.customer.id or not key:
        raise NotFound(change.thing)
    done_today = _of_today(asked)
    repeated = key in {each["key"] for each in done_today}
    if not repeated and not _may(asked, reply, change, done_today):
        return None
    reply.changing = True
    try:
        done = await do(key)
    except PlatformError as error:
        outcome = "refused" if isinstance(error, (Refused, NotFound, Unsupported)) else "unknown"
        reply.audit(_line(asked, change, outcome))
        raise
    if not repeated:
        reply.audit(_line(asked, change, "done"))
    reply.changing = False
    mine = {"at": now().isoformat(), "key": key, "amount_fen": change.amount_fen}
    kept = [each for each in done_today if each["key"] != key]
    reply.remember(changes_done=[*kept, mine][-MOST_KEPT:], paused=None)
    show_done(done, reply, asked.intent)
    return done


def _may(asked: Asked, reply: Reply, change: Change, done_today: list[dict[str, Any]]) -> bool:
    limits = settings()
    if asked.approved_by:
        return True
    if max(len(done_today), asked.changes_before) >= limits.changes_per_day:
        reply.say(
            "为了您的账户安全，今天在线办理的次数已经到上限了，我请人工同事继续帮您办理。",
            "For the safety of your account the number of changes for today is used up; a colleague will go on.",
        )
        _propose(asked, reply, change, f"{limits.changes_per_day} changes in 24 h")
        return False
    done_here = sum(int(each["amount_fen"]) for each in done_today)
    money = max(done_here, change.back_today_fen) + change.amount_fen
    if change.amount_fen > limits.approve_above_fen or money > limits.money_per_day_fen:
        reply.say(
            f"这次涉及 {yuan(change.amount_fen)}，为了资金安全需要人工同事复核。"
            "我已经把方案准备好交给同事了，确认后会马上为您办理，请稍等。",
            f"This is about {yuan(change.amount_fen)}, which a colleague has to approve. Everything is prepared; "
            "it will be done as soon as it is approved.",
        )
        _propose(asked, reply, change, yuan(change.amount_fen))
        return False
    return True


def _propose(asked: Asked, reply: Reply, change: Change, why: str) -> None:
    told = " → ".join(part for part in (change.old, change.new) if part)
    proposal = {
        "intent": asked.intent,
        "entities": dict(asked.entities),
        "text": f"{change.thing}: {told}",
        "amount_fen": change.amount_fen,
    }
    reply.hand_off("approval", f"{told} ({why})", proposal)


def _of_today(asked: Asked) -> list[dict[str, Any]]:
    since = now() - DAY
    return [
        each
        for each in asked.listed("changes_done")
        if isinstance(each, dict) and {"at", "key", "amount_fen"} <= each.keys() and _when(each) > since
    ]


def _when(each: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(each["at"]))


def _line(asked: Asked, change: Change, outcome: str) -> dict[str, Any]:
    return {
        "what": asked.intent,
        "thing": change.thing,
        "old": change.old,
        "new": change.new,
        "amount_fen": change.amount_fen,
        "key": asked.value("confirm"),
        "customer": asked.customer.id,
        "approved_by": asked.approved_by,
        "outcome": outcome,
    }

"""After a fault: what the clients wrote down, the log, and the archive, laid side by side."""

import asyncio
import itertools
import time
from collections import Counter
from dataclasses import dataclass, field

from bot.archive.database import Database
from bot.archive.store import Store
from bot.conversation.bodies import Released
from bot.conversation.events import SHOPPER_SEES, Event, Kind, Role
from bot.conversation.state import Stage
from bot.log.connect import connect
from bot.log.log import Log

from .house import House
from .ledger import Kept, Ledger

_ALL = 100_000


@dataclass
class Verdict:
    """What the oracle found; every number but the first three is a broken promise, and -1 that nobody looked."""

    sent: int = 0
    acknowledged: int = 0
    conversations: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    unanswered: int = 0
    talked_over: int = 0
    unarchived: int = 0
    unseen: int = 0
    seconds_to_settle: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def broken(self) -> list[str]:
        names = ("lost", "doubled", "reordered", "unanswered", "talked_over", "unarchived", "unseen")
        return [f"{name}: {getattr(self, name)}" for name in names if getattr(self, name) > 0] + self.notes


async def judge(house: House, ledger: Ledger, *, settle_s: float = 60) -> Verdict:
    """Waits until nothing is owed and the archive has all, at most `settle_s`; then compares."""
    client = connect(house.redis_url)
    database = Database(house.database_url)
    try:
        log, store = house.log(client), Store(database)
        began = time.monotonic()
        verdict = Verdict(sent=len(ledger.all_sent()), acknowledged=ledger.acknowledged())
        kept = [one for one in ledger.shoppers if one.conversation]
        verdict.conversations = len(kept)
        await _settled(log, store, kept, began + settle_s)
        verdict.seconds_to_settle = time.monotonic() - began
        for one in kept:
            await _judge_one(verdict, one, ledger, log, store)
    finally:
        await database.close()
        await client.aclose()
    return verdict


async def _settled(log: Log, store: Store, kept: list[Kept], until: float) -> None:
    waiting = [one.conversation for one in kept]
    while waiting and time.monotonic() < until:
        still = []
        for name in waiting:
            state = await log.state(name)
            if state.unanswered_since or await store.archived(name) < state.seq:
                still.append(name)
        waiting = still
        if waiting:
            await asyncio.sleep(0.2)


async def _judge_one(verdict: Verdict, kept: Kept, ledger: Ledger, log: Log, store: Store) -> None:
    name = kept.conversation
    events, state = await log.events(name, limit=_ALL), await log.state(name)
    if [event.seq for event in events] != list(range(1, state.seq + 1)):
        verdict.notes.append(f"{name}: seq has gaps")
    times = Counter(event.id for event in events)
    own = [one for one in kept.sent if one.acked]
    place = {event.id: event.seq for event in events}
    verdict.lost += sum(f"c:{one.cid}" not in times or place[f"c:{one.cid}"] != one.seq for one in own)
    replies = [one for one in ledger.replies.get(name, []) if one.acked]
    verdict.lost += sum(not any(key.endswith(one.cid) for key in times) for one in replies)
    verdict.doubled += sum(count - 1 for count in times.values())
    verdict.doubled += sum(n - 1 for n in Counter(_turns(events)).values())
    verdict.doubled += len(kept.seen) - len(set(kept.seen))
    if kept.ordered:
        seqs = [one.seq for one in own]
        verdict.reordered += sum(a > b for a, b in itertools.pairwise(seqs))
    if state.stage is Stage.BOT and state.unanswered_since:
        verdict.unanswered += 1
    verdict.talked_over += _talked_over(events)
    verdict.unarchived += await store.events(name) != events
    visible = [event.seq for event in events if event.kind in SHOPPER_SEES]
    verdict.unseen += kept.gaps + (visible[: len(kept.seen)] != kept.seen)


def _turns(events: list[Event]) -> list[int]:
    return [event.body.of for event in events if event.kind is Kind.UNDERSTOOD]  # type: ignore[union-attr]


def _talked_over(events: list[Event]) -> int:
    """How often the bot spoke while a human had the conversation, or was called."""
    human, found = False, 0
    for event in events:
        match event.kind:
            case Kind.HANDED_OFF | Kind.CLAIMED:
                human = True
            case Kind.CLOSED:
                human = False
            case Kind.RELEASED if event.body == Released("cancelled"):
                human = False
            case Kind.SAID if event.sender.role is Role.BOT and human:
                found += 1
            case _:
                pass
    return found

"""What the bot did not understand, for people to teach it: found, gathered by likeness, reviewed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import and_, desc, func, or_, select, update

from bot.archive import tables
from bot.archive.database import Database
from bot.errors import NoSuchReadingError

Review = Literal["", "taught", "ignored", "faq"]
# Likeness of two questions, by the pairs of characters that they share, from which on they are one cluster.
_ALIKE = 0.5
_LOOKED_AT = 2000
_UNSURE = 0.6
# However sure the bot is that it was asked this: it has no answer to it.
_UNANSWERED = ("oos",)


class Reading(msgspec.Struct, frozen=True):
    """One message as the bot read it; `before` is what was said to the customer last."""

    conversation: str
    seq: int
    ts: int
    text: str
    before: str
    intent: str
    confidence: float
    decision: str
    ranking: list[dict[str, Any]]
    review: str
    taught: str
    by: str


class Cluster(msgspec.Struct, frozen=True):
    """Messages that ask alike: the most usual wording, how many there are, and the newest of them."""

    text: str
    count: int
    intents: dict[str, int]
    confidence: float
    newest: int
    readings: list[Reading]


_COLUMNS = [getattr(tables.readings.c, name) for name in Reading.__struct_fields__]


class Teaching:
    """Raises ArchiveUnavailableError when SQL does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, since: int) -> list[Cluster]:
        """Unreviewed readings since then (ms), unsure or without an answer, the largest cluster first."""
        table = tables.readings
        unsure = or_(
            table.c.decision != "answer", table.c.confidence < _UNSURE, table.c.intent.in_(_UNANSWERED)
        )
        asked = (
            select(*_COLUMNS)
            .where(and_(table.c.review == "", table.c.ts >= since, unsure, table.c.text != ""))
            .order_by(desc(table.c.ts))
            .limit(_LOOKED_AT)
        )
        async with self._database.reading() as connection:
            found = [Reading(*row) for row in await connection.execute(asked)]
        return sorted(cluster(found), key=lambda one: (-one.count, -one.newest))

    async def reviewed(self, review: Review, limit: int = 1000) -> list[Reading]:
        """What people decided so, the last one first."""
        table = tables.readings
        asked = (
            select(*_COLUMNS).where(table.c.review == review).order_by(desc(table.c.reviewed)).limit(limit)
        )
        async with self._database.reading() as connection:
            return [Reading(*row) for row in await connection.execute(asked)]

    async def counts(self) -> dict[str, int]:
        """How many were taught, ignored, made FAQ."""
        table = tables.readings
        asked = select(table.c.review, func.count()).where(table.c.review != "").group_by(table.c.review)
        async with self._database.reading() as connection:
            return {review: int(count) for review, count in await connection.execute(asked)}

    async def review(  # noqa: PLR0913 - one decision of one person
        self, conversation: str, seq: int, review: Review, *, intent: str = "", by: str, now: int
    ) -> None:
        """Keeps what `by` decided of a reading at `now` (ms); "" takes it back. Raises NoSuchReadingError."""
        table = tables.readings
        decided = (
            update(table)
            .where(and_(table.c.conversation == conversation, table.c.seq == seq))
            .values(review=review, taught=intent, by=by, reviewed=now)
        )
        async with self._database.writing() as connection:
            if not (await connection.execute(decided)).rowcount:
                raise NoSuchReadingError


def cluster(readings: Sequence[Reading]) -> list[Cluster]:
    """Gathers readings whose words are alike; each joins the first cluster that it is like."""
    leaders: list[tuple[frozenset[str], list[Reading]]] = []
    by_pair: dict[str, list[int]] = {}
    for reading in readings:
        pairs = _pairs(reading.text)
        best = next(_candidates(pairs, leaders, by_pair), None)
        if best is not None:
            leaders[best][1].append(reading)
            continue
        for pair in pairs:
            by_pair.setdefault(pair, []).append(len(leaders))
        leaders.append((pairs, [reading]))
    return [_cluster(members) for _, members in leaders]


def _candidates(
    pairs: frozenset[str],
    leaders: Sequence[tuple[frozenset[str], list[Reading]]],
    by_pair: dict[str, list[int]],
) -> Iterator[int]:
    shared = Counter(at for pair in pairs for at in by_pair.get(pair, ()))
    for at, common in shared.most_common():
        if 2 * common / (len(pairs) + len(leaders[at][0])) >= _ALIKE:
            yield at


def _pairs(text: str) -> frozenset[str]:
    plain = "".join(letter for letter in text.lower() if letter.isalnum())
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1)) or frozenset({plain})


def _cluster(members: list[Reading]) -> Cluster:
    wording = Counter(one.text for one in members).most_common(1)[0][0]
    return Cluster(
        text=wording,
        count=len(members),
        intents=dict(Counter(one.intent for one in members).most_common(3)),
        confidence=sum(one.confidence for one in members) / len(members),
        newest=max(one.ts for one in members),
        readings=members[:50],
    )

"""What was said before a turn, as an expectation of what a short answer to it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.nlu.linear import Floats, Linear, matrix, softmax
from bot.nlu.ngrams import Counts
from bot.nlu.normal import normal

OPEN = "-"
"""The label of sentences that leave open what comes next."""
INFO, UNSETTLED, OUTSIDE = "provide_info", "needs_context", "oos"
SOCIAL = frozenset(
    {"greet", "thanks", "affirm", "deny", "goodbye", "chitchat", "bot_challenge", OUTSIDE, INFO, UNSETTLED}
)
"""What a turn may say besides a request, without hiding it."""
_FLOOR = 0.03
"""The expectation that no intent falls below: what was asked before never forbids a change of subject."""
_SHARPNESS = 4.0
_CUSTOMERS = _ANSWERED = 0.2
"""How much a customer's sentence counts against an agent's when the topics are learned; and an agent's
whose topic is only known from what was answered."""


@dataclass(frozen=True)
class Said:
    """A labelled sentence of an agent, as features."""

    topic: str
    counts: Counts


@dataclass(frozen=True)
class Context:
    """The topics of agents' sentences and how far they are trusted.

    `pull` bends every reading towards the topic; `settle` is the share of "can't be understood
    alone" that goes to what the topic suggests.
    """

    topics: Linear
    pull: float
    settle: float

    def expected(self, before: Counts, labels: tuple[str, ...]) -> tuple[Floats, float]:
        """The share of each label as a topic of what was said before, and the share that is left open."""
        places = _places(self.topics.labels, labels)
        shares = softmax(self.topics.scores(before), 1 / _SHARPNESS)
        expected: Floats = np.zeros(len(labels), np.float32)
        expected[places.expected] = shares[places.topics]
        return expected, float(shares[places.left_open]) if places.left_open is not None else 0.0

    def applied(self, shares: Floats, before: Counts, labels: tuple[str, ...]) -> Floats:
        """The readings of a turn after what was said before it; adds up to one again."""
        expected, left_open = self.expected(before, labels)
        places = _places(self.topics.labels, labels)
        bent = (expected + _FLOOR) ** self.pull
        bent[places.social] = (2 * _FLOOR) ** self.pull
        if places.info is not None:
            bent[places.info] = (expected[places.info] + 2 * _FLOOR) ** self.pull
            expected[places.info] = 0.0
        read: Floats = shares * bent
        read /= read.sum()
        total = expected.sum()
        if places.unsettled is not None and total > 0:
            moved = read[places.unsettled] * self.settle * (1 - left_open) * total
            read[places.unsettled] -= moved
            read += moved * expected / total
        return read


class _Places(NamedTuple):
    """Where in the labels stands what the topics know (`expected`, as `topics` among these) and what is special."""

    expected: NDArray[np.intp]
    topics: NDArray[np.intp]
    left_open: int | None
    social: NDArray[np.intp]
    info: int | None
    unsettled: int | None


@lru_cache(maxsize=16)
def _places(topics: tuple[str, ...], labels: tuple[str, ...]) -> _Places:
    place = {label: at for at, label in enumerate(labels)}
    both = [(place[topic], at) for at, topic in enumerate(topics) if topic in place]
    return _Places(
        np.array([at for at, _ in both], np.intp),
        np.array([at for _, at in both], np.intp),
        topics.index(OPEN) if OPEN in topics else None,
        np.array([place[label] for label in SOCIAL if label in place], np.intp),
        place.get(INFO),
        place.get(UNSETTLED),
    )


def learn_topics(
    said: Sequence[Said], answered: Sequence[Said], turns: Sequence[Counts], labels: Sequence[str], width: int
) -> Linear:
    """The topics of agents' sentences; customers' requests help where agents' words are few."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - training only

    heard = [place for place, label in enumerate(labels) if label not in SOCIAL]
    rows = matrix([*(one.counts for one in (*said, *answered)), *(turns[place] for place in heard)], width)
    known = [*(one.topic for one in (*said, *answered)), *(labels[place] for place in heard)]
    weights = np.repeat([1.0, _ANSWERED, _CUSTOMERS], [len(said), len(answered), len(heard)])
    found = LinearSVC(C=1.0, random_state=0).fit(rows, known, sample_weight=weights)
    return Linear(
        tuple(str(label) for label in found.classes_),
        np.ascontiguousarray(found.coef_.T, np.float32),
        np.asarray(found.intercept_, np.float32),
    )


def read_sayings(path: Path) -> list[tuple[str, str]]:
    """(topic, normalised sentence) from a file of lines: topic, a tab, sentences with | between; # begins a note."""
    lines = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    return [
        (topic.strip(), normal(sentence).signs)
        for topic, sentences in (line.split("\t", 1) for line in lines)
        for sentence in sentences.split("|")
    ]

"""How the reader is trained and how sure it may be: scikit-learn on n-grams, judged out of fold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.nlu.calibration import best_temperature, threshold_for
from bot.nlu.context import INFO, OPEN, OUTSIDE, SOCIAL, Context, Said, learn_topics
from bot.nlu.habits import MOST, Taught, corrected, learn_habits
from bot.nlu.linear import Floats, matrix, train_linear
from bot.nlu.ngrams import Counts
from bot.nlu.reader import Reader, Turn, is_bare_fact, margins

SECOND_PRECISION = 0.9
ENOUGH_OWN = 300
"""Own turns from which on the thresholds follow from them alone: what is written is not what is asked."""


@dataclass(frozen=True)
class Plan:
    """What training is asked for: `strength` of the fit, parts left out in turn, and trust in context."""

    strength: float
    folds: int
    pull: float
    settle: float


@dataclass(frozen=True)
class OutOfFold:
    """How each training text was read by a model that had not seen it or its neighbours."""

    confidence: Floats
    right: NDArray[np.bool_]
    read_as: tuple[str, ...]

    def and_also(self, other: "OutOfFold") -> "OutOfFold":
        """Both, one after the other."""
        confidence = np.concatenate([self.confidence, other.confidence])
        right = np.concatenate([self.right, other.right])
        return OutOfFold(confidence, right, (*self.read_as, *other.read_as))

    def fingerprint(self) -> str:
        """What Rasa's cache may compare it by."""
        return f"{self.confidence.sum()}:{self.right.sum()}"


@dataclass(frozen=True)
class Own:
    """A turn of the merchant's own shoppers: what it means by itself, and after what was said before it ("" unknown)."""

    turn: Turn
    label: str
    in_context: str = ""


def train_reader(
    turns: Sequence[Turn],
    labels: Sequence[str],
    said: Sequence[Said],
    plan: Plan,
    own: Sequence[Own] = (),
) -> tuple[Reader, OutOfFold]:
    """The reader for these turns, and what it was calibrated on."""
    counts = [turn.whole for turn in turns]
    seen = [*counts, *(one.turn.whole for one in own), *(part for one in own for _, part in one.turn.parts)]
    width = _width([*seen, *(one.counts for one in (*said, *_heard(own)))])
    rows = matrix(counts, width)
    intents = train_linear(rows, labels, plan.strength)
    places = {label: place for place, label in enumerate(intents.labels)}
    truth = np.array([places[label] for label in labels])
    scores = np.full((len(turns), len(places)), -2.0, np.float32)
    known = np.asarray(labels)
    for left_out in neighbours_together(labels, plan.folds):
        kept = np.setdiff1d(np.arange(len(turns)), left_out)
        fold = train_linear(rows[kept], [str(label) for label in known[kept]], plan.strength)
        columns = np.array([places[label] for label in fold.labels])
        for place in left_out:
            scores[place, columns] = margins(fold, turns[place])
    facts = np.array([is_bare_fact(turn.signs) for turn in turns])
    topics = learn_topics(said, _heard(own), counts, labels, width) if said else None
    context = Context(topics, plan.pull, plan.settle) if topics is not None else None
    temperature = best_temperature(scores[~facts], truth[~facts])
    reader = Reader(intents, temperature, _fact_confidence(facts, labels))
    judged = _judged(reader, scores, turns, truth)
    if own:
        reader, taught = _taught(reader, own, plan.folds)
        judged = taught if len(own) >= ENOUGH_OWN else judged.and_also(taught)
    second_from = threshold_for(SECOND_PRECISION, judged.confidence, judged.right).confidence
    return replace(reader, context=context, second_from=second_from), judged


def _taught(reader: Reader, own: Sequence[Own], folds: int) -> tuple[Reader, OutOfFold]:
    """The reader with the merchant's habits, and how it reads each of his turns without having been told it."""
    places = {label: place for place, label in enumerate(reader.intents.labels)}
    alone = [replace(one.turn, before=None) for one in own]
    scores = np.stack([margins(reader.intents, turn) for turn in alone])
    shares = np.stack([reader.calibrated(row, turn) for row, turn in zip(scores, alone, strict=True)])
    truth = np.array([places[one.label] for one in own])
    taught = Taught(scores, shares, tuple(turn.whole for turn in alone), truth)
    blocks = [block for block in np.array_split(np.arange(len(own)), folds) if len(block)]
    read = corrected(taught, reader.intents.labels, blocks)
    latest = taught.at(np.arange(len(own))[-MOST:])
    judged = _out_of_fold(read, truth, reader.intents.labels)
    return replace(reader, habits=learn_habits(latest, reader.intents.labels)), judged


def _heard(own: Sequence[Own]) -> list[Said]:
    """What the merchant's agents said, by what his shoppers' answers to it were about."""
    return [
        Said(OPEN if one.in_context in SOCIAL - {INFO, OUTSIDE} else one.in_context, one.turn.before)
        for one in own
        if one.in_context and one.turn.before is not None
    ]


def _width(counts: Sequence[Counts]) -> int:
    return 1 + max((int(one.numbers.max()) for one in counts if len(one.numbers)), default=0)


def neighbours_together(labels: Sequence[str], folds: int) -> list[NDArray[np.int64]]:
    """Places to leave out in turn: of each label's texts a block of neighbours.

    Whoever writes ten variants of a sentence writes them one after another; taken at random, the
    variants left in would make the reader look surer than it is with strangers.
    """
    by_label: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        by_label.setdefault(label, []).append(place)
    blocks: list[list[int]] = [[] for _ in range(folds)]
    for number, places in enumerate(by_label.values()):
        for share, block in enumerate(np.array_split(np.array(places), folds)):
            blocks[(share + number) % folds].extend(int(place) for place in block)
    return [np.array(sorted(block)) for block in blocks if block]


def _fact_confidence(facts: NDArray[np.bool_], labels: Sequence[str]) -> float:
    right = sum(label == INFO for fact, label in zip(facts, labels, strict=True) if fact)
    return (right + 9) / (int(facts.sum()) + 10)  # one doubt among ten, before anything was seen


def _judged(reader: Reader, scores: Floats, turns: Sequence[Turn], truth: NDArray[np.int64]) -> OutOfFold:
    shares = np.stack([reader.calibrated(row, turn) for row, turn in zip(scores, turns, strict=True)])
    return _out_of_fold(shares, truth, reader.intents.labels)


def _out_of_fold(shares: Floats, truth: NDArray[np.int64], labels: tuple[str, ...]) -> OutOfFold:
    read = shares.argmax(axis=1)
    confidence: Floats = shares.max(axis=1).astype(np.float32)
    return OutOfFold(confidence, read == truth, tuple(labels[place] for place in read))

"""How the reader is trained and how sure it may be: scikit-learn on n-grams, judged out of fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.nlu.calibration import best_temperature, threshold_for
from bot.nlu.context import INFO, Context, Said, learn_topics
from bot.nlu.linear import Floats, matrix, train_linear
from bot.nlu.reader import Reader, Turn, is_bare_fact, margins

SECOND_PRECISION = 0.9


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

    def fingerprint(self) -> str:
        """What Rasa's cache may compare it by."""
        return f"{self.confidence.sum()}:{self.right.sum()}"


def train_reader(
    turns: Sequence[Turn], labels: Sequence[str], said: Sequence[Said], plan: Plan
) -> tuple[Reader, OutOfFold]:
    """The reader for these turns, and what it was calibrated on."""
    counts = [turn.whole for turn in turns]
    width = 1 + max(
        (int(c.numbers.max()) for c in [*counts, *(s.counts for s in said)] if len(c.numbers)), default=0
    )
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
    context = Context(learn_topics(said, counts, labels, width), plan.pull, plan.settle) if said else None
    temperature = best_temperature(scores[~facts], truth[~facts])
    alone = Reader(intents, temperature, _fact_confidence(facts, labels))
    judged = _judged(alone, scores, turns, truth)
    second_from = threshold_for(SECOND_PRECISION, judged.confidence, judged.right).confidence
    return Reader(intents, temperature, alone.fact_confidence, context, second_from), judged


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
    read = shares.argmax(axis=1)
    confidence: Floats = shares.max(axis=1).astype(np.float32)
    return OutOfFold(confidence, read == truth, tuple(reader.intents.labels[place] for place in read))

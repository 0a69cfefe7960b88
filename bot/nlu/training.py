"""How the reader is trained and how sure it may be: scikit-learn on n-grams, judged out of fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.nlu.calibration import best_temperature
from bot.nlu.linear import Floats, matrix, train_linear
from bot.nlu.reader import INFO, Reader, Turn, is_bare_fact


@dataclass(frozen=True)
class OutOfFold:
    """How each training text was read by a model that had not seen it or its neighbours."""

    confidence: Floats
    right: NDArray[np.bool_]
    read_as: tuple[str, ...]
    weights: Floats

    def fingerprint(self) -> str:
        """What Rasa's cache may compare it by."""
        return f"{self.confidence.sum()}:{self.right.sum()}"


def train_reader(
    turns: Sequence[Turn], labels: Sequence[str], strength: float, folds: int
) -> tuple[Reader, OutOfFold]:
    """The reader for these turns, and what it was calibrated on."""
    width = 1 + max((int(turn.whole.numbers.max()) for turn in turns if len(turn.whole.numbers)), default=0)
    rows = matrix([turn.whole for turn in turns], width)
    intents = train_linear(rows, labels, strength=strength)
    places = {label: place for place, label in enumerate(intents.labels)}
    truth = np.array([places[label] for label in labels])
    scores = np.zeros((len(turns), len(places)), np.float32)
    known = np.asarray(labels)
    for left_out in neighbours_together(labels, folds):
        kept = np.setdiff1d(np.arange(len(turns)), left_out)
        fold = train_linear(rows[kept], list(known[kept]), strength=strength)
        columns = [places[label] for label in fold.labels]
        scores[np.ix_(left_out, np.arange(len(places)))] = -20.0
        scores[np.ix_(left_out, columns)] = rows[left_out] @ fold.weights + fold.bias
    facts = np.array([is_bare_fact(turn.signs) for turn in turns])
    reader = Reader(intents, best_temperature(scores[~facts], truth[~facts]), _fact_confidence(facts, labels))
    return reader, _judged(reader, scores, turns, truth)


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
    labels = reader.intents.labels
    shares = np.stack([reader.calibrated(row, turn) for row, turn in zip(scores, turns, strict=True)])
    read = shares.argmax(axis=1)
    confidence: Floats = shares.max(axis=1).astype(np.float32)
    weights: Floats = np.ones(len(truth), np.float32)
    return OutOfFold(confidence, read == truth, tuple(labels[place] for place in read), weights)

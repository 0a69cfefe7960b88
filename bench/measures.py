"""What is measured of a reader on labelled turns, with 95 % intervals from resampled turns."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OUT_OF_SCOPE = frozenset({"oos", "chitchat", "needs_context"})
Bools, Floats = NDArray[np.bool_], NDArray[np.float64]


def calibration_error(confidence: Floats, right: Bools, bins: int = 10) -> float:
    """Expected calibration error over equally wide bins."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(float(confidence[places == b].mean()) - float(right[places == b].mean()))
        * int((places == b).sum())
        for b in range(bins)
        if (places == b).any()
    ]
    return sum(gaps) / len(confidence)


def area_under_risk(confidence: Floats, right: Bools) -> float:
    """AURC: the mean share of wrong readings over every coverage, surest first."""
    wrong = ~right[np.argsort(-confidence, kind="stable")]
    return float((np.cumsum(wrong) / np.arange(1, len(wrong) + 1)).mean())


@dataclass(frozen=True)
class Read:
    """How one turn was read."""

    ranking: tuple[tuple[str, float], ...]
    decision: str
    anger: float

    @property
    def intent(self) -> str:
        return self.ranking[0][0] if self.ranking else ""

    @property
    def confidence(self) -> float:
        return self.ranking[0][1] if self.ranking else 0.0


@dataclass(frozen=True)
class Judged:
    """Readings beside what people said the turns mean."""

    truth: tuple[str, ...]
    reads: tuple[Read, ...]
    angers: tuple[int, ...]

    @property
    def right(self) -> Bools:
        return np.array([read.intent == true for read, true in zip(self.reads, self.truth, strict=True)])

    @property
    def confidence(self) -> Floats:
        return np.array([read.confidence for read in self.reads])

    def among(self, first: int) -> Bools:
        pairs = zip(self.reads, self.truth, strict=True)
        return np.array([true in [name for name, _ in read.ranking[:first]] for read, true in pairs])

    def at(self, places: NDArray[np.int64]) -> "Judged":
        return Judged(
            tuple(self.truth[place] for place in places),
            tuple(self.reads[place] for place in places),
            tuple(self.angers[place] for place in places),
        )


def accuracy(judged: Judged) -> float:
    return float(judged.right.mean())


def top3(judged: Judged) -> float:
    return float(judged.among(3).mean())


def macro_f1(judged: Judged) -> float:
    known = {
        label: place for place, label in enumerate(sorted({*judged.truth, *(r.intent for r in judged.reads)}))
    }
    true = np.array([known[label] for label in judged.truth])
    read = np.array([known[one.intent] for one in judged.reads])
    meant = np.bincount(true, minlength=len(known))
    told = np.bincount(read, minlength=len(known))
    both = np.bincount(true[true == read], minlength=len(known))
    return float((2 * both / (meant + told))[meant > 0].mean())


def ece(judged: Judged) -> float:
    return calibration_error(judged.confidence, judged.right)


def aurc(judged: Judged) -> float:
    return area_under_risk(judged.confidence, judged.right)


def coverage_at(precision: float) -> Callable[[Judged], float]:
    """The largest share of turns, surest first, that is right so often."""

    def measured(judged: Judged) -> float:
        right = judged.right[np.argsort(-judged.confidence, kind="stable")]
        kept = np.flatnonzero(np.cumsum(right) / np.arange(1, len(right) + 1) >= precision)
        return float(kept[-1] + 1) / len(right) if len(kept) else 0.0

    return measured


def share(decision: str) -> Callable[[Judged], float]:
    return lambda judged: float(np.mean([read.decision == decision for read in judged.reads]))


def precision_of(decision: str) -> Callable[[Judged], float]:
    def measured(judged: Judged) -> float:
        taken = np.array([read.decision == decision for read in judged.reads])
        return float(judged.right[taken].mean()) if taken.any() else float("nan")

    return measured


def out_of_scope_auroc(judged: Judged) -> float:
    beyond = np.array([true in OUT_OF_SCOPE for true in judged.truth])
    told = np.array([sum(p for name, p in read.ranking if name in OUT_OF_SCOPE) for read in judged.reads])
    return auroc(beyond, told)


def anger_auroc(judged: Judged) -> float:
    return auroc(np.array(judged.angers) > 0, np.array([read.anger for read in judged.reads]))


def auroc(positive: Bools, told: Floats) -> float:
    """How often a positive is told higher than a negative; ties count half."""
    if positive.all() or not positive.any():
        return float("nan")
    _, places, counts = np.unique(told, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    many = int(positive.sum())
    return float((ranks[positive].sum() - many * (many + 1) / 2) / (many * (len(positive) - many)))


def interval(
    measure: Callable[[Judged], float], judged: Judged, times: int = 200
) -> tuple[float, float, float]:
    """The measure and the 2.5 and 97.5 percentiles of it on turns drawn again with the same seed."""
    draw = np.random.default_rng(7)
    drawn = [measure(judged.at(draw.integers(0, len(judged.truth), len(judged.truth)))) for _ in range(times)]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return measure(judged), float(low), float(high)

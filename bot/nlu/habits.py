"""What one merchant's own shoppers mean by what they say, learned from few labelled turns on top of the reader.

Fitting the reader anew with some hundred real turns among twelve thousand written ones hardly moves it.
Instead the reader stays as it is, and a kernel regression learns where it is wrong with these shoppers: turns
that it reads alike, or that share words, are corrected alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.nlu.linear import Floats, Linear, matrix, softmax
from bot.nlu.ngrams import Counts
from bot.nlu.saved import Arrays, load_arrays, save_arrays

MOST = 2000
"""Labelled turns that are learned from, the latest ones; a turn's cost grows with them."""
_WORDS = 0.5
"""What shared words weigh against being read alike."""
_PENALTY, _BIAS_PENALTY = 3.0, 3.0
_STEPS = 40
_FLOOR = 1e-6
_FILE = "habits.npz"
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Taught:
    """Labelled turns as the reader saw them: margins and calibrated shares (a row each), features, true label."""

    scores: Floats
    shares: Floats
    counts: tuple[Counts, ...]
    truth: Places

    def at(self, places: Places) -> "Taught":
        """Some of the turns."""
        counts = tuple(self.counts[place] for place in places)
        return Taught(self.scores[places], self.shares[places], counts, self.truth[places])


@dataclass(frozen=True)
class Habits:
    """The corrections: by likeness to the taught turns' margins (`anchors`), by the words of `words`, and of each label."""

    anchors: Floats
    told: Floats
    middle: float
    spread: float
    numbers: NDArray[np.int32]
    words: Linear

    def applied(self, shares: Floats, scores: Floats, counts: Counts) -> Floats:
        """The reading of a turn after the corrections; adds up to one again."""
        alike = _alike(((scores - self.middle) / self.spread)[None], self.anchors)[0]
        moved = alike @ self.told + self.words.scores(self._known(counts))
        read: Floats = softmax(np.log(shares + _FLOOR) + moved)
        return read

    def save(self, folder: Path) -> None:
        """Write them into the classifier's folder."""
        arrays: Arrays = {"anchors": self.anchors.astype(np.float16), "told": self.told.astype(np.float16)}
        arrays |= {"words": self.words.weights.astype(np.float16), "bias": self.words.bias}
        arrays |= {"numbers": self.numbers, "scale": np.array([self.middle, self.spread])}
        save_arrays(folder / _FILE, arrays)

    @classmethod
    def opened(cls, folder: Path, labels: tuple[str, ...]) -> "Habits | None":
        """What `save` wrote; None where nothing was taught."""
        if not (folder / _FILE).is_file():
            return None
        arrays = load_arrays(folder / _FILE)
        middle, spread = (float(one) for one in arrays["scale"])
        anchors, told, words = (arrays[name].astype(np.float32) for name in ("anchors", "told", "words"))
        return cls(anchors, told, middle, spread, arrays["numbers"], Linear(labels, words, arrays["bias"]))

    def _known(self, counts: Counts) -> Counts:
        places = np.minimum(np.searchsorted(self.numbers, counts.numbers), max(0, len(self.numbers) - 1))
        if not len(self.numbers):
            return Counts(np.zeros(0, np.int32), np.zeros(0, np.float32))
        found = self.numbers[places] == counts.numbers
        return Counts(places[found].astype(np.int32), counts.weights[found])


def learn_habits(taught: Taught, labels: tuple[str, ...]) -> Habits:
    """The corrections that these turns teach."""
    middle, spread = float(taught.scores.mean()), float(taught.scores.std()) or 1.0
    anchors: Floats = ((taught.scores - middle) / spread).astype(np.float32)
    width = 1 + max((int(c.numbers.max()) for c in taught.counts if len(c.numbers)), default=0)
    rows = matrix(taught.counts, width)
    kernel = _alike(anchors, anchors) + _WORDS * (rows @ rows.T).toarray()
    told, bias = _fitted(np.log(taught.shares + _FLOOR), kernel, taught.truth)
    numbers = np.unique(rows.indices).astype(np.int32)
    words = np.asarray((_WORDS * rows.T @ told)[numbers], np.float32)
    return Habits(
        anchors,
        told.astype(np.float32),
        middle,
        spread,
        numbers,
        Linear(labels, words, bias.astype(np.float32)),
    )


def corrected(taught: Taught, labels: tuple[str, ...], folds: Sequence[Places]) -> Floats:
    """The shares of each turn after what the turns of the other folds teach."""
    read: Floats = taught.shares.copy()
    for left_out in folds:
        others = np.setdiff1d(np.arange(len(taught.truth)), left_out)
        habits = learn_habits(taught.at(others), labels)
        for place in left_out:
            read[place] = habits.applied(taught.shares[place], taught.scores[place], taught.counts[place])
    return read


def _alike(some: Floats, others: Floats) -> Floats:
    apart = (some**2).sum(1)[:, None] + (others**2).sum(1)[None] - 2 * some @ others.T
    likeness: Floats = np.exp(-apart / some.shape[1])
    return likeness


def _fitted(
    start: Floats, kernel: NDArray[np.float64], truth: Places
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Multinomial logistic regression in kernel space, beginning at the reader's own log-shares."""
    from scipy.optimize import minimize  # noqa: PLC0415 - training only

    many, labels = start.shape
    rows, wanted = np.arange(many), np.eye(labels)[truth]

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        told, bias = point[: many * labels].reshape(many, labels), point[many * labels :]
        moved = kernel @ told
        read = softmax(start + moved + bias)
        surprise = -float(np.log(read[rows, truth] + 1e-12).sum())
        surprise += _PENALTY / 2 * float((told * moved).sum()) + _BIAS_PENALTY / 2 * float(bias @ bias)
        wrong = read - wanted
        slope = kernel @ (wrong + _PENALTY * told)
        return surprise, np.r_[slope.ravel(), wrong.sum(0) + _BIAS_PENALTY * bias]

    found = minimize(
        loss, np.zeros(many * labels + labels), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}
    ).x
    return found[: many * labels].reshape(many, labels), found[many * labels :]

"""A linear reader of n-gram counts: trained by scikit-learn, applied with numpy alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.nlu.ngrams import Counts

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Linear:
    """One row of `weights` for each feature, one column for each label, in the order of `labels`."""

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats

    def scores(self, counts: Counts) -> Floats:
        """How much a text's features speak for each label; before any calibration."""
        if not len(counts.numbers):
            return self.bias
        told: Floats = counts.weights @ self.weights.take(counts.numbers, axis=0) + self.bias
        return told


def softmax(scores: Floats, temperature: float = 1.0) -> Floats:
    """Scores as shares that add up to one, along the last axis."""
    # The reductions themselves: `max` and `sum` of an array take longer than the sums of so few labels.
    raised = np.exp((scores - np.maximum.reduce(scores, axis=-1, keepdims=True)) / temperature)
    shares: Floats = raised / np.add.reduce(raised, axis=-1, keepdims=True)
    return shares


def matrix(rows: Sequence[Counts], width: int) -> "csr_matrix":
    """The rows as scikit-learn reads them."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - training only

    ends = np.cumsum([0, *(len(row.numbers) for row in rows)])
    return csr_matrix(
        (
            np.concatenate([row.weights for row in rows]),
            np.concatenate([row.numbers for row in rows]),
            ends,
        ),
        shape=(len(rows), width),
    )


def train_linear(rows: "csr_matrix", labels: Sequence[str], strength: float = 1.0) -> Linear:
    """One margin for each label against the rest; the same rows give the same model."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - training only

    found = LinearSVC(C=strength, random_state=0).fit(rows, list(labels))
    columns, bias = found.coef_.T, found.intercept_
    if columns.shape[1] == 1:  # two labels: scikit-learn keeps the second one only
        columns, bias = np.hstack([-columns, columns]), np.hstack([-bias, bias])
    return Linear(
        tuple(str(label) for label in found.classes_),
        np.ascontiguousarray(columns, np.float32),
        np.asarray(bias, np.float32),
    )


def train_levels(rows: "csr_matrix", labels: Sequence[str], strength: float) -> Linear:
    """The logistic regression for a few levels, rare ones weighing as much as common ones; shares need no scaling."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - training only

    found = LogisticRegression(C=strength, max_iter=300, class_weight="balanced").fit(rows, list(labels))
    labels = tuple(str(label) for label in found.classes_)
    columns, bias = found.coef_.T, found.intercept_
    if columns.shape[1] == 1:
        columns, bias = np.hstack([-columns / 2, columns / 2]), np.hstack([-bias / 2, bias / 2])
    return Linear(labels, np.ascontiguousarray(columns, np.float32), np.asarray(bias, np.float32))

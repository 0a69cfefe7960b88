"""Confidence that means what it says, and the thresholds that follow from a promised precision."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.nlu.linear import softmax

Floats = NDArray[np.float32]


def best_temperature(scores: Floats, truth: NDArray[np.int64]) -> float:
    """The temperature at which out-of-fold scores are the least surprised by the truth."""
    rows = np.arange(len(truth))
    grid = np.exp(np.linspace(np.log(0.02), np.log(5.0), 120))
    losses = [-float(np.log(softmax(scores, t)[rows, truth] + 1e-9).mean()) for t in grid]
    return float(grid[int(np.argmin(losses))])


@dataclass(frozen=True)
class Threshold:
    """The confidence from which on readings were right `promised` of the time, and what was seen out of fold."""

    promised: float
    confidence: float
    precision: float
    coverage: float


def threshold_for(promised: float, confidence: Floats, right: NDArray[np.bool_]) -> Threshold:
    """The lowest confidence whose readings, and all surer ones, keep the promise; 1 when none does.

    The curve is judged from 30 readings on, so that a lucky few don't set it.
    """
    order = np.argsort(-confidence, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    first = min(30, len(order)) - 1
    fits = np.flatnonzero(precision[first:] >= promised)
    if not len(fits):
        return Threshold(promised, 1.0, 0.0, 0.0)
    last = int(fits[-1]) + first
    return Threshold(
        promised,
        float(confidence[order[last]]),
        float(precision[last]),
        (last + 1) / len(order),
    )

"""When to answer, when to let the customer choose, when to say nothing."""

import math
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from faq.index import Scores

Verdict = Literal["answer", "choose", "none"]

_ALMOST_0_OR_1 = 1e-6


class Rule(msgspec.Struct, frozen=True):
    """Chosen out of fold at each training and stored with the model; nobody sets it by hand."""

    weight: float
    """Share of the words (BM25) in the fused nearness; the rest is meaning."""
    slope: float
    offset: float
    evidence: float
    """From fused nearness, and how much was said, to a score: how often a first hit as near as this was the right one."""
    nothing: float
    """Below this score nothing is near enough to show."""
    sure: float
    """From this score on the first hit may be given as the answer."""
    lead: float
    """How far (in log-odds) the first hit must be before the second, or the customer chooses."""

    def scores(self, fused: Scores, evidence: float | Scores) -> Scores:
        """Fused nearness as scores, 0 to 1."""
        probable: Scores = 1 / (1 + np.exp(-(self.slope * fused + self.evidence * evidence + self.offset)))
        return probable

    def verdict(self, scores: Sequence[float]) -> Verdict:
        """What to do with hits of these scores, best first."""
        if not scores or scores[0] < self.nothing:
            return "none"
        if scores[0] < self.sure:
            return "choose"
        if len(scores) > 1 and _log_odds(scores[0]) - _log_odds(scores[1]) < self.lead:
            return "choose"
        return "answer"


def _log_odds(score: float) -> float:
    score = min(max(score, _ALMOST_0_OR_1), 1 - _ALMOST_0_OR_1)
    return math.log(score / (1 - score))

"""Chooses, from questions asked out of fold, the rule by which the search answers."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from faq.entry import FaqError
from faq.held_out import NOWHERE, HeldOut, quality
from faq.index import Scores
from faq.rule import Rule

PRECISION = 0.9  # of the questions that are answered outright, how many must be answered rightly
_WEIGHTS = np.round(np.arange(0, 1.01, 0.05), 2)
_LEADS = np.round(np.arange(0, 3.01, 0.05), 2)


def choose_rule(held: HeldOut) -> Rule:
    """The rule that answers most questions while keeping to PRECISION; FaqError when none can."""
    inside = held.in_scope
    weight = max(_WEIGHTS, key=lambda share: quality(inside.nearness.fused(share), inside.meant).mrr)
    fused = held.nearness.fused(float(weight))
    order = np.argsort(-fused, axis=1, kind="stable")[:, :3]
    right = order[:, 0] == held.meant
    first, second = (np.take_along_axis(fused, order[:, at : at + 1], axis=1)[:, 0] for at in (0, 1))
    fit = LogisticRegression(C=1e4, solver="newton-cholesky").fit(first[:, None], right)
    rule = Rule(float(weight), float(fit.coef_[0, 0]), float(fit.intercept_[0]), 0, 0, 0)
    score = rule.scores(first)
    wanted = (order == held.meant[:, None]).any(axis=1)
    nothing = _threshold(score, wanted, held.meant == NOWHERE)
    sure, lead = _surest(score, rule.slope * (first - second), right, nothing)
    return Rule(rule.weight, rule.slope, rule.offset, nothing, sure, lead)


def verdicts(rule: Rule, held: HeldOut) -> dict[str, float]:
    """What the rule does out of fold: shares of each verdict, and how often an answer was the right one."""
    fused = held.nearness.fused(rule.weight)
    order = np.argsort(-fused, axis=1, kind="stable")[:, :3]
    scores = rule.scores(np.take_along_axis(fused, order, axis=1))
    said = np.array([rule.verdict([float(one) for one in row]) for row in scores])
    inside = held.meant != NOWHERE
    counts = {side: Counter(said[rows]) for side, rows in (("in", inside), ("out", ~inside))}
    asked = int(inside.sum())
    answered = said == "answer"
    offered = (order == held.meant[:, None]).any(axis=1)
    return {
        "answered_in_scope": counts["in"]["answer"] / asked,
        "precision_of_answers": _share((order[:, 0] == held.meant)[answered]),
        "chosen_in_scope": counts["in"]["choose"] / asked,
        "choice_has_the_right_one": _share(offered[(said == "choose") & inside]),
        "none_in_scope": counts["in"]["none"] / asked,
        "none_out_of_scope": counts["out"]["none"] / max(int((~inside).sum()), 1),
    }


def _share(held: NDArray[np.bool_]) -> float:
    return float(held.mean()) if held.size else 0.0


def _threshold(score: Scores, wanted: NDArray[np.bool_], outside: NDArray[np.bool_]) -> float:
    """The score that best parts questions with a right hit from lines that have none (Youden's J)."""
    cuts = np.unique(np.round(score, 3))
    gain = [float((score[wanted] >= cut).mean() - (score[outside] >= cut).mean()) for cut in cuts]
    return round(float(cuts[int(np.argmax(gain))]), 3)


def _surest(score: Scores, leads: Scores, right: NDArray[np.bool_], nothing: float) -> tuple[float, float]:
    best: tuple[int, float, float] | None = None
    for sure in np.unique(np.round(np.clip(score, nothing, None), 2)):
        for lead in _LEADS:
            answered = (score >= max(sure, nothing)) & (leads >= lead)
            count = int(answered.sum())
            if count and right[answered].mean() >= PRECISION and (best is None or count > best[0]):
                best = (count, round(float(max(sure, nothing)), 3), float(lead))
    if best is None:
        raise FaqError(f"no threshold answers with precision {PRECISION}; the entries are too alike")
    return best[1], best[2]

"""Chooses, from questions asked out of fold, the rule by which the search answers."""

from collections import Counter

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from faq.entry import FaqError
from faq.held_out import NOWHERE, HeldOut, quality
from faq.index import Scores
from faq.rule import Rule

PRECISION = 0.9  # of the questions that are answered outright, how many must be answered rightly
OUTSIDE = 1 / 3  # of what customers write, the share taken to have no entry; the lines are weighed so
QUIET = 0.85  # of the lines that no entry answers, the least share that must get no hit
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
    evidence = np.asarray(held.nearness.evidence)
    outside = held.meant == NOWHERE
    traffic = np.where(
        outside, OUTSIDE / max(outside.mean(), 1e-9), (1 - OUTSIDE) / max((~outside).mean(), 1e-9)
    )
    fit = LogisticRegression(C=1e4, solver="newton-cholesky").fit(
        np.column_stack([first, evidence]), right, sample_weight=traffic
    )
    slope, more = (float(one) for one in fit.coef_[0])
    rule = Rule(float(weight), slope, float(fit.intercept_[0]), more, 0, 0, 0)
    score = rule.scores(first, evidence)
    nothing = round(float(np.quantile(score[outside], QUIET)), 3) if outside.any() else 0.0
    answerable = np.where(score >= nothing, traffic, 0)
    sure, lead = _surest(score, rule.slope * (first - second), right, answerable)
    return msgspec.structs.replace(rule, nothing=nothing, sure=sure, lead=lead)


def verdicts(rule: Rule, held: HeldOut) -> dict[str, float]:
    """What the rule does out of fold: shares of each verdict, and how often an answer was the right one."""
    fused = held.nearness.fused(rule.weight)
    order = np.argsort(-fused, axis=1, kind="stable")[:, :3]
    evidence = np.asarray(held.nearness.evidence)[:, None]
    scores = rule.scores(np.take_along_axis(fused, order, axis=1), evidence)
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


def _surest(
    score: Scores, leads: Scores, right: NDArray[np.bool_], traffic: NDArray[np.float64]
) -> tuple[float, float]:
    best: tuple[float, float, float] | None = None
    for sure in np.unique(np.round(score, 2)):
        for lead in _LEADS:
            answered = np.where((score >= sure) & (leads >= lead), traffic, 0)
            share = float(answered.sum())
            if share > (best[0] if best else 0) and (answered * right).sum() >= PRECISION * share:
                best = (share, round(float(sure), 3), float(lead))
    if best is None:
        raise FaqError(f"no threshold answers with precision {PRECISION}; the entries are too alike")
    return best[1], best[2]

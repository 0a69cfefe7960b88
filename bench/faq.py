"""`python -m bench.faq`: how well and how fast the FAQ finds the entry for phrasings it has not seen."""

import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from faq.decision import choose_rule, verdicts
from faq.held_out import FOLDS, HeldOut, hold_out, quality
from faq.index import Index, Scores
from faq.knowledge import read_knowledge
from faq.train import fit_for

RESULTS = Path(__file__).parent / "results"
_TIMED = 300
_DAMPING = 10  # of reciprocal ranks: 1 / (10 + rank)


class Silent:
    """An encoder that sees no meaning in anything: what is left is BM25."""

    name = "silent"

    def encode(self, texts: list[str]) -> Scores:
        return np.zeros((len(texts), 1), dtype=np.float32)


def reciprocal_ranks(scores: Scores) -> Scores:
    places = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    ranks: Scores = (1 / (_DAMPING + 1 + places)).astype(np.float32)
    return ranks


def interval(share: float, count: int) -> float:
    """Half the width of the 95 % interval."""
    return float(1.96 * np.sqrt(share * (1 - share) / count))


def milliseconds(ask: Callable[[str], object], questions: list[str]) -> float:
    ask(questions[0])
    began = time.process_time()
    for question in questions:
        ask(question)
    return 1000 * (time.process_time() - began) / len(questions)


def table(held: HeldOut, weight: float, speed: dict[str, float]) -> str:
    inside = held.in_scope
    near = inside.nearness
    ways = {
        "BM25 alone": near.fused(1),
        "static encoder alone": near.fused(0),
        "both, reciprocal ranks": reciprocal_ranks(near.lexical) + reciprocal_ranks(near.dense),
        f"**both, scores ({weight:.2f} words)**": near.fused(weight),
    }
    lines = ["| way | recall@1 | recall@3 | MRR | CPU-ms per question |", "|---|---|---|---|---|"]
    for (way, scores), ms in zip(
        ways.items(), [speed["words"], speed["meaning"], *[speed["both"]] * 2], strict=True
    ):
        got = quality(scores, inside.meant)
        wide = interval(got.recall_1, len(inside.meant))
        lines.append(
            f"| {way} | {got.recall_1:.3f} ± {wide:.3f} | {got.recall_3:.3f} | {got.mrr:.3f} | {ms:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    warnings.simplefilter("ignore")
    knowledge = read_knowledge()
    fit = fit_for(knowledge.encoder)
    held = hold_out(knowledge.entries, knowledge.out_of_scope, fit)
    rule = choose_rule(held)
    began = time.process_time()
    encoder = fit(knowledge.pages)
    training = time.process_time() - began
    full = Index(knowledge.pages, encoder)
    words = Index(knowledge.pages, Silent())
    questions = [entry.phrasings[0] for entry in knowledge.entries][:_TIMED]
    speed = {
        "words": milliseconds(words.nearness, questions),
        "meaning": milliseconds(lambda text: full.vectors @ encoder.encode([text])[0], questions),
        "both": milliseconds(full.nearness, questions),
    }
    phrasings = sum(len(entry.phrasings) for entry in knowledge.entries)
    told = "\n".join(
        f"| {name.replace('_', ' ')} | {value:.3f} |" for name, value in verdicts(rule, held).items()
    )
    report = f"""# FAQ: finding the entry for a phrasing not seen before

`python -m bench.faq`; {len(knowledge.entries)} entries, {phrasings} phrasings, encoder `{knowledge.encoder}`.
Each question and phrasing is held out once ({FOLDS} folds; index and encoder of a fold have never seen it), so
an entry is found by its other phrasings and its answer. One hand wrote them all: shoppers will differ.
{len(knowledge.out_of_scope)} lines that no entry answers are asked with them. Training the encoder: {training:.1f} s of CPU.

{table(held, rule.weight, speed)}

## What the rule does with them (thresholds chosen on the same out-of-fold questions)

| | share |
|---|---|
{told}
"""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "faq.md").write_text(report, encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()

"""`python -m bench.accuracy FILE…`: how turns of the eval format are read, side by side with stock Rasa.

A file has lines {"id","text","intent"} and maybe "prev_agent", "intent_in_context" and "anger".
Writes bench/results/accuracy.md and PNG plots; `--stock-python` names an environment made by `make stock`.
"""

import argparse
import json
import platform
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bench import measures, targets
from bench.learning import judged as judged_as, taught
from bench.measures import Judged, Read
from bench.noise import homophones, traditional
from bench.plots import draw
from bench.readers import ROOT, Costs, Ours, Turn, read_by_stock
from faq.decision import choose_rule
from faq.held_out import hold_out, quality
from faq.knowledge import read_knowledge
from faq.train import fit_for

RESULTS = ROOT / "bench/results"
_NOISY = 0.2


def _asked_and_offered(judged: Judged) -> float:
    asked = [place for place, read in enumerate(judged.reads) if read.decision == "ask"]
    if not asked:
        return float("nan")
    kept = replace(
        judged,
        truth=tuple(judged.truth[place] for place in asked),
        reads=tuple(judged.reads[place] for place in asked),
        angers=tuple(judged.angers[place] for place in asked),
    )
    return measures.top3(kept)


MEASURES: dict[str, Callable[[Judged], float]] = {
    "strict accuracy": measures.accuracy,
    "macro-F1": measures.macro_f1,
    "top-3": measures.top3,
    "ECE": measures.ece,
    "AURC": measures.aurc,
    "out-of-scope AUROC": measures.out_of_scope_auroc,
    "share handled at 90 % precision": measures.coverage_at(0.9),
    "decided to answer: share": measures.share("answer"),
    "decided to answer: precision": measures.precision_of("answer"),
    "decided to ask: share": measures.share("ask"),
    "decided to ask: meant one among the 3 buttons": _asked_and_offered,
    "decided to hand off: share": measures.share("hand_off"),
}


def main() -> None:
    options = _options()
    ours = Ours(options.data, options.model)
    sets = {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        for path in options.files
    }
    lines = [
        "# How shoppers are understood",
        "",
        f"`python -m bench.accuracy {_command(sys.argv[1:])}` on {platform.machine()}.",
        "95 % intervals from 200 resamplings of the turns.",
    ]
    stock, stock_costs = _stock(options, sets)
    for name, rows in sets.items():
        lines += _section(name, rows, ours, stock.get(name), options.out)
    for name, rows in sets.items():
        if options.learn and "intent_in_context" in rows[0]:
            lines += _learning(name, rows, ours)
    lines += _faq()
    lines += _costs(ours.costs(), stock_costs)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "accuracy.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _command(words: list[str]) -> str:
    """The command without this machine's folders."""
    return shlex.join(Path(word).name if Path(word).is_absolute() else word for word in words)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument(
        "--data", type=Path, default=ROOT / "data/nlu", help="what both readers are trained on"
    )
    parser.add_argument("--model", type=Path, help="a trained model, to skip our training")
    parser.add_argument("--stock-python", type=Path, help="Python of an environment with Rasa and TensorFlow")
    parser.add_argument(
        "--learn",
        action="store_true",
        help="also what `xiaoer learn` gives in five folds (trains five times)",
    )
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


def _stock(
    options: argparse.Namespace, sets: dict[str, list[dict[str, str]]]
) -> tuple[dict[str, list[Read]], Costs | None]:
    if options.stock_python is None:
        return {}, None
    turns = [Turn(row["text"], "") for rows in sets.values() for row in rows]
    reads, costs = read_by_stock(options.stock_python, options.data.resolve(), turns)
    told = iter(reads)
    return {name: [next(told) for _ in rows] for name, rows in sets.items()}, costs


def _section(
    name: str, rows: Sequence[dict[str, str]], ours: Ours, stock: list[Read] | None, out: Path
) -> list[str]:
    alone = [Turn(row["text"], "") for row in rows]
    judged = judged_as(rows, ours.read(alone), "intent")
    readers = {"店小二": judged} | ({"stock Rasa": judged_as(rows, stock, "intent")} if stock else {})
    lines = ["", f"## {name}: {len(rows)} turns, text alone", ""]
    lines += [f"| | {' | '.join(readers)} | to reach |", "|---" * (len(readers) + 2) + "|"]
    for label, measure in MEASURES.items():
        figures = " | ".join(_told(measure, one) for one in readers.values())
        lines.append(f"| {label} | {figures} | {targets.told(name, label, measure(judged))} |")
    if any(judged.angers):
        lines.append(
            f"| anger AUROC | {_told(measures.anger_auroc, judged)} |" + (" – | |" if stock else " |")
        )
    if stock:
        ratio = (1 - measures.accuracy(judged)) / (1 - measures.accuracy(readers["stock Rasa"]))
        goal = targets.told(name, "error against stock", ratio)
        lines.append(f"| error against stock | x{ratio:.2f} | x1 | {goal} |")
    lines += _in_context(name, rows, ours) + _noise(name, rows, ours, judged)
    lines += ["", *(f"![{file}]({file})" for file in draw(out, name, readers))]
    return lines


def _in_context(name: str, rows: Sequence[dict[str, str]], ours: Ours) -> list[str]:
    if "intent_in_context" not in rows[0]:
        return []
    told = ours.read([Turn(row["text"], row.get("prev_agent") or "") for row in rows])
    judged = judged_as(rows, told, "intent_in_context")
    without = judged_as(rows, ours.read([Turn(row["text"], "") for row in rows]), "intent_in_context")
    lines = [
        "",
        "After what the agent said before (`intent_in_context`):",
        "",
        "| | with it | without it | to reach |",
        "|---|---|---|---|",
    ]
    shown = (
        "strict accuracy",
        "top-3",
        "ECE",
        "AURC",
        "out-of-scope AUROC",
        "share handled at 90 % precision",
        "decided to answer: share",
        "decided to answer: precision",
    )
    for label in shown:
        how = MEASURES[label]
        goal = targets.told(name, f"{label} in context", how(judged))
        lines.append(f"| {label} | {_told(how, judged)} | {_told(how, without)} | {goal} |")
    return lines


def _noise(name: str, rows: Sequence[dict[str, str]], ours: Ours, clean: Judged) -> list[str]:
    kept = measures.accuracy(clean)
    lines = ["", "| the same turns with | accuracy kept | to reach |", "|---|---|---|"]
    mistyped = [Turn(homophones(row["text"], _NOISY, place), "") for place, row in enumerate(rows)]
    for kind, label, turns in (
        ("homophones", "20 % of the characters replaced by homophones", mistyped),
        ("traditional", "traditional characters", [Turn(traditional(row["text"]), "") for row in rows]),
    ):
        share = measures.accuracy(judged_as(rows, ours.read(turns), "intent")) / kept
        lines.append(f"| {label} | {share:.3f} | {targets.told(name, kind, share)} |")
    return lines


def _learning(name: str, rows: Sequence[dict[str, str]], ours: Ours) -> list[str]:
    """What the turns themselves teach: each is read by a model that was taught the other dialogues."""
    alone, heard = taught(rows)
    lines = ["", f"### Learning from {name}: five folds by dialogue", ""]
    lines += ["| | not taught | taught the other dialogues | points | to reach |", "|---|---|---|---|---|"]
    before = ours.read([Turn(row["text"], "") for row in rows])
    before_heard = ours.read([Turn(row["text"], row.get("prev_agent") or "") for row in rows])
    for told, key, old, new in (
        ("text alone", "intent", before, alone),
        ("in context", "intent_in_context", before_heard, heard),
    ):
        was, now = judged_as(rows, old, key), judged_as(rows, new, key)
        gained = 100 * (measures.accuracy(now) - measures.accuracy(was))
        goal = targets.told(name, "points gained by learning", gained)
        for label in ("strict accuracy", "top-3", "ECE", "AURC"):
            how = MEASURES[label]
            points = f"{gained:+.1f} | {goal}" if label == "strict accuracy" else "| "
            lines.append(f"| {label}, {told} | {_told(how, was)} | {_told(how, now)} | {points} |")
    return lines


def _faq() -> list[str]:
    """The FAQ's phrasings, each asked where neither index nor encoder has seen it."""
    knowledge = read_knowledge()
    held = hold_out(knowledge.entries, knowledge.out_of_scope, fit_for(knowledge.encoder))
    inside = held.in_scope
    got = quality(inside.nearness.fused(choose_rule(held).weight), inside.meant)
    return [
        "",
        f"## FAQ: {len(inside.meant)} phrasings held out",
        "",
        "| recall@1 | recall@3 | MRR |",
        "|---|---|---|",
        f"| {got.recall_1:.3f} | {got.recall_3:.3f} | {got.mrr:.3f} |",
        "",
        "`python -m bench.faq` tells more of it.",
    ]


def _costs(ours: Costs, stock: Costs | None) -> list[str]:
    lines = ["", "## Costs", "", "| | 店小二 |" + (" stock Rasa | ratio |" if stock else "") + " to reach |"]
    lines.append("|---" * (5 if stock else 3) + "|")
    for label, field in (
        ("training, seconds", "train_s"),
        ("training, CPU-seconds", "train_cpu_s"),
        ("CPU-ms for a turn", "parse_cpu_ms"),
        ("model, MB", "model_mb"),
    ):
        mine = getattr(ours, field)
        theirs, goal = "", targets.told("", label, mine) if field == "train_s" else ""
        if stock:
            ratio = mine / getattr(stock, field)
            theirs = f" {getattr(stock, field):.2f} | x{ratio:.3f} |"
            goal = targets.told("", label, ratio) if field == "parse_cpu_ms" else goal
        lines.append(f"| {label} | {mine:.2f} |{theirs} {goal} |")
    return lines


def _told(measure: Callable[[Judged], float], judged: Judged) -> str:
    value, low, high = measures.interval(measure, judged)
    return f"{value:.3f} ({low:.3f}–{high:.3f})"


if __name__ == "__main__":
    main()

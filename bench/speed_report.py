"""The report of the bench: a table of ratios with what must and what should be reached, the figures, the machine."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from statistics import median
from typing import Any

from bench.speed_plots import draw
from bench.speed_recipe import EPOCHS
from bench.speed_systems import OURS, RECIPE, RUNTIME

Results = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One thing that was promised. `value` may raise LookupError, where it was not measured."""

    what: str
    value: Callable[[Results], float]
    must: float | None
    aim: float | None
    form: str
    told: Callable[[Results], str]
    more_is_better: bool = False

    def line(self, results: Results) -> str:
        try:
            value, told = self.value(results), self.told(results)
        except (LookupError, ValueError, ZeroDivisionError):
            value, told = float("nan"), "not measured"
        shown = "–" if isnan(value) else self.form.format(value)
        return f"| {self.what} | {shown} | {self._judged(value)} | {told} |"

    def _judged(self, value: float) -> str:
        """What must and what should be reached, and what is; a floor is there to be compared with."""
        if self.must is None or self.aim is None:
            return "– | – | –"
        met = value >= self.must if self.more_is_better else value <= self.must
        reached = value >= self.aim if self.more_is_better else value <= self.aim
        verdict = "–" if isnan(value) else "aim" if reached else "yes" if met else "**no**"
        sign = "≥" if self.more_is_better else "≤"
        return f"{sign} {self.form.format(self.must)} | {sign} {self.form.format(self.aim)} | {verdict}"


def _cost(results: Results, other: str) -> float:
    return float(results["half"][OURS]["cpu_ms_all"] / results["half"][other]["cpu_ms_all"])


def _gain(results: Results, other: str) -> float:
    mine, its = (results["saturation"][name]["per_second_rounds"] for name in (OURS, other))
    return float(median(a / b for a, b in zip(mine, its, strict=True)))


def _told_cost(results: Results, other: str) -> str:
    half = results["half"]
    return f"{half[OURS]['cpu_ms_all']:.2f} : {half[other]['cpu_ms_all']:.2f} CPU-ms"


def _told_gain(results: Results, other: str) -> str:
    full = results["saturation"]
    return f"{full[OURS]['per_second']:.0f} : {full[other]['per_second']:.1f} answers/s"


def _burst(results: Results, other: str) -> float:
    return float(results["bursts"][OURS]["p50_ms"] / results["bursts"][other]["p50_ms"])


def _told_burst(results: Results, other: str) -> str:
    return f"{results['bursts'][OURS]['p50_ms']:.0f} : {results['bursts'][other]['p50_ms']:.0f} ms"


def _tail(results: Results) -> float:
    half = results["half"]
    return float(half[f"{OURS} at the rate of {RUNTIME}"]["p99_ms"] / half[RUNTIME]["p99_ms"])


def _told_tail(results: Results) -> str:
    half = results["half"]
    mine, its = half[f"{OURS} at the rate of {RUNTIME}"], half[RUNTIME]
    return f"{mine['p99_ms']:.1f} : {its['p99_ms']:.1f} ms at {its['rate']:.0f}/s"


def _ack(results: Results, which: str, rank: str) -> float:
    return float(results["acks"][which][rank] / results["acks"]["fdatasync"][rank])


def _told_ack(results: Results, which: str, rank: str) -> str:
    return f"{results['acks'][which][rank]:.2f} : {results['acks']['fdatasync'][rank]:.2f} ms"


def _told_floor(results: Results) -> str:
    acks = results["acks"]
    ours = acks["one"]["p50_ms"] / acks["bare, durable"]["p50_ms"]
    echo = acks["bare, echo"]["p50_ms"]
    return f"{_told_ack(results, 'bare, durable', 'p50_ms')}; ours takes {ours:.1f} times that; an echo without Redis takes {echo:.2f} ms"


def _brain_mb(results: Results) -> float:
    # Worker and keeper share pages, which RSS counts twice.
    return float(results["memory"][OURS]["pss_mb"]["brain"])


def _told_lengths(results: Results) -> str:
    mine = results["lengths"][OURS]
    others = [
        f"{name} {t['ratio']:.1f}x by turn {t['last']}"
        for name, t in results["lengths"].items()
        if name != OURS and "ratio" in t
    ]
    return "; ".join([f"{mine['turn_last_ms']:.1f} : {mine['turn_10_ms']:.1f} ms", *others])


def _seconds(values: list[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values) + " s"


def _recovered(part: str, must: float, aim: float) -> Row:
    def worst(results: Results) -> float:
        return float(max(results["recovery"][f"{part}_worker_s"] + results["recovery"][f"{part}_all_s"]))

    def told(results: Results) -> str:
        worker, whole = (results["recovery"][f"{part}_{how}_s"] for how in ("worker", "all"))
        return f"its worker: {_seconds(worker)}; all its processes: {_seconds(whole)}"

    return Row(f"served again after kill -9 of the {part}, worst", worst, must, aim, "{:.2f} s", told)


ROWS = (
    Row("CPU per message vs stock recipe", lambda r: 1 / _cost(r, RECIPE), 15, 40, "1/{:.1f}", lambda r: _told_cost(r, RECIPE), more_is_better=True),
    Row("CPU per message vs stock runtime", lambda r: 1 / _cost(r, RUNTIME), 4, 10, "1/{:.1f}", lambda r: _told_cost(r, RUNTIME), more_is_better=True),
    Row("throughput at saturation vs stock recipe", lambda r: _gain(r, RECIPE), 12, 30, "{:.1f}x", lambda r: _told_gain(r, RECIPE), more_is_better=True),
    Row("throughput at saturation vs stock runtime", lambda r: _gain(r, RUNTIME), 4, 10, "{:.1f}x", lambda r: _told_gain(r, RUNTIME), more_is_better=True),
    Row("burst of 8, p50, vs stock recipe", lambda r: 1 / _burst(r, RECIPE), 20, 50, "1/{:.1f}", lambda r: _told_burst(r, RECIPE), more_is_better=True),
    Row("burst of 8, p50, vs stock runtime", lambda r: 1 / _burst(r, RUNTIME), 20, 50, "1/{:.1f}", lambda r: _told_burst(r, RUNTIME), more_is_better=True),
    Row("turn 400 vs turn 10", lambda r: r["lengths"][OURS]["ratio"], 1.5, 1.1, "{:.2f}x", _told_lengths),
    Row("durable ack vs fdatasync, p50, one message at a time", lambda r: _ack(r, "one", "p50_ms"), 3, 1.5, "{:.1f}x", lambda r: _told_ack(r, "one", "p50_ms")),
    Row("durable ack vs fdatasync, p99, one message at a time", lambda r: _ack(r, "one", "p99_ms"), 3, 1.5, "{:.1f}x", lambda r: _told_ack(r, "one", "p99_ms")),
    Row("the floor: the barest aiohttp server that has Redis append once, p50", lambda r: _ack(r, "bare, durable", "p50_ms"), None, None, "{:.1f}x", _told_floor),
    Row("durable ack vs fdatasync, p50, many at once", lambda r: _ack(r, "many", "p50_ms"), 3, 1.5, "{:.1f}x", lambda r: _told_ack(r, "many", "p50_ms")),
    Row("durable ack vs fdatasync, p99, many at once", lambda r: _ack(r, "many", "p99_ms"), 3, 1.5, "{:.1f}x", lambda r: _told_ack(r, "many", "p99_ms")),
    Row("idle WebSocket vs bare aiohttp", lambda r: r["idle"]["ours"]["rss_kib"] / r["idle"]["bare aiohttp"]["rss_kib"], 2, 1.3, "{:.2f}x", lambda r: f"{r['idle']['ours']['rss_kib']:.1f} : {r['idle']['bare aiohttp']['rss_kib']:.1f} KiB each, {r['idle']['connections']} of them"),
    Row("p99 at half of stock runtime's saturation, same rate", lambda r: 1 / _tail(r), 3, 10, "1/{:.1f}", _told_tail, more_is_better=True),
    Row("a brain is ready after", lambda r: median(r["recovery"]["brain_ready_s"]), 5, 2, "{:.1f} s", lambda r: _seconds(r["recovery"]["brain_ready_s"])),
    Row("its memory", _brain_mb, 400, 250, "{:.0f} MB", lambda r: f"PSS after the load, its keeper's too; RSS, which counts what they share twice, {r['memory'][OURS]['rss_mb']['brain']:.0f} MB"),
    _recovered("gateway", 2, 1),
    _recovered("brain", 5, 2),
    Row("throughput with two brains vs one", lambda r: r["brains"]["ratio"], 1.7, 1.9, "{:.2f}x", lambda r: f"{r['brains']['two']['per_second']:.0f} : {r['brains']['one']['per_second']:.0f} answers/s, each brain held to {r['brains']['share_of_a_core']:.0%} of a core", more_is_better=True),
)  # fmt: skip


def write_report(results: Results, folder: Path) -> None:
    """Writes speed.md and the plots into `folder`."""
    pictures = draw(results, folder)
    lines = ["# Speed: stock Rasa and 店小二 side by side", ""]
    lines += [
        f"`{results['command']}`, {results['when']}, {results.get('minutes', 0):.0f} minutes. Made by `make bench`.",
        "",
    ]
    lines += ["; ".join(f"{name}: {value}" for name, value in results["machine"].items()) + ".", ""]
    lines += ["| | measured | must | aim | reached | ours : the other |", "|---|---|---|---|---|---|"]
    lines += [row.line(results) for row in ROWS]
    for name in pictures:
        lines += ["", f"![{name}]({name})"]
    lines += ["", *_figures(results), "", *_explained(results)]
    if results.get("failures"):
        lines += [
            "",
            "## Could not be measured",
            "",
            *(f"- {k}: {v}" for k, v in results["failures"].items()),
        ]
    (folder / "speed.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _figures(results: Results) -> list[str]:
    lines = ["## Figures", ""]
    lines += [
        "| load | offered/s | answered/s | p50 ms | p99 ms | CPU-ms per message | of it | unanswered of asked |"
    ]
    lines += ["|---|---|---|---|---|---|---|---|"]
    for part, what in (("saturation", "32 at once"), ("half", "half")):
        for name, told in results.get(part, {}).items():
            spent = ", ".join(
                f"{p} {ms:.2f}"
                for p, ms in sorted(told["cpu_ms"].items(), key=lambda i: -i[1])
                if ms >= 0.005
            )
            failed = f"{sum(told['failed'].values())} of {told['asked']}"
            failed += "".join(f"; {n} {why}" for why, n in told["failed"].items())
            rate = f"{told['rate']:.0f}" if "rate" in told else "–"
            lines.append(
                f"| {name}, {what} | {rate} | {told['per_second']:.1f} | {told['p50_ms']:.1f} | {told['p99_ms']:.1f}"
                f" | {told['cpu_ms_all']:.2f} | {spent} | {failed} |"
            )
    lines += [
        "",
        "| memory after the load | RSS MB | PSS MB | each | idle CPU, ms a second | ready after |",
        "|---|---|---|---|---|---|",
    ]
    for name, told in results.get("memory", {}).items():
        each = ", ".join(f"{part} {mb:.0f}" for part, mb in told["rss_mb"].items())
        idle = sum(told["idle_cpu_ms_per_s"].values())
        lines.append(
            f"| {name} | {told['rss_mb_all']:.0f} | {told['pss_mb_all']:.0f} | {each} | {idle:.0f} | {told['ready_s']:.1f} s |"
        )
    lengths = results.get("lengths", {})
    if lengths:
        lines += ["", "| one conversation | turn 10, ms | last turn, ms | which is |", "|---|---|---|---|"]
        lines += [
            f"| {name} | {t['turn_10_ms']:.1f} | {t['turn_last_ms']:.1f} | {t['last']} |"
            for name, t in lengths.items()
            if "ratio" in t
        ]
    return lines


def _explained(results: Results) -> list[str]:
    late = max((t["bench_late_p99_ms"] for t in results.get("half", {}).values()), default=float("nan"))
    return f"""## How it was measured

- **Stock recipe**: JiebaTokenizer, RegexFeaturizer, LexicalSyntacticFeaturizer, two CountVectorsFeaturizers, DIET, FallbackClassifier; Memoization, Rule and TED policies, as Rasa's documentation has it, trained on our examples, rules and fourteen stories for {EPOCHS} epoch(s) (what a message costs does not depend on it; how well it understands is measured by `make accuracy`). What needs no shop is a response of its domain, what does is our action.
- **Stock runtime**: our model, configuration and actions, served by `rasa run`, without TensorFlow.
- Both: REST channel, Redis tracker and lock store, one process, an action server of their own, Redis in memory without a log on disk.
- **店小二**: `xiaoer up` as it is: gateway, brain, actions, desk and archive (SQLite), Redis that syncs every write; customers on WebSockets that stay open.
- The demo shop is the same process for all three and counts for none. 28 % of the messages are looked up there. A conversation has about eight messages. An empty answer, an error and a hand-over to a human count as unanswered.
- Rounds are interleaved: each system in turn, in one run on one machine. CPU time is all processes' user and system time, from /proc, divided by answered messages, at half of the system's own saturation; idle work (leases, signs of life) is in it.
- Latency counts from when a message was due (Poisson arrivals), not from when it was sent; the bench itself was at most {late:.1f} ms late (p99). It takes its CPU from the same cores, which costs the faster system more.
- The floor of an acknowledgement (`bench/speed_bare.py`): an aiohttp server that does nothing but take a frame, have the same Redis run the same append script over one raw connection, and answer; asked in turn with ours, beside the same brain and followers. What it takes more than fdatasync is the two sockets, the script and the loop; no gateway in Python gets under it.
- Two brains: on few cores a second brain has no core to itself. Each is held to the same small share of a core, so that brains are what gives out first; the ratio says how answers grow with brains, and not how many answers this machine gives.
""".splitlines()

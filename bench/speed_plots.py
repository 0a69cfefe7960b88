"""The bench's pictures: how long answers took, and how many came, as the load grows."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

from bench.speed_systems import OURS, RECIPE, RUNTIME

_COLOURS = {OURS: "#c8102e", RUNTIME: "#1f6fb2", RECIPE: "#7a7a7a"}


def draw(results: dict[str, Any], folder: Path) -> list[str]:
    """Writes speed-latency.png and speed-throughput.png where there is something to show; their names."""
    mpl.use("Agg")
    made = []
    if results.get("half"):
        made.append(_latency(results["half"], folder / "speed-latency.png"))
    if results.get("steps"):
        made.append(_throughput(results["steps"], folder / "speed-throughput.png"))
    return made


def _latency(half: dict[str, Any], path: Path) -> str:
    figure, axes = plt.subplots(figsize=(7.5, 4.5))
    for what, told in half.items():
        system = next(name for name in (RECIPE, RUNTIME, OURS) if what.startswith(name))
        shares = [n / 2 for n in range(len(told["quantiles_ms"]))]
        axes.plot(
            told["quantiles_ms"], shares, label=f"{what}: {told['rate']:.0f}/s", color=_COLOURS[system],
            linestyle="-" if what == system else "--",
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xlabel("ms from when the message was due to its answer")
    axes.set_ylabel("% of messages answered by then")
    axes.set_title("Time to the answer at half of saturation")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    return _saved(figure, path)


def _throughput(steps: dict[str, Any], path: Path) -> str:
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2))
    for name, points in steps.items():
        rates = [point["rate"] for point in points]
        left.plot(rates, [point["per_second"] for point in points], "o-", label=name, color=_COLOURS[name])
        right.plot(rates, [point["p99_ms"] for point in points], "o-", label=name, color=_COLOURS[name])
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("messages offered per second")
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    left.set_ylabel("answered per second")
    right.set_ylabel("p99, ms")
    figure.suptitle("From a quarter of saturation to a little beyond it")
    return _saved(figure, path)


def _saved(figure: Any, path: Path) -> str:
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
    return path.name

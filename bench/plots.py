"""Risk against coverage, reliability, and which intents are taken for which."""

import sys
from collections import Counter
from pathlib import Path

import matplotlib as mpl
import numpy as np

from bench.measures import Judged

mpl.use("Agg")
from matplotlib import pyplot as plt

_SHOWN = 25


def draw(folder: Path, name: str, readers: dict[str, Judged]) -> list[str]:
    """PNG files for one set of turns; their names."""
    folder.mkdir(parents=True, exist_ok=True)
    stand_in = sys.modules.pop(
        "tensorflow", None
    )  # matplotlib asks it whether numbers are tensors, without end
    try:
        return _drawn(folder, name, readers)
    finally:
        if stand_in is not None:
            sys.modules["tensorflow"] = stand_in


def _drawn(folder: Path, name: str, readers: dict[str, Judged]) -> list[str]:
    files = [f"accuracy-{name}-{kind}.png" for kind in ("risk", "reliability", "confusion")]
    _risk(folder / files[0], readers)
    _reliability(folder / files[1], readers)
    _confusion(folder / files[2], next(iter(readers.values())))
    return files


def _risk(path: Path, readers: dict[str, Judged]) -> None:
    figure, axes = plt.subplots(figsize=(6, 4))
    for label, judged in readers.items():
        wrong = ~judged.right[np.argsort(-judged.confidence, kind="stable")]
        count = np.arange(1, len(wrong) + 1)
        axes.plot(count / len(wrong), np.cumsum(wrong) / count, label=label)
    axes.axhline(0.1, color="grey", linewidth=0.8, linestyle="--")
    axes.set(xlabel="coverage (surest first)", ylabel="share of wrong readings", xlim=(0, 1), ylim=(0, None))
    _finish(figure, axes, path)


def _reliability(path: Path, readers: dict[str, Judged]) -> None:
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle="--")
    for label, judged in readers.items():
        bins = np.minimum((judged.confidence * 10).astype(int), 9)
        filled = [b for b in range(10) if (bins == b).any()]
        told = [float(judged.confidence[bins == b].mean()) for b in filled]
        axes.plot(told, [float(judged.right[bins == b].mean()) for b in filled], marker="o", label=label)
    axes.set(xlabel="confidence told", ylabel="share that was right", xlim=(0, 1), ylim=(0, 1))
    _finish(figure, axes, path)


def _confusion(path: Path, judged: Judged) -> None:
    often = [label for label, _ in Counter(judged.truth).most_common(_SHOWN)]
    places = {label: place for place, label in enumerate(often)}
    counts = np.zeros((len(often), len(often)))
    for true, read in zip(judged.truth, judged.reads, strict=True):
        if true in places and read.intent in places:
            counts[places[true], places[read.intent]] += 1
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(9, 8))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(often)), often, rotation=90, fontsize=7)
    axes.set_yticks(range(len(often)), often, fontsize=7)
    axes.set(xlabel="read as", ylabel="meant")
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _finish(figure: plt.Figure, axes: plt.Axes, path: Path) -> None:
    axes.legend()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)

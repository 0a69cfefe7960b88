"""What is to be reached on real turns, and whether a figure reaches it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """`must` is needed, `aim` is hoped for; where `less` is set, smaller is better."""

    must: float
    aim: float
    less: bool = False

    def told(self, value: float) -> str:
        """The target, marked by what the figure reaches."""
        reached = [value <= goal if self.less else value >= goal for goal in (self.must, self.aim)]
        mark = ("✗", "✓", "✓✓")[sum(reached)]
        return f"{'≤' if self.less else '≥'} {self.must:g}, aim {self.aim:g} {mark}"


_ON_JD = {
    "strict accuracy": Target(0.72, 0.80),
    "strict accuracy in context": Target(0.72, 0.82),
    "top-3": Target(0.87, 0.93),
    "ECE": Target(0.06, 0.03, less=True),
    "AURC": Target(0.10, 0.06, less=True),
    "out-of-scope AUROC": Target(0.85, 0.93),
    "share handled at 90 % precision": Target(0.60, 0.80),
    "homophones": Target(0.88, 0.95),
    "traditional": Target(0.98, 1.0),
    "points gained by learning": Target(6, 12),
}
_ON_TAOBAO = {
    "strict accuracy": Target(0.70, 0.80),
    "homophones": Target(0.88, 0.95),
    "traditional": Target(0.98, 1.0),
}
_ANYWHERE = {
    "error against stock": Target(0.70, 0.50, less=True),
    "CPU-ms for a turn": Target(0.25, 0.10, less=True),
    "training, seconds": Target(120, 30, less=True),
}


def told(name: str, label: str, value: float) -> str:
    """What is to be reached for this figure on the file `name`, or nothing."""
    by_file = _ON_JD if name.startswith("jd") else _ON_TAOBAO if name.startswith("taobao") else {}
    target = {**_ANYWHERE, **by_file}.get(label)
    return target.told(value) if target else ""

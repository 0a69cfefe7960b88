"""What every part of the bench works with: the systems, fresh customers, stretches of load with their CPU time."""

import asyncio
import os
import statistics
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp

from bench.load_mix import sayings
from bench.load_open import Load, arrive, press
from bench.load_people import Customer, UnansweredError, Who
from bench.speed_processes import cpu_ms
from bench.speed_systems import System, Xiaoer

MESSAGES_EACH = 8
"""So many messages a conversation has, as a rule; then another customer comes."""
_DOORS = 40  # handshakes at once


@dataclass(frozen=True)
class Size:
    """How long and how often things are measured; seconds, counts."""

    rounds: int = 3
    stretch_s: float = 10
    warm_s: float = 3
    steps: tuple[float, ...] = (0.25, 0.5, 0.75, 0.9, 1.1)
    step_s: float = 5
    bursts: int = 8
    turns: int = 400
    turns_s: float = 75
    acks: int = 300
    idle: int = 4000
    kills: int = 3
    brains_s: float = 8


FULL = Size()
QUICK = Size(
    rounds=1, stretch_s=1.5, warm_s=0.5, steps=(0.5,), step_s=1, bursts=1, turns=30, turns_s=5, acks=20, idle=60,
    kills=0, brains_s=1,
)  # fmt: skip


@dataclass
class Stretch:
    """Load on one system, the CPU time of each of its parts, and the bench's own."""

    load: Load = field(default_factory=Load)
    cpu: dict[str, float] = field(default_factory=dict)
    bench_cpu: float = 0.0
    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    def add(self, other: "Stretch") -> None:
        self.load.add(other.load)
        self.cpu = {part: self.cpu.get(part, 0) + ms for part, ms in other.cpu.items()}
        self.bench_cpu += other.bench_cpu
        self.rates += other.rates
        self.costs += other.costs

    def told(self) -> dict[str, Any]:
        """Plain figures: ms, answers per second, CPU-ms for each answered message."""
        load = self.load
        answered = max(1, len(load.answer_ms))
        return {
            "asked": load.asked,
            "answered": len(load.answer_ms),
            "failed": dict(load.failed),
            "per_second": statistics.median(self.rates) if self.rates else load.per_second,
            "per_second_rounds": self.rates,
            "p50_ms": percentile(load.answer_ms, 50),
            "p99_ms": percentile(load.answer_ms, 99),
            "ack_p50_ms": percentile(load.ack_ms, 50),
            "ack_p99_ms": percentile(load.ack_ms, 99),
            "bench_late_p99_ms": percentile(load.late_ms, 99),
            "cpu_ms": {part: ms / answered for part, ms in self.cpu.items()},
            "cpu_ms_all": sum(self.cpu.values()) / answered,
            "cpu_ms_rounds": self.costs,
            "bench_cpu_ms": self.bench_cpu / answered,
            "quantiles_ms": [percentile(load.answer_ms, n / 2) for n in range(201)],
        }


class Bench:
    """One run of the bench."""

    def __init__(self, systems: Sequence[System], house: Xiaoer, size: Size, folder: Path) -> None:
        self.systems = systems
        self.house = house
        self.size = size
        self.folder = folder
        self._session: aiohttp.ClientSession | None = None
        self._people: dict[str, int] = {}
        self._seed = 0

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        assert self._session is not None
        return self._session

    async def customers(self, system: System, count: int) -> list[Customer]:
        """So many customers, each in a conversation that nobody has begun; the same ones for each system."""
        first = self._people.get(system.name, 0)
        self._people[system.name] = first + count
        found: list[Customer] = []
        for start in range(first, first + count, _DOORS):
            numbers = range(start, min(start + _DOORS, first + count))
            found += await asyncio.gather(*(system.customer(self.session, Who(n)) for n in numbers))
        return found

    async def leave(self, customers: Sequence[Customer]) -> None:
        await asyncio.gather(*(customer.close() for customer in customers))

    async def open_loop(self, system: System, per_second: float, seconds: float) -> Stretch:
        """Poisson arrivals, by customers who have about eight messages each."""
        self._seed += 1
        seed = self._seed
        customers = await self.customers(system, max(64, round(per_second * seconds / MESSAGES_EACH)))
        begun = _spent(system)
        load = await arrive(customers, sayings(seed), per_second, seconds, seed)
        stretch = _stretch(load, begun, _spent(system))
        await self.leave(customers)
        return stretch

    async def closed_loop(self, system: System, at_once: int, seconds: float, expected: float) -> Stretch:
        """As many answers as there can be with `at_once` messages under way."""
        self._seed += 1
        count = max(2 * at_once, round(expected * seconds / MESSAGES_EACH))
        customers = await self.customers(system, count)
        begun = _spent(system)
        load = await press(customers, sayings(self._seed), at_once, seconds)
        stretch = _stretch(load, begun, _spent(system))
        await self.leave(customers)
        return stretch

    async def warm(self, system: System) -> None:
        """A system that just started is asked a few things before anything is measured."""
        customers = await self.customers(system, 4)
        texts = sayings(0)
        until = time.monotonic() + self.size.warm_s + 60
        for n in range(40 if self.size is FULL else 12):
            with suppress(UnansweredError):
                await customers[n % 4].ask(next(texts))
            if time.monotonic() > until:
                break
        await self.leave(customers)


def percentile(values: Sequence[float], percent: float) -> float:
    """By nearest rank; nan of nothing."""
    if not values:
        return float("nan")
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, round(percent / 100 * (len(ranked) - 1)))]


def tell(text: str) -> None:
    """A line of progress."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def _spent(system: System) -> dict[str, float]:
    mine = sum(os.times()[:2]) * 1000
    return {part: cpu_ms(pids) for part, pids in system.parts().items()} | {"": mine}


def _stretch(load: Load, before: dict[str, float], after: dict[str, float]) -> Stretch:
    spent = {part: after[part] - before.get(part, 0.0) for part in after}
    bench = spent.pop("")
    cost = sum(spent.values()) / max(1, len(load.answer_ms))
    return Stretch(load, spent, bench, [load.per_second], [cost])

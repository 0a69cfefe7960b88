"""Load: arrivals that don't wait for answers (Poisson), and the most that a number of customers get answered."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from bench.load_people import Customer, UnansweredError


@dataclass
class Load:
    """What one stretch came to; times in ms, from when a message was due and not from when it was sent."""

    asked: int = 0
    seconds: float = 0.0
    answer_ms: list[float] = field(default_factory=list)
    ack_ms: list[float] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        return len(self.answer_ms) / self.seconds if self.seconds else 0.0

    def add(self, other: "Load") -> None:
        self.asked += other.asked
        self.seconds += other.seconds
        self.answer_ms += other.answer_ms
        self.ack_ms += other.ack_ms
        self.late_ms += other.late_ms
        self.failed += other.failed


async def arrive(
    customers: Sequence[Customer], texts: Iterator[str], per_second: float, seconds: float, seed: int
) -> Load:
    """Open loop: messages come when they come, whether or not those before were answered.

    They go round the customers, of whom there must be so many that each is done when his turn comes again;
    one who is not counts as a failure. `seconds` of the result last until the last answer.
    """
    rng = random.Random(seed)
    load = Load()
    busy: set[int] = set()
    begun = time.perf_counter()
    due = begun
    async with asyncio.TaskGroup() as group:
        for number in range(10_000_000):
            due += rng.expovariate(per_second)
            if due > begun + seconds:
                break
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            load.asked += 1
            load.late_ms.append(1000 * (time.perf_counter() - due))
            index = number % len(customers)
            if index in busy:
                load.failed["customer still waits for the answer before"] += 1
                continue
            busy.add(index)
            asked = group.create_task(_ask(customers[index], next(texts), due, load))
            asked.add_done_callback(partial(_done, busy, index))
    load.seconds = time.perf_counter() - begun
    return load


async def press(customers: Sequence[Customer], texts: Iterator[str], at_once: int, seconds: float) -> Load:
    """Closed loop: `at_once` messages are always under way; answers per second are the most that there is."""
    load = Load()
    begun = time.perf_counter()

    async def keep_asking(mine: Sequence[Customer]) -> None:
        for number in range(10_000_000):
            now = time.perf_counter()
            if now > begun + seconds:
                return
            load.asked += 1
            await _ask(mine[number % len(mine)], next(texts), now, load)

    async with asyncio.TaskGroup() as group:
        for n in range(at_once):
            group.create_task(keep_asking(customers[n::at_once]))
    load.seconds = time.perf_counter() - begun
    return load


async def _ask(customer: Customer, text: str, due: float, load: Load) -> None:
    try:
        done = await customer.ask(text)
    except UnansweredError as error:
        load.failed[str(error)] += 1
    else:
        load.ack_ms.append(1000 * (done.acked - due))
        load.answer_ms.append(1000 * (done.answered - due))


def _done(busy: set[int], index: int, _: object) -> None:
    busy.discard(index)

"""The parts of the bench in which stock stands beside ours: load, bursts, long conversations, memory."""

import asyncio
import itertools
import time
from statistics import median
from typing import Any

from bench.load_mix import BURST, KNOWN
from bench.load_people import Customer, UnansweredError
from bench.load_prefill import prefill
from bench.load_socket import SocketCustomer
from bench.speed_bench import Bench, Stretch, percentile, tell
from bench.speed_processes import cpu_ms, environment, memory_mb
from bench.speed_systems import OURS, System

AT_ONCE = 32
PARTITIONS = 8
_IDLE_S = 4
_BEFORE_PREFILL = 15
_BUCKET_FULL_S = 8


async def saturation(bench: Bench) -> dict[str, Any]:
    """The most answers per second with 32 messages always under way, systems in turn, several rounds."""
    found = {system.name: Stretch() for system in bench.systems}
    for number in range(bench.size.rounds):
        for system in bench.systems:
            expected = 400.0 if system.name == OURS else 60.0
            stretch = await bench.closed_loop(system, AT_ONCE, bench.size.stretch_s, expected)
            found[system.name].add(stretch)
            tell(f"  saturation, round {number + 1}: {_short(system, stretch)}")
    return {name: stretch.told() for name, stretch in found.items()}


async def half(bench: Bench, saturated: dict[str, Any]) -> dict[str, Any]:
    """Open loop at half of each system's own saturation; ours also at the half of each stock system."""
    rates = {name: told["per_second"] / 2 for name, told in saturated.items()}
    plan = [(system, system.name, rates[system.name]) for system in bench.systems]
    plan += [
        (bench.house, f"{OURS} at the rate of {name}", rate) for name, rate in rates.items() if name != OURS
    ]
    found = {what: Stretch() for _, what, _ in plan}
    for number in range(bench.size.rounds):
        for system, what, rate in plan:
            stretch = await bench.open_loop(system, rate, bench.size.stretch_s)
            found[what].add(stretch)
            tell(f"  half, round {number + 1}: {what} at {rate:.0f}/s: {_short(system, stretch)}")
    return {what: {"rate": rate} | found[what].told() for _, what, rate in plan}


async def steps(bench: Bench, saturated: dict[str, Any]) -> dict[str, Any]:
    """Open loop at several shares of saturation, for the plots."""
    found: dict[str, Any] = {system.name: [] for system in bench.systems}
    for share, system in itertools.product(bench.size.steps, bench.systems):
        rate = share * saturated[system.name]["per_second"]
        stretch = await bench.open_loop(system, rate, bench.size.step_s)
        told = stretch.told()
        kept = ("per_second", "p50_ms", "p99_ms", "failed", "asked", "answered")
        found[system.name].append({"share": share, "rate": rate} | {key: told[key] for key in kept})
        tell(f"  {share:.0%} of saturation: {_short(system, stretch)}")
    return found


async def bursts(bench: Bench) -> dict[str, Any]:
    """Eight messages of one customer at once: seconds until all eight are answered."""
    took: dict[str, list[float]] = {system.name: [] for system in bench.systems}
    failed: dict[str, int] = dict.fromkeys(took, 0)
    for _ in range(bench.size.bursts):
        for system in bench.systems:
            (customer,) = await bench.customers(system, 1)
            begun = time.perf_counter()
            try:
                done = await customer.ask(*BURST)
            except UnansweredError:
                failed[system.name] += 1
            else:
                took[system.name].append(1000 * (done.answered - begun))
            await customer.close()
    tell(
        "  burst of 8, p50: " + ", ".join(f"{name} {percentile(ms, 50):.0f} ms" for name, ms in took.items())
    )
    return {
        name: {"p50_ms": percentile(ms, 50), "ms": ms, "failed": failed[name]} for name, ms in took.items()
    }


async def lengths(bench: Bench) -> dict[str, Any]:
    """What turn 10 and turn 400 of one conversation take; stock goes as far as it gets in its time."""
    found: dict[str, Any] = {}
    for system in bench.systems:
        (customer,) = await bench.customers(system, 1)
        try:
            last, took = await _talk(bench, customer)
        except UnansweredError as error:
            found[system.name] = {"failed": str(error)}
            continue
        finally:
            await customer.close()
        early, late = median(took[4:14]), median(took[-10:])
        found[system.name] = {
            "turn_10_ms": early, "turn_last_ms": late, "last": last, "ratio": late / early, "ms": took,
        }  # fmt: skip
        tell(f"  {system.name}: turn 10 {early:.1f} ms, turn {last} {late:.1f} ms")
    return found


async def _talk(bench: Bench, customer: Customer) -> tuple[int, list[float]]:
    """How many turns it came to, and what the turns took that were measured, ms."""
    took: list[float] = []
    texts = itertools.cycle(text for text in KNOWN if text != "再见")
    begun = time.monotonic()
    turn = 0
    while turn < bench.size.turns:
        if isinstance(customer, SocketCustomer) and turn == _BEFORE_PREFILL:
            # Our gateway lets nobody write faster than two messages a second for long: past it, in between.
            middle = bench.size.turns - 2 * _BEFORE_PREFILL
            env = environment(bench.house.parts()["brain"][0])
            filling = itertools.islice(texts, middle)
            await prefill(env["REDIS_URL"], PARTITIONS, customer.conversation, filling)
            turn += middle
            await asyncio.sleep(_BUCKET_FULL_S)
        elif not isinstance(customer, SocketCustomer) and time.monotonic() - begun > bench.size.turns_s:
            break
        sent = time.perf_counter()
        done = await customer.ask(next(texts))
        took.append(1000 * (done.answered - sent))
        turn += 1
    return turn, took


async def memory(bench: Bench) -> dict[str, Any]:
    """Resident (RSS) and proportional (PSS) memory after the load, in MB, and CPU with nobody there, ms a second."""
    found: dict[str, Any] = {}
    for system in bench.systems:
        parts = system.parts()
        before = {part: cpu_ms(pids) for part, pids in parts.items()}
        begun = time.monotonic()
        await asyncio.sleep(_IDLE_S if bench.size.rounds > 1 else 0.5)
        seconds = time.monotonic() - begun
        sizes = {part: memory_mb(pids) for part, pids in parts.items()}
        found[system.name] = {
            "rss_mb": {part: size[0] for part, size in sizes.items()},
            "pss_mb": {part: size[1] for part, size in sizes.items()},
            "rss_mb_all": sum(size[0] for size in sizes.values()),
            "pss_mb_all": sum(size[1] for size in sizes.values()),
            "idle_cpu_ms_per_s": {
                part: (cpu_ms(pids) - before[part]) / seconds for part, pids in parts.items()
            },
            "ready_s": system.ready_s,
        }
        tell(f"  {system.name}: {found[system.name]['rss_mb_all']:.0f} MB RSS")
    return found


def _short(system: System, stretch: Stretch) -> str:
    told = stretch.told()
    failed = f", {sum(told['failed'].values())} FAILED {told['failed']}" if told["failed"] else ""
    return (
        f"{system.name} {told['per_second']:.1f}/s, p50 {told['p50_ms']:.1f} p99 {told['p99_ms']:.1f} ms,"
        f" {told['cpu_ms_all']:.2f} CPU-ms{failed}"
    )

"""What a day of conversations needs, from what the bench measured: `python -m bench.capacity` writes docs/capacity.md."""

import json
import math
from dataclasses import dataclass
from typing import Any

from bench.speed_bench import MESSAGES_EACH
from bench.speed_processes import ROOT
from bench.speed_systems import OURS

DAYS = (1_000, 100_000, 10_000_000)
PEAK = 4.0
"""The busiest minutes have four times the day's mean rate: 12 % of a day falls into its busiest hour."""
FULL = 0.5
"""No process is planned to use more than half of its core at the peak: beyond it, waiting grows fast."""
OPEN_S = 600
"""So long a shopper's page stays connected for each conversation."""
DISTINCT = 0.8
"""Of a month's conversations so many are with somebody who had none before in it; they share the log's keys."""
LOG_DAYS = 30
FED_S = 120
"""So long a feed keeps what was said at most: a minute, and it is trimmed every minute."""
MOST_OPEN = 16_000
_PARTS = ("gateway", "brain", "actions", "followers", "redis")


@dataclass(frozen=True)
class Costs:
    """What one message costs, as measured."""

    cpu_ms: dict[str, float]
    memory_mb: dict[str, float]
    commands: float
    redis_kb: float
    feed_kb: float
    log_kb: float
    rows: float
    sql_kb: float
    socket_kib: float

    @classmethod
    def of(cls, results: dict[str, Any]) -> "Costs":
        spent = results["half"][OURS]["cpu_ms"]
        left = results["footprint"]
        return cls(
            {part: spent.get(part, 0.0) for part in _PARTS},
            results["memory"][OURS]["pss_mb"],
            left["redis_commands"],
            left["redis_kb"],
            left["redis_feed_kb"],
            left["redis_log_kb"],
            left["sql_rows"],
            left["sql_kb"],
            results["idle"]["ours"]["rss_kib"],
        )


@dataclass(frozen=True)
class Need:
    """What one size of shop needs at its peak; rates per second."""

    day: int
    messages: float
    cores: dict[str, float]
    processes: dict[str, int]
    memory_gb: float
    commands: float
    redis_gb: float
    log_gb: float
    rows: float
    sql_gb: float
    sockets: float

    @classmethod
    def of(cls, day: int, costs: Costs) -> "Need":
        rate = day * MESSAGES_EACH / 86_400 * PEAK
        cores = {part: rate * ms / 1000 for part, ms in costs.cpu_ms.items()}
        sockets = day / 86_400 * PEAK * OPEN_S
        processes = {part: max(1, math.ceil(used / FULL)) for part, used in cores.items()}
        processes["gateway"] = max(processes["gateway"], math.ceil(sockets / MOST_OPEN))
        memory = sum(
            count * costs.memory_mb.get(part, 0.0) for part, count in processes.items() if part != "redis"
        )
        messages = day * MESSAGES_EACH
        return cls(
            day,
            rate,
            cores,
            processes,
            memory / 1024 + sockets * costs.socket_kib / 1024**2,
            rate * costs.commands,
            (messages * LOG_DAYS * DISTINCT * costs.redis_kb + rate * FED_S * costs.feed_kb) / 1024**2,
            messages * costs.log_kb / 1024**2,
            messages * costs.rows,
            messages * costs.sql_kb / 1024**2,
            sockets,
        )


def capacity(results: dict[str, Any]) -> str:
    """The document. Raises LookupError when a part of the bench that it needs was not run."""
    costs = Costs.of(results)
    needs = [Need.of(day, costs) for day in DAYS]
    sync_ms = results["acks"]["fdatasync"]["p50_ms"]
    return "\n".join([*_head(results, costs, sync_ms), *_table(needs), "", *_limits(needs, costs), ""])


def _head(results: dict[str, Any], costs: Costs, sync_ms: float) -> list[str]:
    spent = ", ".join(f"{part} {ms:.2f}" for part, ms in costs.cpu_ms.items())
    return f"""# Capacity: what a day of conversations needs

Made by `python -m bench.capacity` from bench/results/speed.json (`{results["command"]}`, {results["when"]}, {results["machine"]["cpu"]}); run `make bench` on your own machine and make it anew. Nothing here was tried at 100,000 or 10 million conversations a day: it is what the measured costs come to.

**Measured, for one message of a shopper with its answer** (actions run inside the brain where they cost 0): {sum(costs.cpu_ms.values()):.2f} CPU-ms ({spent}), {costs.commands:.0f} Redis commands, {costs.redis_kb:.1f} KB of Redis memory (and {costs.feed_kb:.1f} for a minute or two, in a feed), {costs.log_kb:.1f} KB of Redis' log on disk, {costs.rows:.1f} SQL rows and {costs.sql_kb:.1f} KB; {costs.socket_kib:.0f} KiB for a connected shopper; {sync_ms:.1f} ms for the disk to sync (p50).

**Assumed**: {MESSAGES_EACH} messages of the shopper in a conversation; at the peak {PEAK:.0f} times the day's mean rate; a page stays connected for {OPEN_S // 60} minutes; no process uses more than {FULL:.0%} of its core at the peak; a conversation at rest leaves Redis after {LOG_DAYS} days (`XIAOER_LOG_DAYS`). A sale such as 双11 has ten times the peak of a normal day: multiply rates and processes by ten, not what is kept.

""".splitlines()


def _table(needs: list[Need]) -> list[str]:
    rows: list[tuple[str, list[str]]] = [
        ("messages per second at the peak", [_number(need.messages) for need in needs]),
        *(
            (f"{part}: processes (cores used at the peak)", [
                f"{need.processes[part]:,} ({_number(need.cores[part])})" for need in needs
            ])
            for part in _PARTS
        ),
        ("cores, all parts, half used", [f"{math.ceil(sum(need.cores.values()) / FULL):,}" for need in needs]),
        ("memory of our processes", [f"{need.memory_gb:,.1f} GB" for need in needs]),
        ("Redis commands per second at the peak", [f"{need.commands:,.0f}" for need in needs]),
        ("Redis memory, 30 days", [f"{need.redis_gb:,.1f} GB" for need in needs]),
        ("Redis' log on disk, before it is rewritten, a day", [f"{need.log_gb:,.2f} GB" for need in needs]),
        ("SQL rows a day", [f"{need.rows:,.0f}" for need in needs]),
        ("SQL on disk, a year", [f"{need.sql_gb * 365:,.0f} GB" for need in needs]),
        ("shoppers connected at the peak", [f"{need.sockets:,.0f}" for need in needs]),
    ]  # fmt: skip
    head = [
        "| conversations a day | " + " | ".join(f"{need.day:,}" for need in needs) + " |",
        "|---|" + "---|" * len(needs),
    ]
    return head + [f"| {what} | " + " | ".join(cells) + " |" for what, cells in rows]


def _limits(needs: list[Need], costs: Costs) -> list[str]:
    _small, middle, large = needs
    first = max(costs.cpu_ms, key=lambda part: costs.cpu_ms[part])
    brains = 1000 / costs.cpu_ms["brain"] * FULL * 86_400 / PEAK / MESSAGES_EACH
    all_in_one = 2 * FULL * 1000 / sum(costs.cpu_ms.values()) * 86_400 / PEAK / MESSAGES_EACH
    one_redis = 1000 / costs.cpu_ms["redis"] * FULL * 86_400 / PEAK / MESSAGES_EACH
    return f"""## What gives out first, and what to do

- **1,000 a day**: nothing. `xiaoer up` on the smallest machine with two cores is enough up to about {all_in_one:,.0f} conversations a day; its {first} gives out first.
- **Above that**: the **brain**, and the **followers** (desk, archive, courier), of which several may run too. One brain serves about {brains:,.0f} conversations a day. Start more `xiaoer brain` processes: they share the partitions among themselves. There can be no more of a follower than partitions, so choose `XIAOER_PARTITIONS` for the brains to come ({max(8, 2 ** math.ceil(math.log2(2 * middle.processes["brain"])))} for 100,000 a day) before the first message: it can't be changed in a log that has any.
- **100,000 a day**: {middle.processes["brain"]} brain(s), {middle.processes["gateway"]} gateway(s) behind a balancer that knows WebSockets, and **SQLite** gives out: use PostgreSQL (`DATABASE_URL`), since the archive, the console and the gateways then lie on several machines. Redis on a machine of its own with a disk that syncs fast: each acknowledgement waits for it.
- **One Redis** serves about {one_redis:,.0f} conversations a day by its CPU; by its memory it gives out sooner ({middle.redis_gb:,.0f} GB at 100,000 a day): shorten `XIAOER_LOG_DAYS` ({middle.redis_gb / LOG_DAYS * 3:,.1f} GB with 3), since the archive has what left.
- **10 million a day**: Redis Cluster with {max(3, large.processes["redis"])} masters or more (`redis+cluster://`; partitions are its hash tags, so it needs far more partitions than masters: {2 ** math.ceil(math.log2(2 * large.processes["brain"]))} here), 3 days in Redis ({large.redis_gb / LOG_DAYS * 3:,.0f} GB), {large.processes["brain"]} brains, {large.processes["gateway"]} gateways. Then **SQL** is what gives out first: {large.rows / 86_400 * PEAK:,.0f} rows a second at the peak and {large.sql_gb * 365 / 1024:,.1f} TB a year want a partitioned PostgreSQL, or several archives by partition. Every gateway reads every partition's feed to wake its own sockets: at {large.processes["gateway"]} gateways that is {large.processes["gateway"] * large.messages * 2:,.0f} feed entries a second in all, and the point where gateways should be given shoppers by partition. The desk's board is one set of keys on one Redis node: the console's live line is the other part that does not grow by adding machines.
- **The platforms** are asked for 28 % of the messages ({middle.messages * 0.28:,.0f} calls a second at 100,000 a day, {large.messages * 0.28:,.0f} at 10 million): their quotas give out before our actions do.
""".splitlines()


def _number(value: float) -> str:
    return f"{value:,.2f}" if value < 10 else f"{value:,.0f}"


def main() -> None:
    results = json.loads((ROOT / "bench/results/speed.json").read_text(encoding="utf-8"))
    (ROOT / "docs/capacity.md").write_text(capacity(results), encoding="utf-8")


if __name__ == "__main__":
    main()

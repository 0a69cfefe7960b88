"""What a message leaves behind and asks of Redis: commands, memory, bytes of its log on disk, rows of the archive.

Its place in a partition's feed is told apart: it is there for a minute or two, the rest until the conversation rests.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.speed_bench import Bench, tell
from bench.speed_processes import environment
from bot.log.connect import connect

_QUIET_S = 4
_CAUGHT_UP_S = 60


async def footprint(bench: Bench) -> dict[str, Any]:
    """Per customer's message, with its answer: Redis commands, KB of Redis memory and of its log, SQL rows and KB."""
    env = environment(bench.house.parts()["brain"][0])
    redis = connect(env["REDIS_URL"])
    archive = bench.house.data / "archive.db"
    wait = _QUIET_S if bench.size.rounds > 1 else 1
    try:
        begun = await _redis(redis)
        await asyncio.sleep(wait)
        idle = await _redis(redis)
        started = time.monotonic()
        rows = await asyncio.to_thread(_rows, archive)
        rate, stretch_s = (60, 10) if bench.size.rounds > 1 else (8, 2)
        load = (await bench.open_loop(bench.house, rate, stretch_s)).load
        rows_after = await _caught_up(archive)
        after = await _redis(redis)
        seconds = time.monotonic() - started
    finally:
        await redis.aclose()
    answered = max(1, len(load.answer_ms))
    grown = {key: after[key] - idle[key] for key in ("commands", "memory", "feeds", "log")}
    # What is asked for whether or not anybody writes: leases, signs of life, reading feeds in which nothing is.
    quiet = {name: (idle[name] - begun.get(name, 0)) / wait for name in idle}
    found = {
        "messages": answered,
        "redis_commands": (grown["commands"] - quiet["commands"] * seconds) / answered,
        "redis_idle_commands_per_s": quiet["commands"],
        "redis_kb": (grown["memory"] - grown["feeds"]) / 1024 / answered,
        "redis_feed_kb": grown["feeds"] / 1024 / answered,
        "redis_log_kb": grown["log"] / 1024 / answered,
        "sql_rows": (rows_after[0] - rows[0]) / answered,
        "sql_kb": (rows_after[1] - rows[1]) / 1024 / answered,
        "commands": {
            name: (after[name] - idle.get(name, 0) - quiet.get(name, 0) * seconds) / answered
            for name in _most(after)
            if after[name] - idle.get(name, 0) > 0.05 * answered
        },
    }
    tell(
        f"  {found['redis_commands']:.1f} Redis commands, {found['redis_kb']:.1f} KB kept, {found['sql_rows']:.1f} rows each"
    )
    return found


async def _redis(redis: Any) -> dict[str, float]:
    stats = await redis.info("commandstats")
    calls = {name.removeprefix("cmdstat_"): float(told["calls"]) for name, told in stats.items()}
    memory, kept = await redis.info("memory"), await redis.info("persistence")
    return calls | {
        "commands": sum(calls.values()),
        "memory": float(memory["used_memory"]),
        "feeds": await _feeds(redis),
        "log": float(kept["aof_current_size"]),
    }


async def _feeds(redis: Any) -> float:
    names = [name async for name in redis.scan_iter(match="xiaoer:{p*}:feed", count=1000)]
    return float(sum([await redis.memory_usage(name, samples=0) for name in names]))


def _most(after: dict[str, float]) -> Iterable[str]:
    return sorted(after.keys() - {"commands", "memory", "feeds", "log"}, key=lambda name: -after[name])


def _rows(archive: Path) -> tuple[int, int]:
    """Rows of all tables, and bytes of the file and its log."""
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        rows = sum(database.execute(f'select count(*) from "{name}"').fetchone()[0] for name in tables)
        pages = database.execute("pragma page_count").fetchone()[0]
        size = database.execute("pragma page_size").fetchone()[0]
    return rows, pages * size


async def _caught_up(archive: Path) -> tuple[int, int]:
    before = (-1, 0)
    for _ in range(_CAUGHT_UP_S):
        now = await asyncio.to_thread(_rows, archive)
        if now == before:
            return now
        before = now
        await asyncio.sleep(1)
    return before

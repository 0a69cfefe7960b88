"""The parts of the bench that are about ours alone: acknowledgements and the disk, idle sockets, kills, two brains."""

import asyncio
import itertools
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp

from bench.load_mix import KNOWN, sayings
from bench.load_open import arrive
from bench.load_people import Customer, UnansweredError
from bench.load_socket import SocketCustomer
from bench.speed_bench import Bench, percentile, tell
from bench.speed_processes import ROOT, Started, environment, memory_mb
from bot.log.connect import connect
from bot.log.health import Health
from bot.setting_up.inherited import inherited

_RECOVERED_S = 30
_STEADY_S = 11  # the supervisor starts a part again at once when it had lived for ten seconds
_MANY = 64
_WAYS = ("worker", "all")


async def acks(bench: Bench) -> dict[str, Any]:
    """Milliseconds from sending to "received", one message at a time and many; beside fdatasync on that disk.

    Beside them in turn, the barest server that appends to the same Redis and the barest that appends nothing.
    """
    count = bench.size.acks
    customers = await bench.customers(bench.house, max(30, count // 8))
    one: list[float] = []
    bare: dict[str, list[float]] = {"durable": [], "ws": []}
    syncs: list[float] = []
    async with _bare_server(bench) as url:
        doors = {path: await bench.session.ws_connect(f"{url}/{path}", compress=0) for path in bare}
        for n in range(count):
            if n % 10 == 0:
                syncs += await asyncio.to_thread(_fdatasync, bench, 10)
            sent = time.perf_counter()
            with suppress(UnansweredError):
                done = await customers[n % len(customers)].ask(KNOWN[n % len(KNOWN)])
                one.append(1000 * (done.acked - sent))
            for path, door in doors.items():
                sent = time.perf_counter()
                await door.send_str(KNOWN[n % len(KNOWN)])
                await door.receive(timeout=10)
                bare[path].append(1000 * (time.perf_counter() - sent))
        for door in doors.values():
            await door.close()
    tell(f"  ack p50 {percentile(one, 50):.2f} ms, fdatasync p50 {percentile(syncs, 50):.2f} ms")
    rate = 100 if bench.size.rounds > 1 else 20
    many_at = await bench.customers(bench.house, _MANY)
    many = await arrive(many_at, sayings(99), rate, count / rate, 99)
    syncs += await asyncio.to_thread(_fdatasync, bench, count)
    await bench.leave([*customers, *many_at])
    return {
        "one": _ranks(one),
        "many": _ranks(many.ack_ms) | {"connections": _MANY, "rate": rate},
        "bare, durable": _ranks(bare["durable"]),
        "bare, echo": _ranks(bare["ws"]),
        "fdatasync": _ranks(syncs),
    }


def _ranks(values: list[float]) -> dict[str, Any]:
    return {"p50_ms": percentile(values, 50), "p99_ms": percentile(values, 99), "count": len(values)}


@asynccontextmanager
async def _bare_server(bench: Bench) -> AsyncIterator[str]:
    """Where the barest server stands, which writes to our house's Redis."""
    port = bench.house.port + 30
    redis_url = environment(bench.house.parts()["gateway"][0])["REDIS_URL"]
    words = [str(ROOT / ".venv/bin/python"), "-m", "bench.speed_bare", str(port), redis_url]
    server = Started(words, bench.folder / "bare.log", inherited())
    try:
        await server.until(f"http://127.0.0.1:{port}/healthz", 30)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


async def idle(bench: Bench) -> dict[str, Any]:
    """What a connected shopper who says nothing costs a fresh gateway, beside the barest aiohttp server: KiB."""
    count = bench.size.idle
    gateway = bench.house.parts()["gateway"][0]
    found: dict[str, Any] = {"connections": count}
    port = bench.house.port + 30
    env = environment(gateway) | {"XIAOER_PORT": str(port), "XIAOER_LISTEN_FD": ""}
    plan = (
        ("bare aiohttp", ["-m", "bench.speed_bare", str(port + 1)], inherited(), port + 1),
        ("ours", ["-m", "bot.cli", "gateway"], env, port),
    )
    for name, words, its_env, its_port in plan:
        python = str(ROOT / ".venv/bin/python")
        server = Started([python, *words], bench.folder / f"idle-{name.split()[0]}.log", its_env)
        try:
            await server.until(f"http://127.0.0.1:{its_port}/healthz", 30)
            await asyncio.sleep(1)
            before = memory_mb(server.family)
            begun = time.perf_counter()
            held = await _held(bench, name, its_port, count)
            seconds = time.perf_counter() - begun
            await asyncio.sleep(2)
            after = memory_mb(server.family)
            await bench.leave(held)
        finally:
            server.stop()
        rss, pss = ((a - b) * 1024 / count for a, b in zip(after, before, strict=True))
        found[name] = {"rss_kib": rss, "pss_kib": pss, "seconds": seconds}
        tell(f"  {count} idle sockets, {name}: {rss:.1f} KiB each")
    return found


async def recovery(bench: Bench) -> dict[str, Any]:
    """Seconds from kill -9 until customers are served again, and from a brain's start until it answers.

    Each part is killed in two ways: the process that does the work, and all of its processes at once.
    """
    found: dict[str, list[float]] = {f"{part}_{how}_s": [] for part in ("gateway", "brain") for how in _WAYS}
    ready = [await _brain_ready(bench) for _ in range(max(1, bench.size.kills))]
    tell(f"  a brain is ready after {percentile(ready, 50):.1f} s")
    for _, how in itertools.product(range(bench.size.kills), _WAYS):
        await asyncio.sleep(_STEADY_S)
        _kill(bench, "gateway", how)
        found[f"gateway_{how}_s"].append(await _until_accepted(bench))
        customers = await bench.customers(bench.house, 8)
        for customer in customers:
            await customer.ask(KNOWN[0])
        _kill(bench, "brain", how)
        found[f"brain_{how}_s"].append(await _until_answered(customers))
        await bench.leave(customers)
        tell(f"  kill -9, {how}: " + ", ".join(f"{part} {s[-1]:.2f}" for part, s in found.items() if s))
    return {**found, "brain_ready_s": ready}


def _kill(bench: Bench, part: str, how: str) -> None:
    pids = bench.house.parts()[part]
    for pid in pids if how == "all" else pids[-1:]:  # the last one is the child of the others
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def _until_accepted(bench: Bench) -> float:
    begun = time.perf_counter()
    while time.perf_counter() - begun < _RECOVERED_S:
        try:
            (customer,) = await bench.customers(bench.house, 1)
            done = await customer.ask(KNOWN[0])
            await customer.close()
        except UnansweredError:
            await asyncio.sleep(0.02)
        else:
            return done.acked - begun
    return float("inf")


async def _until_answered(customers: list[Customer]) -> float:
    # Written just after the kill: the log has it, and whoever comes next answers it. A human is not a recovery.
    begun = time.perf_counter()
    try:
        await asyncio.gather(*(customer.ask(KNOWN[1]) for customer in customers))
    except UnansweredError:
        return float("inf")
    return time.perf_counter() - begun


async def _brain_ready(bench: Bench) -> float:
    """Seconds from the start of one more brain until it says that it answers its share."""
    env = environment(bench.house.parts()["brain"][0])
    begun = time.perf_counter()
    started = Started(
        [str(ROOT / ".venv/bin/python"), "-m", "bot.cli", "brain"], bench.folder / "brain.log", env
    )
    redis = connect(env["REDIS_URL"])
    try:
        while time.perf_counter() - begun < _RECOVERED_S:
            seconds, _ = await redis.time()
            signs = await Health(redis).signs(int(seconds) * 1000)
            ours = {str(pid) for pid in started.family}
            if any(sign.ready and ours & set(member.split(":")) for member, sign in signs.items()):
                return time.perf_counter() - begun
            await asyncio.sleep(0.02)
        return float("inf")
    finally:
        await redis.aclose()
        started.stop()


async def _held(bench: Bench, name: str, port: int, count: int) -> list[Customer]:
    held: list[Customer] = []
    for _ in range(0, count, 50):
        several = min(50, count - len(held))
        if name == "ours":
            url = f"http://127.0.0.1:{port}/ws/chat"
            doors = [SocketCustomer.connect(bench.session, url, None) for _ in range(several)]
        else:
            doors = [_bare(bench.session, f"http://127.0.0.1:{port}/ws") for _ in range(several)]
        held += await asyncio.gather(*doors)
    return held


async def _bare(session: aiohttp.ClientSession, url: str) -> SocketCustomer:
    return SocketCustomer(await session.ws_connect(url, max_msg_size=0, compress=0))


def _fdatasync(bench: Bench, count: int) -> list[float]:
    """What it takes to put 700 bytes at the end of a file on the disk of our log, ms."""
    took = []
    path = bench.folder / "fdatasync"
    with path.open("ab", buffering=0) as file:
        for _ in range(count):
            begun = time.perf_counter()
            file.write(b"x" * 700)
            os.fdatasync(file.fileno())
            took.append(1000 * (time.perf_counter() - begun))
    path.unlink()
    return took

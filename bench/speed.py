"""Stock Rasa and 店小二 side by side: `make bench`, or `python -m bench.speed [--quick] [--only part,part]`.

Writes bench/results/speed.md, speed.json and plots. Takes 20 minutes; it wants a machine with nothing else to do.
"""

import argparse
import asyncio
import json
import shlex
import signal
import sys
import time
from pathlib import Path
from typing import Any

from bench import speed_brains, speed_footprint, speed_house, speed_side
from bench.load_people import UnansweredError
from bench.speed_bench import FULL, QUICK, Bench, tell
from bench.speed_processes import ROOT, NotReadyError, machine
from bench.speed_recipe import train_recipe
from bench.speed_report import write_report
from bench.speed_systems import RECIPE, RUNTIME, Project, Stock, System, Xiaoer

PARTS = (
    "saturation",
    "half",
    "steps",
    "bursts",
    "lengths",
    "acks",
    "footprint",
    "memory",
    "idle",
    "recovery",
    "brains",
)
_STOCK = ROOT / ".stock/bin/python"
_LONGEST_S = 25 * 60
KEPT = "speed.json"


def main(words: list[str]) -> int:
    """Runs the bench; 1 when a part of it failed, which is then told in the report too."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.speed", description="stock Rasa and Xiaoer side by side"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a short run without stock DIET: does the bench work?"
    )
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts of {','.join(PARTS)}")
    parser.add_argument("--port", type=int, default=21400, help="the first of about 40 ports")
    parser.add_argument(
        "--data", type=Path, default=ROOT / "var/bench", help="scratch folder, on the disk to measure"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "bench/results", help="where the report goes")
    asked = parser.parse_args(words)
    parts = [part.strip() for part in asked.only.split(",")]
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    asked.data = asked.data.resolve()
    asked.data.mkdir(parents=True, exist_ok=True)
    asked.out.mkdir(parents=True, exist_ok=True)
    kept = asked.out / KEPT
    results: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    results["command"] = shlex.join(["python", "-m", "bench.speed", *words])
    results["machine"] = machine()
    results["when"] = time.strftime("%Y-%m-%d %H:%M", time.gmtime()) + " UTC"
    results["failures"] = {}
    begun = time.monotonic()
    asyncio.run(_bounded(asked, parts, results))
    results["minutes"] = (time.monotonic() - begun) / 60
    kept.write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")
    write_report(results, asked.out)
    tell(f"written: {asked.out}/speed.md ({results['minutes']:.1f} min)")
    return 1 if results["failures"] else 0


async def _bounded(asked: argparse.Namespace, parts: list[str], results: dict[str, Any]) -> None:
    task = asyncio.current_task()
    assert task is not None
    # Asked to end, it stops its processes first.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with asyncio.timeout(_LONGEST_S):
        await _run(asked, parts, results)


async def _run(asked: argparse.Namespace, parts: list[str], results: dict[str, Any]) -> None:
    house = Xiaoer(asked.port, asked.data / "house")
    systems: list[System] = [house]
    sides = {"saturation", "half", "steps", "bursts", "lengths", "memory"} & set(parts)
    if sides:
        systems = [*_stock(asked, house), house]
    try:
        for system in (house, *systems[:-1]):
            await system.start()
            tell(f"{system.name} is ready after {system.ready_s:.1f} s")
        async with Bench(systems, house, QUICK if asked.quick else FULL, asked.data) as bench:
            for system in systems:
                await bench.warm(system)
            for part in parts:
                await _part(part, bench, results, asked.out / KEPT)
    finally:
        for system in reversed(systems):
            system.stop()


def _stock(asked: argparse.Namespace, house: Xiaoer) -> list[System]:
    found: list[System] = []
    if asked.quick:
        return found
    if _STOCK.exists():
        tell("training the stock recipe (minutes, once)")
        (asked.data / "recipe").mkdir(exist_ok=True)
        model = train_recipe(asked.data / "recipe", _STOCK)
        found.append(Stock(Project(RECIPE, _STOCK, model.parent.parent, model), asked.port + 10, house))
    else:
        tell("no stock recipe: `make stock` makes its environment")
    newest = max((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    found.append(Stock(Project(RUNTIME, ROOT / ".venv/bin/python", ROOT, newest), asked.port + 20, house))
    return found


async def _part(part: str, bench: Bench, results: dict[str, Any], kept: Path) -> None:
    saturated = results.get("saturation", {})
    makers = {
        "saturation": lambda: speed_side.saturation(bench),
        "half": lambda: speed_side.half(bench, saturated),
        "steps": lambda: speed_side.steps(bench, saturated),
        "bursts": lambda: speed_side.bursts(bench),
        "lengths": lambda: speed_side.lengths(bench),
        "memory": lambda: speed_side.memory(bench),
        "acks": lambda: speed_house.acks(bench),
        "footprint": lambda: speed_footprint.footprint(bench),
        "idle": lambda: speed_house.idle(bench),
        "recovery": lambda: speed_house.recovery(bench),
        "brains": lambda: speed_brains.brains(bench),
    }
    tell(part)
    try:
        results[part] = await makers[part]()
        await asyncio.to_thread(kept.write_text, json.dumps(results, indent=1), encoding="utf-8")
    except (NotReadyError, UnansweredError, OSError, TimeoutError, LookupError, ExceptionGroup) as error:
        results["failures"][part] = f"{type(error).__name__}: {error}"
        tell(f"  {part} could not be measured: {results['failures'][part]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

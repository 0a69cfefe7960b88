"""What an answer that needs the shop costs on our side: `python -m bench.answer`.

A real Redis, the brain with the trained model, the actions in its process as `xiaoer up` has them, and the demo
shop, all on this machine; the shop's own time, measured at its door, is taken off each answer. Prints
milliseconds, of this run only.
"""

import argparse
import asyncio
import gc
import logging
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

import structlog
import uvloop

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the product sets it, before NumPy comes
ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests"))

ASKED = (
    ("林小雨", "耳机的快递到哪了"),
    ("陈大明", "支付失败了怎么办"),
    ("赵磊", "帐篷怎么还不发货"),
    ("孙倩", "发票什么时候开好"),
    ("王秀兰", "显示签收了但我没收到"),
    ("林小雨", "大衣的退货怎么样了"),
    ("陈大明", "给我扣了两次钱"),
    ("林小雨", "我有多少积分"),
    ("赵磊", "我想取消订单"),
    ("林小雨", "我的订单"),
)
WARMING = 20


async def measure(models: Path, answers: int) -> list[tuple[float, float, float]]:
    """Milliseconds of each answer: all of it, the shop's share, and the CPU of this process (all but Redis)."""
    from conftest import RedisServer  # noqa: PLC0415 - the tests' own, found above
    from flows_end import Shop, make_seed, open_house  # noqa: PLC0415

    from actions import get_ready  # noqa: PLC0415
    from bot.brain.acting import ActionsWithin  # noqa: PLC0415
    from bot.brain.loading import import_lightly, load_project  # noqa: PLC0415
    from bot.log.connect import connect  # noqa: PLC0415
    from bot.log.log import Log  # noqa: PLC0415
    from bot.setting_up.model import newest_model  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        redis = RedisServer(Path(folder))
        redis.start()
        client = connect(redis.url)
        try:
            get_ready()
            archive = newest_model(models)
            import_lightly(archive)
            within = ActionsWithin("actions", enable_selective_domain=True)
            project = load_project(archive, within)
            shop = Shop(make_seed(Path(folder) / "seed" / "shop.db"), Path(folder) / "shop")
            found: list[tuple[float, float, float]] = []
            async with open_house(Log(client, 4), project, shop) as house:
                within._executor = house.actions.executor  # noqa: SLF001 - one that asks this shop
                gc.collect()
                gc.freeze()  # as the product does
                for turn in range(answers + WARMING):
                    name, text = ASKED[turn % len(ASKED)]
                    shopper = house.shopper(name, mark=str(turn))
                    shop.busy_s, since, cpu = 0.0, time.perf_counter(), time.process_time()
                    await shopper.says(text)
                    spent = (time.perf_counter() - since, shop.busy_s, time.process_time() - cpu)
                    found.append((spent[0] * 1000, spent[1] * 1000, spent[2] * 1000))
            return found[WARMING:]
        finally:
            await client.aclose()
            redis.kill()


def percentile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(prog="python -m bench.answer")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--answers", type=int, default=300)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    found = asyncio.Runner(loop_factory=uvloop.new_event_loop).run(measure(given.models, given.answers))
    rows = {
        "whole answer": [whole for whole, _, _ in found],
        "the shop's own time": [shop for _, shop, _ in found],
        "our side": [whole - shop for whole, shop, _ in found],
        "CPU: brain, actions, shop": [cpu for _, _, cpu in found],
    }
    sys.stdout.write(
        f"{len(found)} answers, one after the other; ms\n| | p50 | p95 | p99 |\n|---|---|---|---|\n"
    )
    for name, values in rows.items():
        shares = " | ".join(f"{percentile(values, share):.1f}" for share in (0.5, 0.95, 0.99))
        sys.stdout.write(f"| {name} | {shares} |\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

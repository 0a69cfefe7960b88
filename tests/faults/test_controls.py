"""The harms do harm, and the oracle sees it: what would be lost if the log were kept carelessly."""

import asyncio
import os
from pathlib import Path

import pytest
from ports import free_port
from real_servers import REDIS, needs_redis

from bot.conversation.bodies import Customer, Text
from bot.conversation.commands import CustomerSays
from bot.log.connect import connect
from bot.log.log import Log

from .part import Part
from .shims import CAN_BUILD, built

pytestmark = [
    pytest.mark.faults,
    needs_redis,
    pytest.mark.skipif(not CAN_BUILD, reason="no C compiler here"),
]

_MESSAGES = 60


async def _lost_in_a_power_cut(folder: Path, appendfsync: str) -> int:
    """How many acknowledged messages are gone after a kill on a disk that forgets what was not synced."""
    port = free_port()
    options = ("--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", "")
    words = [str(REDIS), *options, "--appendonly", "yes", "--appendfsync", appendfsync]
    shim = await asyncio.to_thread(built, "slow_disk", folder)
    env = {**os.environ, "LD_PRELOAD": str(shim), "SLOW_DISK_MS": "20"}
    redis = Part("redis", words, env, folder / "redis.log")
    redis.start()
    client = connect(f"redis://127.0.0.1:{port}/0")
    log = Log(client, 1)
    try:
        await asyncio.sleep(0.5)
        for n in range(_MESSAGES):
            said = CustomerSays(f"c:{n}", "web", "demo", Customer(), Text("在吗"))
            await log.commit("x1", said)
        redis.kill()
        redis.start()
        await asyncio.sleep(0.5)
        known = {event.id for event in await log.events("x1")}
    finally:
        await client.aclose()
        redis.kill()
    return sum(f"c:{n}" not in known for n in range(_MESSAGES))


async def test_a_log_that_syncs_every_second_loses_what_it_acknowledged(tmp_path: Path) -> None:
    assert await _lost_in_a_power_cut(tmp_path, "everysec") > 0


async def test_a_log_that_syncs_always_loses_nothing(tmp_path: Path) -> None:
    assert await _lost_in_a_power_cut(tmp_path, "always") == 0

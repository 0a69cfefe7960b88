"""Partitions are shared evenly, change hands without a call cut off, and a dead process's are free at once."""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.conversation import commands
from bot.conversation.bodies import Customer, Text
from bot.log import keys
from bot.log.follow import Follower
from bot.log.health import Health, Sign
from bot.log.leases import Leases, shares
from bot.log.log import Log
from bot.log.member import is_known_dead, new_member
from bot.log.roll import LEASE_MS, Roll


@pytest.mark.parametrize("partitions", [1, 4, 8, 64])
@pytest.mark.parametrize("members", [1, 2, 3, 5, 9])
def test_partitions_are_shared_as_evenly_as_can_be(partitions: int, members: int) -> None:
    found = shares([f"brain:{n}" for n in range(members)], partitions)
    counts = Counter(found.values())

    assert sorted(found) == list(range(partitions))
    assert max(counts.values()) - min([*counts.values()] if len(counts) == members else [0]) <= 1


def test_few_partitions_move_when_one_more_comes() -> None:
    before = shares(["a", "b", "c"], 64)
    after = shares(["a", "b", "c", "d"], 64)
    moved = [partition for partition in before if before[partition] != after[partition]]

    assert len(moved) <= 32  # 16 must


def member_that_died() -> str:
    code = "from bot.log.member import new_member; print(new_member('brain'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return done.stdout.strip()


def test_who_is_dead_is_known_on_the_same_machine_only() -> None:
    dead = member_that_died()

    assert is_known_dead(dead)
    assert not is_known_dead(new_member("brain"))
    assert not is_known_dead(dead.replace(dead.split(":")[1], "elsewhere"))
    assert not is_known_dead("one")


async def test_the_partitions_of_a_dead_process_are_free_at_once(redis: Any) -> None:
    name = member_that_died()
    later = int(time.time() * 1000) + LEASE_MS - 100
    await redis.hset(keys.ROLL, f"test|{name}", later)
    for partition in range(4):
        await redis.hset(keys.LEASES, keys.lease(partition, "test"), f"{later}|{name}")

    heir = Leases(redis, "test", 4, new_member("brain"))
    began = time.monotonic()
    share = await heir.renew()

    assert len(share.held) == 4
    assert time.monotonic() - began < LEASE_MS / 1000


async def test_who_leaves_while_redis_is_away_calls_it_once_and_not_for_each_of_its_followers(
    redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    roll = Roll(redis, new_member("followers"))
    followers = [Leases(redis, name, 4, "", roll) for name in ("desk", "archive", "clocks", "hooks")]
    for one in followers:
        await one.renew()
    called: list[Any] = []

    async def away(*words: Any, **_: Any) -> None:
        called.append(words)
        raise RedisConnectionError

    monkeypatch.setattr(redis, "execute_command", away)
    await asyncio.gather(*(one.leave() for one in followers))

    assert len(called) == 1
    assert all(not one.held() for one in followers)


async def test_a_dead_process_is_not_shown_as_running(redis: Any, log: Log) -> None:
    health, now = Health(redis), await log.now()
    await health.say(member_that_died(), Sign("brain", True, "", now))
    await health.say(new_member("brain"), Sign("brain", True, "", now))

    assert len(await health.signs(now)) == 1


async def test_a_call_in_hand_is_ended_before_its_partition_changes_hands(redis: Any, log: Log) -> None:
    at_work: set[str] = set()
    ended: list[str] = []

    def follower(name: str) -> Follower:
        async def handle(conversation: str, _: int) -> None:
            assert conversation not in at_work, "two at one conversation"
            at_work.add(conversation)
            await asyncio.sleep(0.6)
            at_work.discard(conversation)
            ended.append(f"{name}:{conversation}")

        async def give_up(*_: Any) -> bool:
            raise AssertionError

        return Follower(redis, Leases(redis, "test", log.partitions, name), handle, give_up)

    stops = [asyncio.Event(), asyncio.Event()]
    first = asyncio.create_task(follower("one").run(stops[0]))
    for n in range(12):
        said = commands.CustomerSays(f"c:{n}", "web", "demo", Customer("c1"), Text("在吗"))
        await log.commit(f"w{n}", said)
    while len(at_work) < 12:  # noqa: ASYNC110 - what is waited for lies in Redis
        await asyncio.sleep(0.01)
    second = asyncio.create_task(follower("two").run(stops[1]))
    await asyncio.sleep(0.2)
    stops[0].set()
    await first

    assert sorted(ended) == sorted(f"one:w{n}" for n in range(12))
    await asyncio.sleep(1)
    stops[1].set()
    await second
    assert len(ended) == 12  # what was done is not done again

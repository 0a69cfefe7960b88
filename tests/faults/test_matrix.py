"""The fault matrix: `make faults`. Deselected in `make test`, whose short form is `test_short.py`."""

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from real_servers import REDIS

from .cluster import ClusterHouse, failed_over, killed_and_back, on_a_cluster, replaced
from .conftest import Judged
from .deadly_words import DiesOfWords, NeverEnds, dead_letters
from .disks import locked_archive, shrunken_disk, slow_disk
from .harms import (
    another_model,
    dies_at_its_point,
    frozen,
    frozen_again_and_again,
    gone,
    killed,
    nothing,
    one_after_the_other,
    shop_harmed,
    with_environment,
)
from .house import House
from .matrix import endure
from .shims import CAN_BUILD, built
from .struck import POINTS

pytestmark = [pytest.mark.faults, pytest.mark.asyncio(loop_scope="module")]

_NTH = {"gateway": 25, "brain": 25, "archive": 60, "desk": 60}
_PART = {"gateway": "gateway", "brain": "brain", "archive": "followers", "desk": "followers"}


async def test_calm(house: House, judged: Judged) -> None:
    """The control: the oracle finds nothing where nothing happened."""
    judged(await endure(house, "none (control)", nothing))


@pytest.mark.parametrize("point", POINTS)
async def test_a_part_dies_at_a_named_point(house: House, judged: Judged, point: str) -> None:
    who = point.split(maxsplit=1)[0]
    part = _PART[who]
    house.struck(part, point, _NTH[who])
    await house.ready()

    judged(await endure(house, f"kill -9: {point}", dies_at_its_point(part)))


async def test_a_message_that_kills(house: House, judged: Judged) -> None:
    """A brain dies of it, and so do its heirs; three at most, and nobody else's message is given up."""
    harm = DiesOfWords("brain")
    await asyncio.to_thread(house.brain.stop)
    house.mortal("brain")
    await house.ready()
    before = await dead_letters(house, "brain")
    try:
        judged(await endure(house, "a message that kills each brain which handles it", harm))
    finally:
        await asyncio.to_thread(house.brain.stop)
        house.brain.start()
        await house.ready()
    assert 0 < harm.deaths <= 3
    assert await dead_letters(house, "brain") - before <= {harm.conversation}


async def test_a_message_that_never_ends(house: House, judged: Judged) -> None:
    """A brain spins in it, so that it says nothing any more: it is ended and has an heir, three times at most."""
    harm = NeverEnds("brain")
    await asyncio.to_thread(house.brain.stop)
    house.mortal("brain", "--kept")
    await house.ready()
    before = await dead_letters(house, "brain")
    try:
        judged(await endure(house, "a message in which each brain that handles it spins", harm, settle_s=120))
    finally:
        await asyncio.to_thread(house.brain.stop)
        house.brain.start()
        await house.ready()
    assert 0 < harm.deaths <= 3
    assert await dead_letters(house, "brain") - before <= {harm.conversation}


@pytest.mark.parametrize("part", ["gateway", "brain", "followers", "actions", "shop", "redis"])
async def test_a_part_is_killed_at_random(house: House, judged: Judged, part: str) -> None:
    harm = one_after_the_other(killed(part), killed(part), killed(part))

    judged(await endure(house, f"kill -9 three times: {part}", harm, signed=part in {"actions", "shop"}))


async def test_everything_is_killed_at_once(house: House, judged: Judged) -> None:
    harm = killed("redis", "gateway", "brain", "followers", "actions", "shop")

    judged(
        await endure(house, "kill -9: everything at once, as a power cut of the machine's processes", harm)
    )


@pytest.mark.parametrize("part", ["gateway", "brain", "followers", "actions", "shop", "redis"])
async def test_a_part_is_frozen_past_every_lease(house: House, judged: Judged, part: str) -> None:
    harm = frozen(part, 6)

    judged(await endure(house, f"SIGSTOP 6 s: {part}", harm, signed=part in {"actions", "shop"}))


@pytest.mark.parametrize("part", ["actions", "shop", "brain", "followers"])
async def test_a_part_is_away_for_a_while(house: House, judged: Judged, part: str) -> None:
    judged(await endure(house, f"away for 10 s: {part}", gone(part, 10), signed=part in {"actions", "shop"}))


@pytest.mark.parametrize("harm", ["slow", "cut", "blackhole", "garbage", "half-open", "refuse"])
async def test_the_shop_is_harmed(house: House, judged: Judged, harm: str) -> None:
    judged(await endure(house, f"shop {harm} for 8 s", shop_harmed(harm, 8), signed=True))  # type: ignore[arg-type]


async def test_the_model_changes(house: House, judged: Judged) -> None:
    harm = one_after_the_other(another_model("second"), another_model("third"))

    judged(await endure(house, "another model taken up under load, twice; two unsealed ones refused", harm))


async def test_zombie_brains_are_fenced_off(tmp_path: Path, judged: Judged) -> None:
    """Two brains freeze in turn beyond their leases: what the frozen one still had in hand is refused."""
    house = House(tmp_path, brains=2)
    try:
        await house.start()
        harm = frozen_again_and_again(("brain", "brain2"), 5, 4)
        judged(await endure(house, "two brains, SIGSTOP 5 s in turn, 4 times", harm))
    finally:
        await house.stop()


@pytest.mark.parametrize(
    ("what", "does", "copies"),
    [
        ("a master handed over to its replica", failed_over, 0),
        ("a master's slots moved to a new node, the old one killed and forgotten", replaced, 0),
        ("a master killed, its replica takes over, one copy of each write", killed_and_back, 1),
    ],
)
async def test_a_node_of_a_cluster_is_replaced(
    tmp_path: Path, judged: Judged, what: str, does: Callable[[ClusterHouse], float], copies: int
) -> None:
    if REDIS is None:
        judged.skip("Cluster: redis-server is not installed")
    house = ClusterHouse(tmp_path, copies=copies)
    try:
        await house.start()
        judged(await endure(house, f"Redis Cluster: {what}", on_a_cluster(does), settle_s=90))
    finally:
        await house.stop()


async def test_a_power_cut_on_a_slow_disk(house: House, judged: Judged, tmp_path: Path) -> None:
    if not CAN_BUILD:
        judged.skip("slow disk: no C compiler here")
    async with slow_disk(house, tmp_path, milliseconds=30):
        harm = one_after_the_other(killed("redis"), killed("redis"))
        judged(
            await endure(
                house, "disk that syncs in 30 ms and forgets what was not synced; Redis killed", harm
            )
        )


async def test_a_full_disk(house: House, judged: Judged) -> None:
    if subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:  # noqa: ASYNC221
        judged.skip("full disk: may not mount here")
    async with shrunken_disk(house) as fills_up:
        judged(await endure(house, "Redis's disk full for 5 s, then room again", fills_up))


async def test_the_archive_is_locked(house: House, judged: Judged) -> None:
    judged(await endure(house, "archive's SQLite file locked for 10 s", locked_archive(10), settle_s=90))


@pytest.mark.parametrize("hours", [1, -1])
@pytest.mark.parametrize("part", ["gateway", "brain", "followers", "redis"])
async def test_a_wrong_clock(house: House, judged: Judged, tmp_path: Path, part: str, hours: int) -> None:
    if not CAN_BUILD:
        judged.skip("clock skew: no C compiler here")
    shim = await asyncio.to_thread(built, "wrong_clock", tmp_path)
    harm = with_environment(part, LD_PRELOAD=str(shim), WRONG_CLOCK_S=str(hours * 3600))
    try:
        judged(await endure(house, f"clock {hours:+}h: {part}", harm))
    finally:
        await asyncio.to_thread(house.parts[part].stop)
        house.parts[part].start()
        await house.redis_answers()
        await house.ready()

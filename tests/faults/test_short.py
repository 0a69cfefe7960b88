"""The short form of the fault matrix, in `make test`: the deaths that lose messages elsewhere, a few messages each."""

import pytest

from .conftest import Judged
from .harms import at_the_same_time, dies_at_its_point, killed, one_after_the_other
from .house import House
from .matrix import endure

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEW = 60


async def test_nothing_is_lost_or_doubled_when_gateway_and_redis_are_killed(
    house: House, judged: Judged
) -> None:
    harm = one_after_the_other(killed("gateway"), killed("redis"), pause=1.5)

    judged(await endure(house, "gateway killed, then Redis", harm, messages=FEW, at_once=6))


async def test_nothing_is_lost_or_doubled_when_the_brain_dies_on_both_sides_of_its_append_and_the_archive_after_its_write(
    house: House, judged: Judged
) -> None:
    """In one talk: each would lose or double by itself, wherever the others die."""
    house.struck("brain", "brain after the effect, before the append", 12)
    house.struck("followers", "archive between write and cursor", 30)
    await house.ready()
    harm = at_the_same_time(
        dies_at_its_point("brain", then=("brain after the append, before its cursor", 12)),
        dies_at_its_point("followers"),
    )

    judged(await endure(house, "brain and archive die at their points", harm, messages=FEW, at_once=6))

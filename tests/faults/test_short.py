"""The short form of the fault matrix, in `make test`: the deaths that lose messages elsewhere, a few messages each."""

import pytest

from .conftest import Judged
from .harms import dies_at_its_point, killed, one_after_the_other
from .house import House
from .matrix import endure

pytestmark = pytest.mark.asyncio(loop_scope="module")

FEW = 60


async def test_nothing_is_lost_or_doubled_when_gateway_and_redis_are_killed(
    house: House, judged: Judged
) -> None:
    harm = one_after_the_other(killed("gateway"), killed("redis"), pause=1.5)

    judged(await endure(house, "gateway killed, then Redis", harm, messages=FEW, at_once=6))


@pytest.mark.parametrize(
    ("part", "point", "nth"),
    [
        ("brain", "brain after the effect, before the append", 12),
        ("brain", "brain after the append, before its cursor", 12),
        ("followers", "archive between write and cursor", 30),
    ],
)
async def test_nothing_is_lost_or_doubled_when_a_part_dies_at(
    house: House, judged: Judged, part: str, point: str, nth: int
) -> None:
    house.struck(part, point, nth)
    await house.ready()

    judged(await endure(house, point, dies_at_its_point(part), messages=FEW, at_once=6))

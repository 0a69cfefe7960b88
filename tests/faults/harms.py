"""The harms, one function each: does it to a house in which people talk, undoes it, says when it was done."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from .fault_proxy import Harm
from .house import House

if TYPE_CHECKING:
    from .part import Part

Harmed = Callable[[House], Awaitable[float]]
"""Does its harm and returns the moment (monotonic s) from which recovery is counted."""

AGAIN_S = 0.2  # after which `xiaoer up` starts again what died
_DIES_S = 60


async def nothing(_: House) -> float:
    return time.monotonic()


def killed(*names: str) -> Harmed:
    """`kill -9`, and started again as a supervisor does."""

    async def harm(house: House) -> float:
        moment = time.monotonic()
        for name in names:
            house.parts[name].kill()
        await asyncio.sleep(AGAIN_S)
        for name in names:
            house.parts[name].start()
        return moment

    return harm


def dies_at_its_point(name: str, *, then: tuple[str, int] | None = None) -> Harmed:
    """Waits until the part that was started with `House.struck` is dead; then starts it as it should be.

    With `then`, a point and which of its moments, it is started so that it dies a second time, there.
    """

    async def harm(house: House) -> float:
        part = house.parts[name]
        if then is not None:
            await _dead(part)
            await asyncio.sleep(AGAIN_S)
            house.struck(name, *then)
        await _dead(part)
        moment = time.monotonic()
        await asyncio.sleep(AGAIN_S)
        part.start()
        return moment

    return harm


async def _dead(part: "Part") -> None:
    if not await asyncio.to_thread(part.wait_dead, _DIES_S):
        raise TimeoutError(f"{part.name} never came to its named point")


def frozen(name: str, seconds: float) -> Harmed:
    """SIGSTOP, and SIGCONT later: a zombie that believes that nothing happened."""

    async def harm(house: House) -> float:
        part = house.parts[name]
        moment = time.monotonic()
        part.freeze()
        await asyncio.sleep(seconds)
        part.thaw()
        return moment

    return harm


def frozen_again_and_again(names: tuple[str, ...], seconds: float, times: int) -> Harmed:
    """Each of several members in turn, for longer than its lease: its partitions move and come back."""

    async def harm(house: House) -> float:
        moment = time.monotonic()
        for n in range(times):
            part = house.parts[names[n % len(names)]]
            part.freeze()
            await asyncio.sleep(seconds)
            part.thaw()
            await asyncio.sleep(0.5)
        return moment

    return harm


def gone(name: str, seconds: float) -> Harmed:
    """Killed, and away for so long."""

    async def harm(house: House) -> float:
        moment = time.monotonic()
        house.parts[name].kill()
        await asyncio.sleep(seconds)
        house.parts[name].start()
        return moment

    return harm


def shop_harmed(harm_done: Harm, seconds: float) -> Harmed:
    """What stands between the actions and the shop does harm for so long."""

    async def harm(house: House) -> float:
        moment = time.monotonic()
        house.proxy.turn(harm_done)
        await asyncio.sleep(seconds)
        house.proxy.turn("none")
        return moment

    return harm


def with_environment(name: str, **env: str) -> Harmed:
    """Started again with other environment, and stays so until the house is put right."""

    async def harm(house: House) -> float:
        moment = time.monotonic()
        part: Part = house.parts[name]
        await asyncio.to_thread(part.stop)
        part.start(**env)
        if name == "redis":
            await house.redis_answers()
        return moment

    return harm


def one_after_the_other(*harms: Harmed, pause: float = 2.0) -> Harmed:
    """Several harms; recovery is counted from the last."""

    async def harm(house: House) -> float:
        moment = time.monotonic()
        for one in harms:
            moment = await one(house)
            await asyncio.sleep(pause)
        return moment

    return harm


def at_the_same_time(*harms: Harmed) -> Harmed:
    """Several harms, each in its own time; recovery is counted from the last."""

    async def harm(house: House) -> float:
        return max(await asyncio.gather(*(one(house) for one in harms)))

    return harm


def another_model(name: str) -> Harmed:
    """One is brought, which the brain takes up between two turns; and before it one that is not sealed."""

    async def harm(house: House) -> float:
        house.new_model(f"{name}-unsealed", sealed=False)
        await _told(house.brain, f"{name}-unsealed.tar.gz has no seal")
        moment = time.monotonic()
        house.new_model(name)
        await _told(house.brain, f'"model": "{name}.tar.gz"')
        return moment

    return harm


async def _told(part: "Part", words: str) -> None:
    async with asyncio.timeout(_DIES_S):
        while words not in part.told():  # noqa: ASYNC110 - it lies in a file
            await asyncio.sleep(0.1)

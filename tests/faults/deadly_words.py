"""A message that kills whoever handles it, among others that don't."""

import asyncio
import time

import aiohttp

from bot.log import keys
from bot.log.connect import connect

from .harms import AGAIN_S
from .house import PARTITIONS, House
from .ledger import Ledger
from .shoppers import Shopper
from .struck import DEADLY, ENDLESS

_LIVES_S = 3.0
_LONGEST_S = 60.0
_ENDLESS_S = 120.0


class DiesOfWords:
    """A harm: one shopper says the deadly words; the part is started anew, as mortal as before, until it lives."""

    def __init__(self, name: str) -> None:
        self.deaths = 0
        self.conversation = ""
        self._name = name

    async def __call__(self, house: House) -> float:
        moment = time.monotonic()
        async with aiohttp.ClientSession() as session, asyncio.timeout(_LONGEST_S):
            shopper = Shopper(house, session, Ledger())
            await shopper.says(DEADLY)
            self.conversation = shopper.kept.conversation
            await self._until_it_lives(house)
            while shopper.stage == "bot":
                await shopper.stay()
                await asyncio.sleep(0.05)
            await shopper.leave()
        return moment

    async def _until_it_lives(self, house: House) -> None:
        """Dead again while it starts, or soon after it is ready, counts; then it is there to stay."""
        part, ready_since = house.parts[self._name], 0.0
        while not ready_since or time.monotonic() - ready_since < _LIVES_S:
            if not part.is_running:
                self.deaths += 1
                ready_since = 0.0
                await asyncio.sleep(AGAIN_S)
                house.mortal(self._name)
            elif not ready_since and not await house.missing():
                ready_since = time.monotonic()
            await asyncio.sleep(0.05)


class NeverEnds:
    """A harm: one shopper says words in which a kept part spins; its keeper ends it and forks an heir, until one lives."""

    def __init__(self, name: str) -> None:
        self.deaths = 0
        self.conversation = ""
        self._name = name

    async def __call__(self, house: House) -> float:
        part, moment = house.parts[self._name], time.monotonic()
        before = part.told().count("is silent")
        async with aiohttp.ClientSession() as session, asyncio.timeout(_ENDLESS_S):
            shopper = Shopper(house, session, Ledger())
            await shopper.says(ENDLESS)
            self.conversation = shopper.kept.conversation
            while shopper.stage == "bot" or await house.missing() or part.told().count("is silent") == before:
                await shopper.stay()
                await asyncio.sleep(0.2)
            await shopper.leave()
        self.deaths = part.told().count("is silent") - before
        return moment


async def dead_letters(house: House, follower: str) -> set[str]:
    """The conversations in which something was given up."""
    client = connect(house.redis_url)
    try:
        found = [
            await client.xrange(f"{keys.feed(partition)}:dead:{follower}") for partition in range(PARTITIONS)
        ]
    finally:
        await client.aclose()
    return {fields[b"c"].decode() for rows in found for _, fields in rows}

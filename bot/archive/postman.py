"""Brings letters to the merchant's CRM: signed, in each conversation's order, again until they are taken."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import ClientSession

from bot.archive.hook_book import HookBook, Place
from bot.archive.posting import open_post, post
from bot.archive.webhooks import Letter, Letters

logger = structlog.get_logger(__name__)

_ROUNDS = 20


class Postman:
    """`tick` is called every second by one process at a time; `clock` gives ms since 1970.

    Addresses that were added in the console lead out of our network, unless `inside` allows others.
    """

    def __init__(
        self, letters: Letters, book: HookBook, clock: Callable[[], Awaitable[int]], *, inside: bool = False
    ) -> None:
        self._letters = letters
        self._book = book
        self._clock = clock
        self._inside = inside

    async def tick(self) -> None:
        places = await self._book.places()
        if not places:
            return
        await self._letters.gather({name: place.hook for name, place in places.items()}, await self._clock())
        open_ones = [name for name, place in places.items() if not place.paused]
        async with open_post(anywhere=True) as anywhere, open_post(anywhere=self._inside) as outside:
            for _ in range(_ROUNDS):
                due = await self._letters.due(open_ones, await self._clock())
                if not due:
                    break
                await asyncio.gather(*(self._bring(letter, places, anywhere, outside) for letter in due))
        await self._letters.forget(await self._clock())

    async def _bring(
        self, letter: Letter, places: Mapping[str, Place], anywhere: ClientSession, outside: ClientSession
    ) -> None:
        place = places[letter.hook]
        event = f"{letter.conversation}:{letter.seq}"
        seconds = await self._clock() // 1000
        session = anywhere if place.filed else outside
        told = await post(session, place.hook, event, letter.body.encode(), seconds)
        now = await self._clock()
        if not told:
            await self._letters.sent(letter, now)
        elif await self._letters.failed(letter, told, now):
            logger.error("webhook_dead", hook=letter.hook, type=letter.type, told=told)
        else:
            logger.warning(
                "webhook_failed", hook=letter.hook, type=letter.type, told=told, tries=letter.tries
            )

"""Customers at stock Rasa's door: the REST channel, as a shop's own front end would call it."""

import asyncio
import itertools
import time

import aiohttp

from bench.load_people import ANSWER_S, Answered, UnansweredError, Who

_numbers = itertools.count()


class RestCustomer:
    """One sender; each message is a POST of its own."""

    def __init__(self, session: aiohttp.ClientSession, url: str, who: Who) -> None:
        self._session = session
        self._url = url
        self._sender = f"{who.site}-{who.customer}"
        self._metadata = {
            "conversation": self._sender,
            "channel": "web",
            "lang": "zh-CN",
            "customer": {"id": who.customer, "name": "顾客", "level": "普通", "verified": True},
        }

    async def ask(self, *texts: str) -> Answered:
        """Sends all at once; returns when all are answered. Raises UnansweredError, also for an empty list."""
        await asyncio.gather(*(self._ask(text) for text in texts))
        now = time.perf_counter()
        return Answered(now, now)

    async def close(self) -> None:
        """Nothing is open."""

    async def _ask(self, text: str) -> None:
        asked = {
            "sender": self._sender,
            "message": text,
            "metadata": self._metadata | {"message_id": f"m{next(_numbers)}"},
        }
        patience = aiohttp.ClientTimeout(total=ANSWER_S)
        try:
            async with self._session.post(self._url, json=asked, timeout=patience) as answer:
                said = await answer.json() if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise UnansweredError(type(error).__name__) from error
        if not said:  # Rasa answers 200 and an empty list whatever went wrong
            raise UnansweredError("an empty list" if said == [] else "an error")

"""What is new, as it happens: tells a process's own sockets that a conversation has grown."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from bot.log.cursors import Entry
from bot.log.heard import Heard
from bot.log.tail import Row, Tail

Poke = Callable[[], None]


class Live:
    """Pokes its subscribers when their conversation has new events, which `heard` may have; else the log has."""

    def __init__(self, redis: Any, partitions: int, heard: Heard | None = None) -> None:
        self._tail = Tail(redis, heard)
        self._partitions = partitions
        self._pokes: dict[str, set[Poke]] = defaultdict(set)

    def subscribe(self, conversation: str, poke: Poke) -> Callable[[], None]:
        """Pokes until the returned function is called."""
        self._pokes[conversation].add(poke)

        def leave() -> None:
            pokes = self._pokes.get(conversation)
            if pokes is not None:
                pokes.discard(poke)
                if not pokes:
                    del self._pokes[conversation]

        return leave

    async def run(self) -> None:
        """Reads every partition's feed until cancelled."""
        leaves = [
            self._tail.want(partition, self._told, _nothing_kept) for partition in range(self._partitions)
        ]
        try:
            await asyncio.Event().wait()
        finally:
            for leave in leaves:
                leave()

    def _told(self, _: Entry, rows: Sequence[Row]) -> None:
        if not rows:
            self._poke_all()  # whatever came before this point is read by those who were already here
        for _, fields in rows:
            for poke in tuple(self._pokes.get(fields[b"c"].decode(), ())):
                poke()

    def _poke_all(self) -> None:
        for pokes in tuple(self._pokes.values()):
            for poke in tuple(pokes):
                poke()


def _nothing_kept() -> None:
    """The tail tells anew where it begins, and then all are poked."""

"""Writes of many conversations as one transaction: each costs a sync of the disk and much of SQL's own work."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import structlog

from bot.archive.store import Store
from bot.conversation.events import Event
from bot.conversation.state import State
from bot.errors import ArchiveUnavailableError

logger = structlog.get_logger(__name__)

GATHERED_S = 0.25
_REMEMBERED = 20_000

Stretch = tuple[State, Sequence[Event]]


class Gathering:
    """The archive's writes, gathered while the one before is under way; and what it is known to have."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Stretch, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._archived: OrderedDict[str, int] = OrderedDict()
        self._asked: dict[str, asyncio.Future[int]] = {}
        self._asker: asyncio.Task[None] | None = None
        self._company: asyncio.Future[None] | None = None

    async def company(self) -> None:
        """Waits for others, `GATHERED_S` at most: all who came meanwhile go on at the same moment, to write together."""
        if self._company is None:
            loop = asyncio.get_running_loop()
            self._company = loop.create_future()
            loop.call_later(GATHERED_S, self._let_go)
        await asyncio.shield(self._company)

    def _let_go(self) -> None:
        company, self._company = self._company, None
        if company is not None:
            company.set_result(None)

    def known(self, conversation: str) -> int | None:
        """The last seq that the archive certainly has, if that is known without asking it."""
        return self._archived.get(conversation)

    async def archived(self, conversation: str) -> int:
        """The last seq that the archive certainly has; it may have more, if another process wrote it."""
        known = self.known(conversation)
        if known is not None:
            return known
        told = self._asked.get(conversation)
        if told is None:
            told = self._asked[conversation] = asyncio.get_running_loop().create_future()
        if self._asker is None or self._asker.done():
            self._asker = asyncio.create_task(self._ask())
        return await asyncio.shield(told)  # others may wait for the same

    async def write(self, state: State, events: Sequence[Event]) -> None:
        """Returns when `events` stand in the archive. Raises what the store raises for them."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(((state, events), written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await written
        self._remember(state.conversation, events[-1].seq)

    async def _ask(self) -> None:
        while self._asked:
            asked, self._asked = self._asked, {}
            try:
                found = await self._store.archived_of(list(asked))
            except Exception as error:  # noqa: BLE001 - it is for each of those who asked to deal with
                for told in asked.values():
                    told.set_exception(error)
                    told.exception()  # one who asked may be gone
            else:
                for conversation, told in asked.items():
                    self._remember(conversation, found.get(conversation, 0))
                    told.set_result(found.get(conversation, 0))

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._store.write_all([stretch for stretch, _ in batch])
            except ArchiveUnavailableError as error:
                _tell(batch, error)
            except Exception as error:  # noqa: BLE001 - one that can't be stored must not keep the others out
                if len(batch) == 1:
                    _tell(batch, error)
                else:
                    logger.warning("archive_writes_one_by_one", error=type(error).__name__)
                    await self._one_by_one(batch)
            else:
                _tell(batch, None)

    async def _one_by_one(self, batch: list[tuple[Stretch, asyncio.Future[None]]]) -> None:
        for one in batch:
            try:
                await self._store.write_all([one[0]])
            except Exception as error:  # noqa: BLE001 - it is its own follower's to deal with
                _tell([one], error)
            else:
                _tell([one], None)

    def _remember(self, conversation: str, seq: int) -> None:
        self._archived[conversation] = max(seq, self._archived.pop(conversation, 0))
        if len(self._archived) > _REMEMBERED:
            self._archived.popitem(last=False)


def _tell(batch: list[tuple[Stretch, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, written in batch:
        if written.done():  # nobody waits any more
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)

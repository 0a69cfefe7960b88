"""A house that answers an outside platform: its doors, its courier, and a bot that says what the test says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from ports import free_port

from bot.archive.database import Database
from bot.conversation.bodies import Delivered, Said, Text, Understood
from bot.conversation.commands import AgentClaims, AgentCloses, AgentReplies, BotAnswers, Command
from bot.conversation.events import Event, Kind, Role, Sender
from bot.conversation.state import Stage
from bot.courier.courier import Courier, Patience
from bot.errors import StaleError
from bot.log.follow import Follower
from bot.log.leases import Leases
from bot.log.live import Live
from bot.log.log import Log
from bot.outlets import Parts, doors_of, parts_of
from bot.settings import Settings

AGENT = Sender(Role.AGENT, "a1", "小李")
QUICK = Patience(first_s=0.02, longest_s=0.05, gather_s=0.3, gather_most_s=1.0, position_s=0.2)

Says = Callable[[Event], tuple[Said, ...] | Awaitable[tuple[Said, ...]]]


class Bot:
    """Follows the log and answers what is owed with what `says` gives; None of it is Rasa."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.says: Says = lambda _: (Text("好的"),)
        self.delay_s = 0.0
        self.hands_off = ""

    async def handle(self, conversation: str, _last: int) -> None:
        state = await self._log.state(conversation)
        while state.stage is Stage.BOT and state.unanswered_since:
            event = await self._log.event(conversation, state.last_customer_seq)
            assert event is not None
            await asyncio.sleep(self.delay_s)
            said = self.says(event)
            replies = said if isinstance(said, tuple) else await said
            understood = Understood(event.seq, "test", 1.0)
            answer = BotAnswers(event.seq, state.epoch, understood, (), replies, self.hands_off)
            with suppress(StaleError):
                await self._log.commit(conversation, answer)
            state = await self._log.state(conversation)

    async def give_up(self, conversation: str, last: int, error: Exception) -> bool:
        raise error


@dataclass
class OutsideHouse:
    log: Log
    parts: Parts
    bot: Bot
    url: str
    places: dict[str, int]

    async def conversation(self) -> str:
        """The one conversation there is."""
        [one] = [name async for name in self.log.conversations()]
        return one

    async def events(self, kind: Kind | None = None) -> list[Event]:
        conversation = await self.conversation()
        return [e for e in await self.log.events(conversation) if kind in (None, e.kind)]

    async def agent_claims(self) -> None:
        conversation = await self.conversation()
        state = await self.log.state(conversation)
        await self.log.commit(conversation, AgentClaims(AGENT, state.epoch))

    async def agent_says(self, text: str, cid: str) -> int:
        conversation = await self.conversation()
        state = await self.log.state(conversation)
        done = await self.log.commit(conversation, AgentReplies(cid, AGENT, state.epoch, Text(text)))
        return done.events[0].seq

    async def agent_closes(self) -> None:
        await self.does(lambda epoch: AgentCloses(AGENT, epoch))

    async def does(self, command: Callable[[int], Command]) -> None:
        conversation = await self.conversation()
        state = await self.log.state(conversation)
        await self.log.commit(conversation, command(state.epoch))

    async def settled(self, seconds: float = 60) -> list[Delivered]:
        """Waits until everything that is said stands in the log as delivered or not; what became of it."""
        from bot.courier.due import due_events  # noqa: PLC0415 - what is due is the courier's to say

        until = asyncio.get_running_loop().time() + seconds
        while True:
            conversation = await self.conversation()
            state = await self.log.state(conversation)
            waits = state.unanswered_since or await due_events(self.log, state)
            if not waits and not await self.parts.outbox.parcel(conversation):
                return [e.body for e in await self.events() if isinstance(e.body, Delivered)]
            assert asyncio.get_running_loop().time() < until, [e.body for e in await self.events()]
            await asyncio.sleep(0.02)


@asynccontextmanager
async def outside_house(
    redis: Any, log: Log, tmp_path: Path, settings: Settings, patience: Patience = QUICK
) -> AsyncIterator[OutsideHouse]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'archive.db'}")
    await database.create()
    places: dict[str, int] = {}

    async def position(conversation: str) -> int | None:
        return places.get(conversation)

    async with aiohttp.ClientSession() as session:
        parts = parts_of(settings, log, database, session)
        live, bot = Live(redis, log.partitions), Bot(log)
        app = web.Application(client_max_size=64 * 1024)
        app.add_routes(doors_of(parts, live, position).routes)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port := free_port()).start()
        courier = Courier(log, parts.outbox, parts.channels(), position, patience)
        async with followed(redis, log, ("bot", bot), ("courier", courier)):
            tail = asyncio.create_task(live.run())
            try:
                yield OutsideHouse(log, parts, bot, f"http://127.0.0.1:{port}", places)
            finally:
                tail.cancel()
                with suppress(asyncio.CancelledError):
                    await tail
        await runner.cleanup()
    await database.close()


@asynccontextmanager
async def followed(redis: Any, log: Log, *hands: tuple[str, Any]) -> AsyncIterator[list[Follower]]:
    """Followers that run meanwhile."""
    stop = asyncio.Event()
    members = [
        Follower(
            redis, Leases(redis, name, log.partitions, f"{name}:test:{id(hand)}"), hand.handle, hand.give_up
        )
        for name, hand in hands
    ]
    running = [asyncio.create_task(member.run(stop)) for member in members]
    try:
        while not all(member.held for member in members):  # noqa: ASYNC110 - leases know no events
            await asyncio.sleep(0.01)
        yield members
    finally:
        stop.set()
        await asyncio.gather(*running)

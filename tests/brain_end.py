"""One conversation with a brain, and an action server that does as the test says."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.brain.brain import Brain
from bot.brain.rasa_project import RasaProject
from bot.brain.turn import Turns
from bot.conversation.bodies import Customer, Said, Text
from bot.conversation.commands import CustomerSays
from bot.conversation.events import Event, Kind, Role
from bot.log.log import Log

CUSTOMER = Customer("c1", "林小雨", "金卡", verified=True)

Answer = Callable[[dict[str, Any]], Awaitable[web.StreamResponse]]


class ActionServer:
    """Outside our process in life; here it answers what `answer` says and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: Answer = self.says("好的")
        self.url = ""

    @staticmethod
    def says(*texts: str, **more: Any) -> Answer:
        async def answer(_: dict[str, Any]) -> web.StreamResponse:
            return web.json_response(
                {"events": [], "responses": [*({"text": text} for text in texts), *more.get("responses", [])]}
            )

        return answer

    @staticmethod
    def breaks(status: int = 200, body: str = "", after_s: float = 0) -> Answer:
        async def answer(_: dict[str, Any]) -> web.StreamResponse:
            await asyncio.sleep(after_s)
            return web.Response(status=status, text=body, content_type="application/json")

        return answer

    async def serve(self, request: web.Request) -> web.StreamResponse:
        call = await request.json()
        self.asked.append(call)
        return await self.answer(call)


class House:
    """One conversation with the brain."""

    def __init__(self, log: Log, project: RasaProject, actions: ActionServer) -> None:
        self.log = log
        self.project = project
        self.actions = actions
        self.brain = self.another_brain()
        self.conversation = "w1"
        self._said = 0

    def another_brain(self) -> Brain:
        """A brain that remembers nothing but what the log has."""
        return Brain(self.log, Turns(self.project, self.log))

    async def hears(self, text: str | Said, customer: Customer | None = CUSTOMER) -> None:
        """The customer says it; nobody answers yet."""
        self._said += 1
        body = Text(text) if isinstance(text, str) else text
        command = CustomerSays(f"c:{self._said}", "web", "demo", customer, body)
        await self.log.commit(self.conversation, command, key=f"c:{self._said}")

    async def answers(self) -> list[Event]:
        """Lets the brain work; what it said or did since."""
        before = (await self.log.state(self.conversation)).seq
        await self.brain.handle(self.conversation, before)
        return await self.log.events(self.conversation, after=before)

    async def says(self, text: str | Said) -> list[Event]:
        await self.hears(text)
        return await self.answers()


def texts(events: list[Event]) -> list[str]:
    return [
        e.body.text
        for e in events
        if e.kind is Kind.SAID and e.sender.role is Role.BOT and isinstance(e.body, Text)
    ]


def kinds(events: list[Event]) -> list[str]:
    return [event.kind.value for event in events]

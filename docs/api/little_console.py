# ruff: noqa: INP001, S311, T201 - a program to begin with, which nobody imports
"""A whole console in one file: takes who waits, answers every message, loses nothing when the line drops.

    python docs/api/little_console.py http://127.0.0.1:8000 xiaoli PASSWORD

What it says to customers is in `answer`; put your own there. It needs aiohttp and nothing of 店小二.
"""

import asyncio
import random
import sys
import uuid
from contextlib import suppress
from typing import Any

import aiohttp

PROTOCOL = "xiaoer.console.v1"
Json = dict[str, Any]


def answer(words: str) -> str:
    """What the customer hears."""
    return f"收到：{words}"


class LittleConsole:
    """One agent. `held` is the last seq of each conversation that this program has done with."""

    def __init__(self, session: aiohttp.ClientSession, desk: str) -> None:
        self.session = session
        self.desk = desk
        self.agent = ""
        self.held: dict[str, int] = {}
        self.epochs: dict[str, int] = {}

    async def call(self, method: str, path: str, content: Json | None = None) -> tuple[int, Json]:
        """The status and the JSON of one call. What got no answer is sent again: the same cid is one message."""
        pause = 0.5
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                url = f"{self.desk}/api/console/{path}"
                async with self.session.request(method, url, json=content) as response:
                    told = await response.json() if response.status != 204 else {}
                    if response.status < 500:
                        return response.status, told
            await asyncio.sleep(pause * random.random())
            pause = min(2 * pause, 30)

    async def signs_in(self, name: str, password: str) -> None:
        status, told = await self.call("POST", "sign-in", {"name": name, "password": password})
        if status != 200:
            raise SystemExit(told["error"]["message"])
        self.agent = told["agent"]["id"]
        self.session.headers["X-CSRF-Token"] = told["csrf"]

    async def works(self) -> None:
        """Until the session ends. Each round is one connection."""
        pause = 0.5
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self.session.ws_connect(
                    f"{self.desk}/ws/console", protocols=(PROTOCOL,)
                ) as socket:
                    await socket.send_json({"t": "hello"})
                    pinging = asyncio.create_task(self.pings(socket))
                    try:
                        async for message in socket:
                            frame = message.json()
                            if frame["t"] == "welcome":
                                pause = 0.5
                                await self.resumes(socket)
                            await self.hears(socket, frame)
                    finally:
                        pinging.cancel()
                    if socket.close_code == 4401:
                        return
            await asyncio.sleep(pause * random.random())
            pause = min(2 * pause, 30)

    async def pings(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(25)
                await socket.send_json({"t": "ping"})

    async def resumes(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Summaries that changed meanwhile were told to nobody; events are kept, and asked for by their seq."""
        self.epochs.clear()  # a new socket watches nothing yet
        for tab in ("mine", "line"):
            _, page = await self.call("GET", f"conversations?tab={tab}")
            for summary in page["conversations"]:
                await self.sees(socket, summary)

    async def hears(self, socket: aiohttp.ClientWebSocketResponse, frame: Json) -> None:
        if frame["t"] == "summary":
            await self.sees(socket, frame["summary"])
        elif frame["t"] == "ev":
            await self.reads(frame["conversation"], frame["ev"])

    async def sees(self, socket: aiohttp.ClientWebSocketResponse, summary: Json) -> None:
        """Takes who waits; watches what is ours, from the last event that we hold."""
        name = summary["id"]
        if summary["stage"] == "waiting":
            status, told = await self.call("POST", f"conversations/{name}/claim", {"epoch": summary["epoch"]})
            if status == 409:  # a colleague was faster: the next summary says who
                return
            summary = told["summary"]
        if summary["stage"] == "human" and summary["owner"] == self.agent:
            # What was said before we took it is history; from here on nothing is passed over.
            after = self.held.setdefault(name, summary["seq"])
            if name not in self.epochs:
                await socket.send_json({"t": "watch", "conversation": name, "after": after})
            self.epochs[name] = summary["epoch"]
        elif self.epochs.pop(name, None) is not None:
            await socket.send_json({"t": "unwatch", "conversation": name})
            del self.held[name]

    async def reads(self, name: str, event: Json) -> None:
        """Answers what the customer said. The cid is made from the message: whatever happens, it is one answer."""
        if event["seq"] <= self.held.get(name, 0):
            return
        if event["kind"] == "said" and event["from"]["role"] == "customer" and name in self.epochs:
            reply = {
                "cid": uuid.uuid5(uuid.NAMESPACE_URL, f"{name}:{event['seq']}").hex,
                "epoch": self.epochs[name],
                "body": {"type": "text", "text": answer(event["body"].get("text", ""))},
            }
            status, told = await self.call("POST", f"conversations/{name}/reply", reply)
            print(f"{name} #{event['seq']}: {'answered' if status == 200 else told['error']['message']}")
        self.held[name] = event["seq"]


async def main(desk: str, name: str, password: str) -> None:
    # A browser says by itself where it comes from; a program has to.
    headers = {"Origin": desk, "Accept-Language": "zh-CN"}
    jar = aiohttp.CookieJar(unsafe=True)  # also for addresses that are numbers, such as 127.0.0.1
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(headers=headers, cookie_jar=jar, timeout=timeout) as session:
        console = LittleConsole(session, desk)
        await console.signs_in(name, password)
        await console.works()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))

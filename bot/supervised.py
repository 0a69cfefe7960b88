"""One process under `xiaoer up`: started, watched, started again, stopped."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from bot.errors import SetupError
from bot.setting_up.telling import tell

_GRACE_S = 8
_MOST_LOG = 20_000_000
_ORPHANS_S = 30  # a child of one that died may be at work for some seconds more


class Command(msgspec.Struct, frozen=True):
    """How to start a part; `url` tells when it is ready: an HTTP address, or a `redis://` port.

    `sockets` are descriptors that it inherits.
    """

    name: str
    words: tuple[str, ...]
    folder: Path
    env: dict[str, str]
    output: Path
    url: str = ""
    sockets: tuple[int, ...] = ()


class Part:
    """A process that is there until it is stopped."""

    def __init__(self, command: Command) -> None:
        self.name = command.name
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False
        self._left: list[tuple[int, float]] = []

    async def start(self) -> None:
        await self._spawn()
        self._watch = asyncio.create_task(self._keep_alive())

    async def wait_ready(self, seconds: float) -> None:
        """Returns when the part answers. Raises SetupError after `seconds`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if await is_answering(self._command.url):
                return
            await asyncio.sleep(0.05)
        raise SetupError(f"{self.name} does not answer; its words are in {self._command.output}")

    async def stop(self) -> None:
        """Ends the process: asked first, killed when it does not go."""
        self._stopping = True
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(_GRACE_S):
                    await process.wait()
        if process.returncode is None:
            self._died(process)
        for group, at in self._left:
            if time.monotonic() - at < _ORPHANS_S:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, signal.SIGKILL)
        await process.wait()

    async def _spawn(self) -> None:
        output = self._command.output
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.exists() and output.stat().st_size > _MOST_LOG:
            output.replace(output.with_suffix(".log.1"))
        with output.open("ab") as file:
            self._process = await asyncio.create_subprocess_exec(
                *self._command.words,
                cwd=self._command.folder,
                env=self._command.env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,  # Ctrl-C is the supervisor's to pass on, in order
                pass_fds=self._command.sockets,
            )

    def _died(self, process: asyncio.subprocess.Process) -> None:
        """Notes the group that may outlive it: each part has one of its own."""
        now = time.monotonic()
        self._left = [(group, at) for group, at in self._left if now - at < _ORPHANS_S]
        self._left.append((process.pid, now))

    async def _keep_alive(self) -> None:
        wait = 0.1
        while not self._stopping:
            assert self._process is not None
            began = time.monotonic()
            code = await self._process.wait()
            self._died(self._process)
            # One that has worked for a while is started again at once.
            wait = 0.0 if time.monotonic() - began > 10 else min(max(wait, 0.1) * 2, 10)
            tell(f"! {self.name} ended ({code}); starting it again in {wait:.1f} s")
            await asyncio.sleep(wait)
            await self._spawn()


async def is_answering(url: str) -> bool:
    """Whether the address answers now: 200 over HTTP, or just an open port for `redis://`."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                if parts.scheme == "redis":
                    return True
                path = parts.path or "/"
                writer.write(f"GET {path} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode())
                await writer.drain()
                status = await reader.readline()
                return status.split(b" ")[1:2] == [b"200"]
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False

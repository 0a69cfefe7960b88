"""A TCP proxy that does harm: between the action server and the shop, or between anybody and anything."""

import asyncio
from contextlib import suppress
from typing import Literal

Harm = Literal["none", "slow", "cut", "blackhole", "garbage", "half-open", "refuse"]
_PIECE = 64 * 1024
SLOW_S = 5.0


class FaultProxy:
    """Passes bytes on from a port of its own to `port`, as well or as badly as `harm` says at the moment.

    `slow` holds every answer back for `SLOW_S`; `cut` passes the first bytes of an answer and resets;
    `blackhole` swallows what is asked; `garbage` answers with noise; `half-open` passes a question on,
    and the answer never comes while the connection stays; `refuse` closes at once.
    """

    def __init__(self, port: int) -> None:
        self.harm: Harm = "none"
        self.port = 0
        self._to = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self.drop()
            await self._server.wait_closed()

    def turn(self, harm: Harm) -> None:
        """From now on does `harm`; connections that are open meet it too."""
        self.harm = harm
        if harm != "none":
            self.drop()

    def drop(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            with suppress(OSError):
                await self._harmed(reader, writer)
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _harmed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.harm == "refuse":
            return
        if self.harm in {"blackhole", "garbage"}:
            await reader.read(_PIECE)
            if self.harm == "garbage":
                writer.write(
                    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"orders": [\x00\xff<html>'
                )
                await writer.drain()
                return
            await reader.read()
            return
        theirs, ours = await asyncio.open_connection("127.0.0.1", self._to)
        self._open.add(ours)
        try:
            asking = asyncio.create_task(self._ask(reader, ours))
            await self._answer(theirs, writer)
            asking.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await asking
        finally:
            self._open.discard(ours)
            ours.transport.abort()

    @staticmethod
    async def _ask(reader: asyncio.StreamReader, ours: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_PIECE):
            ours.write(piece)
            await ours.drain()
        with suppress(OSError):
            ours.write_eof()

    async def _answer(self, theirs: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await theirs.read(_PIECE):
            if self.harm == "slow":
                await asyncio.sleep(SLOW_S)
            if self.harm == "half-open":
                continue
            writer.write(piece[:40] if self.harm == "cut" else piece)
            await writer.drain()
            if self.harm == "cut":
                return

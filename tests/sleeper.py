"""A connection of a widget whose page is frozen: it says hello and never reads."""

import asyncio
import json
import socket
import struct


class Sleeper:
    """At a gateway on `host`:`port`, from a page of `origin`."""

    def __init__(self, host: str, port: int, origin: str) -> None:
        self._origin = origin
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect((host, port))
        self._socket.setblocking(False)

    async def hello(self, signed: str) -> None:
        lines = ("GET /ws/chat HTTP/1.1", "Host: gateway", "Upgrade: websocket", "Connection: Upgrade")
        keys = (
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            f"Origin: {self._origin}",
        )
        asked = "\r\n".join([*lines, *keys, "Sec-WebSocket-Protocol: xiaoer.v1", "", ""])
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._socket, asked.encode())
        await loop.sock_recv(self._socket, 1000)
        frame = json.dumps({"t": "hello", "site": "demo", "identity": signed, "after": 0}).encode()
        head = struct.pack("!BBH4x", 0x81, 0x80 | 126, len(frame))
        await loop.sock_sendall(self._socket, head + frame)

    async def was_cut(self, seconds: float = 60) -> bool:
        """Wakes up and reads what came; whether the gateway had closed the connection."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(seconds):
                while await loop.sock_recv(self._socket, 65536):
                    pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        self._socket.close()

"""The web channel: `/ws/chat`, the sockets of the widgets that are connected to this process."""

import asyncio
import socket

import structlog
from aiohttp import web

from bot.channels.callers import Callers
from bot.channels.frames import LONGEST_FRAME
from bot.channels.identity import Identities
from bot.channels.intake import Intake
from bot.channels.shopper_socket import NOT_ALLOWED, TOO_MANY, News, ShopperSocket
from bot.channels.standing import Line
from bot.log.backlog import Backlog
from bot.settings import Site

logger = structlog.get_logger(__name__)

PROTOCOL = "xiaoer.v1"
_CLOSE_S = 2
_SOCKETS_EACH = 12
_UNREAD_BYTES = 128 * 1024


class WebChannel:
    """Accepts sockets of the widget on `/ws/chat`."""

    def __init__(
        self,
        news: News,
        identities: Identities,
        sites: dict[str, Site],
        line: Line,
        callers: Callers | None = None,
    ) -> None:
        self.news = news
        self.backlog = Backlog(news.log.redis, news.log.partitions)
        self.intake = Intake(news.log, self.backlog, news.measure)
        self._callers = callers or Callers()
        self.identities = identities
        self.line = line
        self._sites = sites
        self._sockets: dict[str, set[ShopperSocket]] = {}
        self._own_origins: set[str] = set()

    def allow_own_pages(self, origin: str) -> None:
        """Our own `/chat` page may connect for every site."""
        self._own_origins.add(origin)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """`GET /ws/chat`."""
        origin = request.headers.get("Origin", "")
        ws = web.WebSocketResponse(
            protocols=(PROTOCOL,), max_msg_size=LONGEST_FRAME, compress=False, timeout=_CLOSE_S
        )
        await ws.prepare(request)
        if not any(self.may_come_from(site, origin) for site in self._sites):
            # Closed and not refused: of a refused handshake a browser tells its page nothing.
            logger.info("origin_refused")
            await ws.close(code=NOT_ALLOWED, message=b"not allowed here")
            return ws
        place = self._callers.enter(request)
        if place is None:
            logger.warning("too_many_connections")
            await ws.close(code=TOO_MANY, message=b"too many connections")
            return ws
        _bound_what_waits(request)
        try:
            await ShopperSocket(self, ws, request).serve()
        finally:
            self._callers.leave(place)
        return ws

    def may_come_from(self, site: str, origin: str) -> bool:
        return origin in self._own_origins or (site in self._sites and origin in self._sites[site].origins)

    def enter(self, connection: "ShopperSocket", conversation: str) -> bool:
        """Counts the socket in; False when the conversation has too many."""
        present = self._sockets.setdefault(conversation, set())
        if len(present) >= _SOCKETS_EACH:
            return False
        present.add(connection)
        return True

    def leave(self, connection: "ShopperSocket", conversation: str) -> None:
        present = self._sockets.get(conversation)
        if present is not None:
            present.discard(connection)
            if not present:
                del self._sockets[conversation]

    def line_moved(self) -> None:
        """Tells the sockets of waiting shoppers to look at their place in line again."""
        for present in self._sockets.values():
            for one in present:
                one.look_at_line()

    async def close_all(self) -> None:
        """Asks every widget to reconnect elsewhere."""
        present = [one for sockets in self._sockets.values() for one in sockets]
        await asyncio.gather(*(one.restart() for one in present), return_exceptions=True)


def _bound_what_waits(request: web.Request) -> None:
    """The kernel would keep megabytes for a shopper who does not read."""
    connection = request.transport.get_extra_info("socket") if request.transport else None
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _UNREAD_BYTES)

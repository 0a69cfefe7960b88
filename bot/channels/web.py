"""The web channel: `/ws/chat`, the sockets of the widgets that are connected to this process."""

import asyncio

import structlog
from aiohttp import web

from bot.channels.frames import LONGEST_FRAME
from bot.channels.identity import Identities
from bot.channels.intake import Intake
from bot.channels.shopper_socket import NOT_ALLOWED, News, Position, ShopperSocket
from bot.settings import Site

logger = structlog.get_logger(__name__)

PROTOCOL = "xiaoer.v1"
_CLOSE_S = 2
_SOCKETS_EACH = 12


class WebChannel:
    """Accepts sockets of the widget on `/ws/chat`."""

    def __init__(
        self, news: News, identities: Identities, sites: dict[str, Site], position: Position
    ) -> None:
        self.news = news
        self.intake = Intake(news.log)
        self.identities = identities
        self.position = position
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
        socket = ShopperSocket(self, ws, origin)
        await socket.serve()
        return ws

    def may_come_from(self, site: str, origin: str) -> bool:
        return origin in self._own_origins or (site in self._sites and origin in self._sites[site].origins)

    def enter(self, socket: "ShopperSocket", conversation: str) -> bool:
        """Counts the socket in; False when the conversation has too many."""
        present = self._sockets.setdefault(conversation, set())
        if len(present) >= _SOCKETS_EACH:
            return False
        present.add(socket)
        return True

    def leave(self, socket: "ShopperSocket", conversation: str) -> None:
        present = self._sockets.get(conversation)
        if present is not None:
            present.discard(socket)
            if not present:
                del self._sockets[conversation]

    def line_moved(self) -> None:
        """Tells the sockets of waiting shoppers to look at their place in line again."""
        for present in self._sockets.values():
            for socket in present:
                socket.look_at_line()

    async def close_all(self) -> None:
        """Asks every widget to reconnect elsewhere."""
        sockets = [socket for present in self._sockets.values() for socket in present]
        await asyncio.gather(*(socket.restart() for socket in sockets), return_exceptions=True)

"""`POST /api/chat/uploads`: what shoppers show us, from the widget (docs/wire.md)."""

from collections.abc import Mapping
from typing import Any

import structlog
from aiohttp import web

from bot.channels.callers import Callers
from bot.channels.identity import Identities
from bot.channels.pace import Pace
from bot.channels.uploads import TakesIn
from bot.channels.web_pages import bearer_of, told
from bot.errors import ArchiveUnavailableError, IdentityError, OverloadedError, TooFastError, XiaoerError
from bot.settings import Site

logger = structlog.get_logger(__name__)

_STATUS: tuple[tuple[type[XiaoerError], int], ...] = (
    (IdentityError, 401),
    (TooFastError, 429),
    (OverloadedError, 503),
    (ArchiveUnavailableError, 503),
)


class ShopperUploads:
    """Whoever has a conversation's token may keep a picture or a PDF; a `said` that names it says it."""

    def __init__(
        self, takes_in: TakesIn, identities: Identities, sites: Mapping[str, Site], callers: Callers
    ) -> None:
        self._takes_in = takes_in
        self._identities = identities
        self._sites = sites
        self._callers = callers
        self._pace = Pace(burst=12, per_second=0.2)
        self._pace_of_place = Pace(burst=60, per_second=2)

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.post("/api/chat/uploads", self._upload)]

    async def _upload(self, request: web.Request) -> web.Response:
        lang = "en" if request.query.get("lang", "").startswith("en") else "zh"
        try:
            conversation = self._identities.conversation_of(bearer_of(request))
            self._slow_down(conversation, self._callers.place_of(request))
            kept = await self._takes_in.take(request)
        except XiaoerError as error:
            status = next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
            logger.info("upload_refused", error=error.code)
            content: dict[str, Any] = {"error": {"code": error.code, "message": error.told(lang)}}
            response = told(request, self._sites, content, status)
            response.force_close()  # what is still on its way is not read to its end
            return response
        return told(request, self._sites, kept)

    def _slow_down(self, conversation: str, place: str) -> None:
        wait = self._pace.wait(conversation) or (self._pace_of_place.wait(place) if place else 0)
        if wait:
            raise TooFastError(after_s=wait)

"""What the widget needs over HTTP: its files, its settings, suggestions, older messages."""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
from aiohttp import web

from bot.channels.frames import LONGEST_TEXT
from bot.channels.identity import Identities
from bot.conversation.events import SHOPPER_SEES, shopper_wire
from bot.conversation.file_kinds import LARGEST
from bot.errors import IdentityError, LogUnavailableError
from bot.log.log import Log
from bot.settings import Site

Suggest = Callable[[str], list[str]]

_GREETING = {
    "zh": "您好，我是智能客服小二。订单、支付、物流、退换货都可以问我；想找真人客服，随时点「转人工」。",
    "en": "Hello, I am Xiaoer, the shop's assistant. Ask me about orders, payment, parcels and returns,"
    ' or press "Talk to a person" at any time.',
}
_FIRST_QUESTIONS = {
    "zh": ["我的快递到哪了", "怎么申请退货", "退款什么时候到账", "怎么开发票"],
    "en": ["Where is my parcel?", "How do I return something?", "When will my refund arrive?"],
}
_HISTORY = 50
_HISTORY_MOST = 200
_QUERY_MOST = 60

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " connect-src 'self' {extra}; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {frame}"
)
_json = msgspec.json.Encoder().encode


class WebPages:
    """Routes `/widget.js`, `/assets/…`, `/chat`, `/api/chat/…`."""

    def __init__(
        self, log: Log, identities: Identities, sites: Mapping[str, Site], suggest: Suggest, built: Path
    ) -> None:
        self._log = log
        self._identities = identities
        self._sites = sites
        self._suggest = suggest
        self._built = built

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/widget.js", self._loader),
            web.get("/chat", self._page),
            web.get("/api/chat/config", self._config),
            web.get("/api/chat/suggest", self._suggestions),
            web.get("/api/chat/history", self._history),
            web.options("/api/chat/{any}", self._preflight),
            web.get("/assets/{name}", self._asset),
        ]

    async def _loader(self, _: web.Request) -> web.StreamResponse:
        return _file(self._built / "widget.js", "public, max-age=300")

    async def _page(self, _: web.Request) -> web.StreamResponse:
        page = _file(self._built / "chat.html", "no-cache")
        page.headers["Content-Security-Policy"] = PAGE_POLICY.format(extra="", frame="*")
        return page

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        # The name is one path segment, and only what the build made is there.
        return _file(
            self._built / "assets" / request.match_info["name"], "public, max-age=31536000, immutable"
        )

    async def _config(self, request: web.Request) -> web.Response:
        name = request.query.get("site", "")
        site = self._sites.get(name)
        if site is None:
            raise web.HTTPNotFound(text="no such site")
        lang = "en" if request.query.get("lang", "zh").startswith("en") else "zh"
        return self._answer(
            request,
            {
                "title": site.title_en if lang == "en" else site.title,
                "welcome": _GREETING[lang],
                "lang": "en" if lang == "en" else "zh-CN",
                "suggestions": _FIRST_QUESTIONS[lang],
                "limits": {"text": LONGEST_TEXT, "file": LARGEST},
            },
        )

    async def _suggestions(self, request: web.Request) -> web.Response:
        typed = request.query.get("q", "").strip()[:_QUERY_MOST]
        return self._answer(request, {"questions": self._suggest(typed)[:5] if typed else []})

    async def _history(self, request: web.Request) -> web.Response:
        try:
            conversation = self._identities.conversation_of(bearer_of(request))
        except IdentityError as error:
            raise web.HTTPUnauthorized(text=error.en) from error
        try:
            before = int(request.query.get("before", "0"))
            limit = min(max(int(request.query.get("limit", str(_HISTORY))), 1), _HISTORY_MOST)
        except ValueError as error:
            raise web.HTTPBadRequest(text="before and limit are whole numbers") from error
        try:
            shown, more = await self._page_back(conversation, max(before, 0), limit)
        except LogUnavailableError as error:
            raise web.HTTPServiceUnavailable(text=error.en) from error
        return self._answer(request, {"events": shown, "more": more})

    async def _page_back(self, conversation: str, before: int, limit: int) -> tuple[list[object], bool]:
        """Up to `limit` visible events before `before`, oldest first, and whether there are older ones."""
        found: list[object] = []
        recalled = (await self._log.state(conversation)).recalled
        while True:
            events = await self._log.last_events(conversation, before=before, limit=_HISTORY_MOST)
            for event in reversed(events):
                if event.kind in SHOPPER_SEES:
                    if len(found) == limit:
                        return found[::-1], True
                    found.append(shopper_wire(event, recalled))
            if len(events) < _HISTORY_MOST or events[0].seq <= 1:
                return found[::-1], False
            before = events[0].seq

    async def _preflight(self, request: web.Request) -> web.Response:
        return self._answer(request, None, status=204)

    def _answer(self, request: web.Request, body: object, status: int = 200) -> web.Response:
        return told(request, self._sites, body, status)


def told(request: web.Request, sites: Mapping[str, Site], body: object, status: int = 200) -> web.Response:
    """An answer in JSON that the shops' own pages may read."""
    response = web.Response(
        body=_json(body) if body is not None else b"", status=status, content_type="application/json"
    )
    origin = request.headers.get("Origin", "")
    if any(origin in site.origins for site in sites.values()):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        response.headers["Access-Control-Max-Age"] = "600"
    response.headers["Vary"] = "Origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def bearer_of(request: web.Request) -> str:
    """The token that the request brings. Raises IdentityError without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        raise IdentityError
    return token


def _file(path: Path, cache: str) -> web.FileResponse:
    if not path.is_file():
        raise web.HTTPNotFound(text="not built yet: run `make pages`")
    response = web.FileResponse(path)
    response.headers["Cache-Control"] = cache
    # The widget runs in the merchants' own pages.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response

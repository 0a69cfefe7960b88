"""`/media/…`: pictures of conversations, for consoles and for platforms that fetch what we send."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.errors import ArchiveUnavailableError

Load = Callable[[str], Awaitable[tuple[bytes, str] | None]]


class MediaDoor:
    """Whoever knows the address may see the picture: it has 160 bits that nobody can guess."""

    def __init__(self, load: Load) -> None:
        self._load = load

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.get("/media/{name}", self._show)]

    async def _show(self, request: web.Request) -> web.Response:
        try:
            found = await self._load(f"/media/{request.match_info['name']}")
        except ArchiveUnavailableError as error:
            raise web.HTTPServiceUnavailable(text=error.en) from error
        if found is None:
            raise web.HTTPNotFound
        data, kind = found
        # What is no picture is never opened in our origin, only kept.
        shown = "inline" if kind.startswith("image/") else "attachment"
        headers = {
            "Content-Disposition": shown,
            "Cache-Control": "private, max-age=86400, immutable",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return web.Response(body=data, content_type=kind, headers=headers)

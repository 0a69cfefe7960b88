"""The console's own files, with a policy that lets nothing else run."""

from collections.abc import Collection
from pathlib import Path

from aiohttp import web


def console_pages(built: Path, shops: Collection[str]) -> list[web.AbstractRouteDef]:
    """Routes `/console/…`. `shops` are the origins whose pictures of goods may be shown."""
    pictures = " ".join(sorted(shops))
    policy = (
        f"default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: {pictures};"
        " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )

    async def page(_: web.Request) -> web.StreamResponse:
        return _file(built / "index.html", "no-cache", policy)

    async def file(request: web.Request) -> web.StreamResponse:
        # One path segment: only what the build made is there.
        name = request.match_info["name"]
        return _file(built / "assets" / name, "public, max-age=31536000, immutable", policy)

    async def icon(_: web.Request) -> web.StreamResponse:
        return _file(built / "favicon.svg", "public, max-age=86400", policy)

    async def to_page(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/console/")

    return [
        web.get("/console", to_page),
        web.get("/", to_page),
        web.get("/console/", page),
        web.get("/console/favicon.svg", icon),
        web.get("/console/assets/{name}", file),
    ]


def _file(path: Path, cache: str, policy: str) -> web.FileResponse:
    if not path.is_file():
        raise web.HTTPNotFound(text="not built yet: run `make pages`")
    headers = {
        "Cache-Control": cache,
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    return web.FileResponse(path, headers=headers)

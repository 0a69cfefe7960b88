"""Puts the console into the gateway's application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec
from aiohttp import web

from bot.console.calls import CALLS, routes
from bot.console.hub import Hub
from bot.console.openapi import OPENAPI, document
from bot.console.pace import SignInPace
from bot.console.parts import HUB, PACE, PARTS, ConsoleParts
from bot.console.socket import connect


def add_console(app: web.Application, parts: ConsoleParts) -> None:
    """Adds `/api/console/*` and `/ws/console`; they live as long as the application runs."""
    app[PARTS] = parts
    app[HUB] = Hub(parts)
    app[PACE] = SignInPace(parts.sign_ins)
    app[OPENAPI] = msgspec.json.encode(document(CALLS))
    app.add_routes(routes())
    app.router.add_get("/ws/console", connect)
    app.cleanup_ctx.append(_tell_consoles)
    app.on_shutdown.append(_close_consoles)


async def _tell_consoles(app: web.Application) -> AsyncIterator[None]:
    telling = asyncio.create_task(app[HUB].run())
    yield
    telling.cancel()
    with suppress(asyncio.CancelledError):
        await telling


async def _close_consoles(app: web.Application) -> None:
    await app[HUB].close_all()

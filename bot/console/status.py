"""Whether everything runs: `/healthz` for programs, `/status` for people."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from html import escape

import msgspec
from aiohttp import web

Check = Callable[[], Awaitable[str]]


class Note(str):
    """Worth knowing of a part that does its work."""

    __slots__ = ()


_PATIENCE_S = 2.0
_NAMES = {
    "log": ("会话日志", "conversation log"),
    "brain": ("机器人", "brain"),
    "model": ("模型", "model"),
    "actions": ("业务查询", "actions"),
    "followers": ("排队与归档", "desk and archive"),
    "archive": ("历史数据库", "archive database"),
    "shop": ("商城接口", "shop"),
    "pages": ("页面", "pages"),
}
_CSS = """
:root { color-scheme: light dark; font: 16px/1.6 system-ui, "PingFang SC", "Noto Sans CJK SC", sans-serif; }
body { max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } table { width: 100%; border-collapse: collapse; }
td { padding: .5rem; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
.ok { color: #1a7f37; } .no { color: #c4320a; font-weight: 600; }
@media (prefers-color-scheme: dark) { .ok { color: #4ac26b; } .no { color: #ff8b66; } }
"""


class Status:
    """Routes `/healthz`, `/status`; each check answers "" or what is wrong."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/healthz", self._healthz),
            web.get("/status", self._page),
            web.get("/status.css", self._css),
        ]

    async def wrong(self) -> dict[str, str]:
        """What is wrong with each part, "" for nothing; no check takes longer than two seconds."""
        said = await asyncio.gather(*(self._asked(check) for check in self._checks.values()))
        return dict(zip(self._checks, said, strict=True))

    async def _asked(self, check: Check) -> str:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await check()
        except TimeoutError:
            return "no answer"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is wrong with that part
            return type(error).__name__

    async def _healthz(self, _: web.Request) -> web.Response:
        wrong = await self.wrong()
        parts = {part: {"ready": not _is_down(said), "detail": str(said)} for part, said in wrong.items()}
        ready = not any(map(_is_down, wrong.values()))
        return web.Response(
            body=msgspec.json.encode({"ready": ready, "parts": parts}),
            status=200 if ready else 503,
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    async def _page(self, _: web.Request) -> web.Response:
        wrong = await self.wrong()
        rows = "".join(_row(part, detail) for part, detail in wrong.items())
        head = (
            "一切正常 · all is well"
            if not any(map(_is_down, wrong.values()))
            else "有部件不可用 · something is down"
        )
        page = (
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>店小二 · 运行状态</title>'
            '<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="5">'
            f'<link rel="stylesheet" href="/status.css"><h1>店小二 · {head}</h1>'
            f"<table><tbody>{rows}</tbody></table></html>"
        )
        policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"
        return web.Response(
            text=page,
            content_type="text/html",
            headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"},
        )

    async def _css(self, _: web.Request) -> web.Response:
        return web.Response(text=_CSS, content_type="text/css")


def _is_down(said: str) -> bool:
    return bool(said) and not isinstance(said, Note)


def _row(part: str, detail: str) -> str:
    chinese, english = _NAMES.get(part, (part, part))
    mark = '<span class="ok">正常</span>' if not detail else f'<span class="no">{escape(detail)}</span>'
    return f"<tr><td>{escape(chinese)}<td>{escape(english)}<td>{mark}</tr>"

"""Temporary media of WeChat and WeCom: uploaded, judged by kind and size, forgotten after three days."""

import time
from dataclasses import dataclass, field

from aiohttp import web

LARGEST = 10_000_000
LASTS_S = 3 * 86400
_STARTS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"), (b"GIF8", "image/gif"))


@dataclass
class WeixinMedia:
    """`kinds` are what is taken; `fails` are the next answers of an upload instead of taking it."""

    kinds: frozenset[str]
    kept: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    fails: list[int] = field(default_factory=list)

    def add(self, data: bytes, at: float = 0) -> str:
        """A picture that is there; its media_id."""
        name = f"media-{len(self.kept) + 1}"
        self.kept[name] = (data, at or time.time())
        return name

    def knows(self, media_id: str, now: float = 0) -> bool:
        _, at = self.kept.get(media_id, (b"", 0.0))
        return (now or time.time()) - at < LASTS_S

    def of(self, shown: str) -> bytes:
        """The bytes of a picture as a shopper's `sees` names it."""
        return self.kept[shown.removeprefix("[图片 ").removesuffix("]")][0]

    async def taken(self, request: web.Request, now: float = 0) -> web.Response:
        """The answer of `media/upload`."""
        form = await request.post()
        media = form.get("media")
        if self.fails:
            return _error(self.fails.pop(0), "as the test says")
        if request.query.get("type") != "image":
            return _error(40004, "invalid media type")
        if not isinstance(media, web.FileField):
            return _error(41005, "media data missing")
        data = media.file.read()
        kind = next((kind for start, kind in _STARTS if data.startswith(start)), "")
        suffix = media.filename.rpartition(".")[2].replace("jpg", "jpeg")
        if kind not in self.kinds or f"image/{suffix}" != kind:
            return _error(40005, "invalid file type")
        if len(data) > LARGEST:
            return _error(45001, "media size out of limit")
        told = {"type": "image", "media_id": self.add(data, now), "created_at": int(time.time())}
        return web.json_response(told)

    def given(self, request: web.Request, now: float = 0) -> web.Response:
        """The answer of `media/get`."""
        media_id = request.query.get("media_id", "")
        if not self.knows(media_id, now):
            return _error(40007, "invalid media_id")
        return web.Response(body=self.kept[media_id][0], content_type="image/jpeg")

    async def shown(self, request: web.Request) -> web.Response:
        """A picture at its PicUrl."""
        data, _ = self.kept[request.match_info["name"]]
        return web.Response(body=data, content_type="image/jpeg")


def _error(code: int, message: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": message})

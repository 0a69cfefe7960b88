"""Small pictures of every kind, and a shelf that keeps them in memory."""

import io
from typing import Literal

from PIL import Image

Kind = Literal["JPEG", "PNG", "GIF", "WEBP"]


def drawn(kind: Kind, side: int = 8) -> bytes:
    """A real picture of that kind; its pixels are noise, so that it does not shrink to nothing."""
    written = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(written, kind)
    return written.getvalue()


class Shelf:
    """What the archive's media are to a channel."""

    def __init__(self, kept: dict[str, tuple[bytes, str]] | None = None) -> None:
        self.kept = kept or {}

    async def load(self, address: str) -> tuple[bytes, str] | None:
        return self.kept.get(address)

    async def keep(self, data: bytes, kind: str) -> str:
        address = f"/media/kept-{sum(name.startswith('/media/kept') for name in self.kept) + 1}"
        self.kept[address] = (data, kind)
        return address


SHELF = Shelf()

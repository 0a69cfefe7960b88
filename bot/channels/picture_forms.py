"""A picture in a form that a platform takes: drawn anew when its kind or its size would be refused."""

import asyncio
import io
from typing import Protocol

import msgspec

from bot.courier.contract import Failed
from bot.errors import ArchiveUnavailableError

_GONE = Failed("图片已不在，无法发送")
_UNFIT = Failed("图片的格式这个平台不收，也没能转换：请换成 JPG 或 PNG")
_AWAY = Failed("图片暂时读不出来", retryable=True)
_MOST_PIXELS = 40_000_000
_SIDES = (4096, 2048, 1280)
_QUALITY = 85


class Form(msgspec.Struct, frozen=True):
    """The MIME types that a platform takes, and its largest picture in bytes."""

    kinds: frozenset[str]
    most: int


WECHAT_TAKES = Form(frozenset({"image/jpeg", "image/png", "image/gif"}), 10_000_000)
WECOM_TAKES = Form(frozenset({"image/jpeg", "image/png"}), 10_000_000)
QQ_TAKES = Form(frozenset({"image/jpeg", "image/png"}), 10_000_000)


class Shelf(Protocol):
    """Where the house keeps pictures; both may raise ArchiveUnavailableError."""

    async def load(self, address: str) -> tuple[bytes, str] | None:
        """The bytes and the MIME type of what is kept at `address` (`/media/…`)."""
        ...

    async def keep(self, data: bytes, kind: str) -> str:
        """The address of these bytes; the same bytes, the same address."""
        ...


class Fit(msgspec.Struct, frozen=True):
    """A picture that the platform takes; `address` is where it is kept as it is, "" when it was drawn anew."""

    data: bytes
    kind: str
    address: str = ""


async def fitting(shelf: Shelf, address: str, form: Form) -> Fit | Failed:
    """The picture at `address` as `form` wants it, or why it can't go out."""
    try:
        found = await shelf.load(address)
    except ArchiveUnavailableError:
        return _AWAY
    if found is None:
        return _GONE
    fit = await fitted(*found, form)
    if fit is None:
        return _UNFIT
    return Fit(*fit, address if fit[0] is found[0] else "")


async def kept_fitting(shelf: Shelf, address: str, form: Form) -> str | Failed:
    """The address of the picture as `form` wants it, or why it can't go out."""
    fit = await fitting(shelf, address, form)
    if isinstance(fit, Failed):
        return fit
    try:
        return fit.address or await shelf.keep(fit.data, fit.kind)
    except ArchiveUnavailableError:
        return _AWAY


async def fitted(data: bytes, kind: str, form: Form) -> tuple[bytes, str] | None:
    """The picture as `form` wants it, and its MIME type; as it is where that will do; None when it can't be."""
    if kind in form.kinds and len(data) <= form.most:
        return data, kind
    return await asyncio.to_thread(_drawn_anew, data, form.most)


def _drawn_anew(data: bytes, most: int) -> tuple[bytes, str] | None:
    """A JPEG of the first frame on white, as large as fits into `most` bytes."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - most processes draw nothing

    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    paper = Image.new("RGB", upright.size, "white")
    paper.paste(upright, mask=upright)
    for side in _SIDES:
        paper.thumbnail((side, side))
        written = io.BytesIO()
        paper.save(written, "JPEG", quality=_QUALITY)
        if written.tell() <= most:
            return written.getvalue(), "image/jpeg"
    return None

"""What a person hands to a page: files that are pasted or dropped, and pictures as heavy as photos."""

import base64
import random
import struct
import zlib

from playwright.async_api import Locator


def png(width: int, height: int) -> bytes:
    """A picture of noise, so that it is as heavy as a photo."""
    noise = random.Random(1)
    rows = b"".join(bytes(1) + noise.randbytes(width * 3) for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


_HAND = """(area, [data, name, type, how]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type }));
  const more = { bubbles: true, cancelable: true, composed: true };
  area.dispatchEvent(how === 'paste'
    ? new ClipboardEvent('paste', { clipboardData: carried, ...more })
    : new DragEvent(how, { dataTransfer: carried, ...more }));
}"""


async def hands(area: Locator, data: bytes, name: str, kind: str, how: str = "paste") -> None:
    """`how` is paste, dragover or drop."""
    await area.evaluate(_HAND, [base64.b64encode(data).decode(), name, kind, how])

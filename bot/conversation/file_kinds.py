"""What a picture or a file is, by its own bytes: what a sender says of it counts for nothing."""

LARGEST = 10 * 1024 * 1024
"""Bytes; for shoppers and agents alike."""
_KINDS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)


def kind_of(data: bytes) -> str:
    """The MIME type by the first bytes; "" for what we don't keep, since a browser might run it."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _KINDS if data.startswith(start)), "")


def picture_kind(data: bytes) -> str:
    """The MIME type of a picture that browsers draw safely; "" for anything else."""
    kind = kind_of(data)
    return kind if kind.startswith("image/") else ""

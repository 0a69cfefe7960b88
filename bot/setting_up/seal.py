"""A model's seal: its SHA-256, signed with a key that does not lie beside the models.

To open a model is to run what it names. Whoever can write into the models' folder, but can't read the
key, can put nothing there that a brain opens.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from bot.errors import RefusedModelError

_MARK = "# hmac-sha256 "


def seal(archive: Path, key: Path) -> Path:
    """Writes the seal of a model that is trusted, and makes the key when there is none; the seal's path."""
    line = _line(archive)
    path = seal_of(archive)
    tried = path.with_suffix(".tmp")
    tried.write_text(f"{line}\n{_MARK}{_signed(line, _made(key))}\n", encoding="utf-8")
    tried.replace(path)
    return path


def check_seal(archive: Path, key: Path) -> str:
    """The digest of a model that is as it was sealed. Raises RefusedModelError, with the mend, for any other."""
    path = seal_of(archive)
    if not path.is_file():
        raise RefusedModelError(
            f"{archive.name} has no seal. If it is yours and you trust it: xiaoer models seal {archive.name}"
        )
    if not key.is_file():
        raise RefusedModelError(
            f"{archive.name} can't be checked: the key {key} is missing (XIAOER_MODEL_KEY)."
            " Bring it back, or seal again what you trust: xiaoer models seal"
        )
    line, _, signed = path.read_text(encoding="utf-8", errors="replace").rstrip("\n").partition(f"\n{_MARK}")
    if not hmac.compare_digest(signed.encode(), _signed(line, key.read_bytes()).encode()):
        raise RefusedModelError(f"the seal of {archive.name} was not made with the key {key}: train it again")
    if line != _line(archive):
        raise RefusedModelError(f"{archive.name} is not what was trained: it was changed or cut short")
    return line.partition(" ")[0]


def seal_of(archive: Path) -> Path:
    """Where a model's seal lies; its first line is for `sha256sum --check`."""
    return archive.with_name(f"{archive.name}.sha256")


def seal_what_was_there(models: Path, key: Path) -> list[Path]:
    """Where nothing was ever sealed, the models that are there are taken to be ours; those that are sealed now."""
    found = sorted(models.glob("*.tar.gz"))
    if key.exists() or any(seal_of(archive).exists() for archive in found):
        return []
    for archive in found:
        seal(archive, key)
    return found


def _line(archive: Path) -> str:
    with archive.open("rb") as file:
        return f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {archive.name}"


def _signed(line: str, key: bytes) -> str:
    return hmac.new(key, line.encode(), "sha256").hexdigest()


def _made(key: Path) -> bytes:
    try:
        descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return key.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
    return key.read_bytes()

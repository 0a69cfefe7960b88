"""The demo's secrets: made once, kept in the data folder for its owner's eyes only."""

import os
import secrets
from pathlib import Path

import msgspec


class DemoSecrets(msgspec.Struct, frozen=True):
    secret: str
    site_secret: str
    shop_api_key: str
    redis_password: str
    agent_password: str
    supervisor_password: str


def demo_secrets(data: Path) -> DemoSecrets:
    """The secrets of this data folder; made when it has none."""
    path = data / "secrets.json"
    if path.is_file():
        return msgspec.json.decode(path.read_bytes(), type=DemoSecrets)
    made = DemoSecrets(
        secret=secrets.token_urlsafe(32),
        site_secret=secrets.token_urlsafe(32),
        shop_api_key=secrets.token_urlsafe(32),
        redis_password=secrets.token_urlsafe(32),
        agent_password=_speakable(),
        supervisor_password=_speakable(),
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(made))
    return made


def _speakable() -> str:
    # What a person types from a terminal: no letter that looks like another.
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3)) + "A!"

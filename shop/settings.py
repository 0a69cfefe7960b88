"""The only reader of the shop's command line and environment."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from shop.errors import SettingsError

MINIMUM_SECRET = 16


class Settings(msgspec.Struct, frozen=True):
    """How one shop runs; the two secrets have no default."""

    api_key: str
    site_secret: str
    data: Path
    host: str = "127.0.0.1"
    port: int = 7100
    gateway_url: str = "http://127.0.0.1:8000"
    site: str = "demo"
    speed: float = 1.0
    tick_s: float = 2.0
    fresh: bool = False
    secure_cookie: bool = False

    def __post_init__(self) -> None:
        """Refuses settings that could not work, or not safely."""
        for name, secret in (
            ("XIAOER_SHOP_API_KEY", self.api_key),
            ("XIAOER_SITE_SECRET", self.site_secret),
        ):
            if len(secret) < MINIMUM_SECRET:
                message = f"{name} must be set to at least {MINIMUM_SECRET} characters."
                raise SettingsError(message)
        if not 0 < self.speed <= 1_000_000:
            raise SettingsError("--speed must be above 0 and at most 1,000,000.")
        parts = urlsplit(self.gateway_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or set(parts.netloc) & set("; ,'\""):
            raise SettingsError("--gateway-url must be an http(s) address such as http://127.0.0.1:8000.")

    @property
    def gateway_origin(self) -> str:
        """Scheme and host of the gateway, without a path."""
        parts = urlsplit(self.gateway_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def gateway_socket(self) -> str:
        """The gateway's origin as a WebSocket address."""
        return self.gateway_origin.replace("http", "ws", 1)


def read_settings(argv: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """Settings from the command line, then the environment, then the defaults."""
    parser = argparse.ArgumentParser(prog="python -m shop", description="店小二 demo shop")
    parser.add_argument("--host", default=environ.get("XIAOER_SHOP_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(environ.get("XIAOER_SHOP_PORT", "7100")))
    parser.add_argument("--data", type=Path, default=Path(environ.get("XIAOER_SHOP_DATA", "var/shop")))
    parser.add_argument("--gateway-url", default=environ.get("XIAOER_GATEWAY_URL", "http://127.0.0.1:8000"))
    parser.add_argument("--site", default=environ.get("XIAOER_SITE", "demo"))
    parser.add_argument(
        "--speed",
        type=float,
        default=float(environ.get("XIAOER_SHOP_SPEED", "1")),
        help="how many times faster than life parcels, refunds and deadlines move (default 1)",
    )
    parser.add_argument("--fresh", action="store_true", help="forget the stored orders and seed again")
    given = parser.parse_args(argv)
    return Settings(
        api_key=environ.get("XIAOER_SHOP_API_KEY", ""),
        site_secret=environ.get("XIAOER_SITE_SECRET", ""),
        data=given.data,
        host=given.host,
        port=given.port,
        gateway_url=given.gateway_url.rstrip("/"),
        site=given.site,
        speed=given.speed,
        fresh=given.fresh,
        secure_cookie=environ.get("XIAOER_SHOP_SECURE_COOKIE", "") == "1",
    )

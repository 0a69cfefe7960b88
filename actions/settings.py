"""How the actions are set up: the only file here that reads the environment."""

import os
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

import msgspec


class BadSettingError(Exception):
    """A setting that can't be used; the sentence says which one and what it should be."""


class Settings(msgspec.Struct, frozen=True):
    """Times are in seconds."""

    shop_url: str = "http://127.0.0.1:7100"
    shop_api_key: str = ""
    connect_s: float = 1.0
    total_s: float = 3.0
    turn_s: float = 3.3
    breaker_failures: int = 5
    breaker_rest_s: float = 10.0


def read_settings(env: Mapping[str, str]) -> Settings:
    """The settings that `env` asks for, with defaults for a shop on this machine."""
    default = Settings()
    url = env.get("XIAOER_SHOP_URL", default.shop_url).rstrip("/")
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise BadSettingError("XIAOER_SHOP_URL must be an http(s) address such as http://127.0.0.1:7100")
    return Settings(
        shop_url=url,
        shop_api_key=env.get("XIAOER_SHOP_API_KEY", default.shop_api_key),
        connect_s=_seconds(env, "XIAOER_SHOP_CONNECT_SECONDS", default.connect_s),
        total_s=_seconds(env, "XIAOER_SHOP_TOTAL_SECONDS", default.total_s),
        turn_s=_seconds(env, "XIAOER_ACTION_SECONDS", default.turn_s),
        breaker_failures=default.breaker_failures,
        breaker_rest_s=_seconds(env, "XIAOER_SHOP_REST_SECONDS", default.breaker_rest_s),
    )


@cache
def settings() -> Settings:
    """The settings of this process."""
    return read_settings(os.environ)


def _seconds(env: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(env.get(name, default))
    except ValueError:
        value = 0.0
    if not 0 < value <= 60:
        raise BadSettingError(f"{name} must be a number of seconds between 0 and 60")
    return value

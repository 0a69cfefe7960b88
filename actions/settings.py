"""How the actions are set up: the only file here that reads the environment."""

import os
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

import msgspec


class BadSettingError(Exception):
    """A setting that can't be used; the sentence says which one and what it should be."""


class Settings(msgspec.Struct, frozen=True):
    """Times are in seconds, money in fen.

    More money at once, or in a day, than this goes back to a customer only when an agent has approved it;
    nor does the bot change more than `changes_per_day` things for one customer in 24 hours.
    """

    shop_url: str = "http://127.0.0.1:7100"
    shop_api_key: str = ""
    connect_s: float = 1.0
    total_s: float = 5.5
    turn_s: float = 6.0
    approve_above_fen: int = 100_000
    money_per_day_fen: int = 300_000
    changes_per_day: int = 20
    breaker_failures: int = 5
    breaker_rest_s: float = 10.0
    public_url: str = ""  # where others reach the gateway, which keeps the shoppers' pictures


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
        approve_above_fen=_yuan(env, "XIAOER_APPROVE_ABOVE_YUAN", default.approve_above_fen),
        money_per_day_fen=_yuan(env, "XIAOER_MONEY_PER_DAY_YUAN", default.money_per_day_fen),
        changes_per_day=_count(env, "XIAOER_CHANGES_PER_DAY", default.changes_per_day),
        breaker_failures=default.breaker_failures,
        breaker_rest_s=_seconds(env, "XIAOER_SHOP_REST_SECONDS", default.breaker_rest_s),
        public_url=env.get("XIAOER_PUBLIC_URL", default.public_url).rstrip("/"),
    )


def environment() -> Mapping[str, str]:
    """What the platform's own settings are read from."""
    return os.environ


@cache
def settings() -> Settings:
    """The settings of this process."""
    return read_settings(os.environ)


def _yuan(env: Mapping[str, str], name: str, default: int) -> int:
    """Fen, from a number of yuan."""
    text = env.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise BadSettingError(f"{name} must be a whole number of yuan, 0 or more")
    return int(text) * 100


def _count(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise BadSettingError(f"{name} must be a whole number, 0 or more")
    return int(text)


def _seconds(env: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(env.get(name, default))
    except ValueError:
        value = 0.0
    if not 0 < value <= 60:
        raise BadSettingError(f"{name} must be a number of seconds between 0 and 60")
    return value

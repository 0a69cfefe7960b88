"""`xiaoer channels check`: which outside channels are set up, and whether they work."""

import asyncio
import ipaddress
import stat
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from bot.channels.checking import Check
from bot.channels.onebot import HttpBridges, OneBot
from bot.channels.qq_check import check_onebot, check_qq
from bot.channels.wechat import WECHAT
from bot.channels.wechat_check import check_account, check_wecom
from bot.channels.wechat_crypto import Envelope
from bot.errors import SetupError
from bot.log.connect import connect
from bot.log.relay import Relay
from bot.log.tokens import Tokens
from bot.outlets import accounts_of, apis_of
from bot.settings import Settings


def check_channels(settings: Settings) -> list[Check]:
    """What there is to say; nothing configured is said too."""
    return asyncio.run(_check(settings))


async def _check(settings: Settings) -> list[Check]:
    redis = connect(settings.redis_url)
    try:
        async with aiohttp.ClientSession() as session:
            return await checked(settings, session, Tokens(redis), Relay(redis))
    finally:
        await redis.aclose()


async def checked(
    settings: Settings, session: aiohttp.ClientSession, tokens: Tokens, relay: Relay
) -> list[Check]:
    """The checks of every channel that is set up."""
    found: list[Check] = []
    base = settings.base_url()
    apis = apis_of(settings, session, tokens)
    for account in accounts_of(settings):
        api = apis.wechat if account.name == WECHAT else apis.miniprogram
        if api is not None:
            found += await check_account(account, api, base, session)
    if apis.wecom is not None:
        try:
            envelope = Envelope(settings.wecom_token, settings.wecom_aes_key, settings.wecom_corp_id)
            found += await check_wecom(envelope, apis.wecom, base, session)
        except SetupError as error:
            found.append(
                Check("wecom aes key", ok=False, zh="EncodingAESKey 应为 43 位字母和数字", en=str(error))
            )
    if apis.qq is not None:
        found += await check_qq(settings, apis.qq, session)
    if settings.onebot_token:
        http = HttpBridges(settings.onebot_token, settings.onebot_http_bridges())
        found += await check_onebot(settings, OneBot("onebot", relay, session, http, base))
    found += _half_set_up(settings)
    if not found:
        return [
            Check(
                "channels",
                ok=False,
                zh="没有配置任何外部渠道。怎么配置：docs/channels/",
                en="no outside channel is set up; docs/channels/ says how",
            )
        ]
    return [*open_secrets(settings.secrets_file), reachable(base), _binding(settings), *found]


def open_secrets(path: str) -> list[Check]:
    """A word about a file of secrets that others on this machine may read."""
    if not path or not stat.S_IMODE(Path(path).stat().st_mode) & 0o077:
        return []
    zh = f"{path} 别的用户也能读：请执行 chmod 600 {path}"
    return [Check("secrets file", ok=False, zh=zh, en=f"others may read {path}: chmod 600 {path}")]


def reachable(base: str) -> Check:
    """Whether the platforms would call that address at all; it is not tried, as only they can."""
    parts = urlsplit(base)
    if _is_private(parts.hostname or ""):
        return Check(
            "public address",
            ok=False,
            zh=f"平台访问不到 {base}：把公网 https 地址写进 XIAOER_PUBLIC_URL",
            en=f"platforms can't reach {base}: set XIAOER_PUBLIC_URL to the public https address",
        )
    if parts.scheme != "https" or parts.port not in {None, 443}:
        return Check(
            "public address",
            ok=False,
            zh=f"{base}：平台只回调 443 端口的 https 地址（QQ 还可以是 8443），请在反向代理上配置证书",
            en=f"{base}: platforms call https on port 443 only; put a proxy with a certificate before us",
        )
    return Check("public address", ok=True, zh=base, en=base)


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host


def _binding(settings: Settings) -> Check:
    ways = [
        name for name, set_up in (("link", settings.binding_page), ("phone", settings.binding_api)) if set_up
    ]
    if not ways:
        return Check(
            "binding",
            ok=False,
            zh="没有配置绑定方式，顾客不能在聊天里查订单：见 docs/channels/binding.md",
            en="no way to bind: shoppers can't ask about orders in chats; see docs/channels/binding.md",
        )
    return Check("binding", ok=True, zh="、".join(ways), en=", ".join(ways))


def _half_set_up(settings: Settings) -> list[Check]:
    """Channels of which some settings are there and some are missing."""
    needed = {
        "wechat": ("wechat_app_id", "wechat_secret", "wechat_token"),
        "miniprogram": ("miniprogram_app_id", "miniprogram_secret", "miniprogram_token"),
        "wecom": ("wecom_corp_id", "wecom_secret", "wecom_token", "wecom_aes_key"),
        "qq": ("qq_app_id", "qq_secret"),
    }
    found = []
    for name, fields in needed.items():
        missing = [f"XIAOER_{field.upper()}" for field in fields if not getattr(settings, field)]
        if missing and len(missing) < len(fields):
            words = ", ".join(missing)
            found.append(Check(name, ok=False, zh=f"没有启用，还缺 {words}", en=f"not on: {words} missing"))
    return found

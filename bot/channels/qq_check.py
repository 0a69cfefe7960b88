"""What `xiaoer channels check` says of the QQ bot and of OneBot bridges."""

import secrets
import time

import aiohttp
import msgspec

from bot.channels.checking import Check, refused, unreachable
from bot.channels.onebot import Asked, OneBot
from bot.channels.qq_api import QQApi
from bot.channels.qq_events import OP_VALIDATION
from bot.channels.qq_signature import Validation, answer_to, key_of
from bot.channels.qq_webhook import PATH
from bot.errors import BadFrameError, ChannelError, LogUnavailableError, NoAnswerError, NobodyThereError
from bot.settings import SHORTEST_TOKEN, Settings

_ASK_S = 5.0
RISK = (
    "OneBot 用个人 QQ 号登录，不是腾讯提供的接口，有封号风险；能用官方机器人就用官方机器人（docs/channels/onebot.md）",
    "OneBot signs in to a personal QQ account, which may be banned for it; prefer the official bot",
)


async def check_qq(settings: Settings, api: QQApi, session: aiohttp.ClientSession) -> list[Check]:
    """The callback as the platform validates it, and the token with which the bot is asked for its name."""
    return [await _callback(settings, session), await _bot(api)]


async def check_onebot(settings: Settings, onebot: OneBot) -> list[Check]:
    """The risk, first of all; then each account whose bridge should be there."""
    found = [Check("onebot risk", ok=True, zh=RISK[0], en=RISK[1])]
    if len(settings.onebot_token) < SHORTEST_TOKEN:
        found.append(
            Check(
                "onebot token",
                ok=False,
                zh=f"XIAOER_ONEBOT_TOKEN 至少 {SHORTEST_TOKEN} 个字符，网关才会启动",
                en=f"XIAOER_ONEBOT_TOKEN needs {SHORTEST_TOKEN} characters, or the gateway does not start",
            )
        )
    named = [one.strip() for one in settings.onebot_accounts.split(",") if one.strip()]
    accounts = sorted({*named, *settings.onebot_http_bridges()})
    if not accounts:
        zh = "没有写 XIAOER_ONEBOT_ACCOUNTS：有令牌的桥接都能接入，这里没有可检查的号"
        en = "XIAOER_ONEBOT_ACCOUNTS is not set: any bridge with the token may connect, none is checked"
        return [*found, Check("onebot accounts", ok=True, zh=zh, en=en)]
    return [*found, *[await _account(onebot, account) for account in accounts]]


async def _callback(settings: Settings, session: aiohttp.ClientSession) -> Check:
    name, address = "qq callback", settings.base_url() + PATH
    asked = Validation(secrets.token_hex(10), str(int(time.time())))
    body = msgspec.json.encode({"op": OP_VALIDATION, "d": asked})
    headers = {"X-Bot-Appid": settings.qq_app_id, "Content-Type": "application/json"}
    timeout = aiohttp.ClientTimeout(total=_ASK_S)
    try:
        async with session.post(
            address, data=body, headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
            status, said = answer.status, await answer.content.read(2048)
    except (aiohttp.ClientError, TimeoutError) as error:
        return unreachable(name, address, error)
    expected = answer_to(asked, key_of(settings.qq_secret), time.time())
    if status == 200 and _same(said, expected):
        return Check(
            name, ok=True, zh=f"{address} 通过了平台的校验方式", en=f"{address} validates as it should"
        )
    if status in (200, 401):
        return Check(
            name,
            ok=False,
            zh="网关用的是另一个 AppID 或 AppSecret：改了设置请重启网关",
            en="the gateway has another AppID or AppSecret: restart it after a change",
        )
    return Check(
        name,
        ok=False,
        zh=f"{address} 回答 {status}：反向代理要把 /channels/ 原样转给网关；设置改过请重启网关",
        en=f"{address} answers {status}: the proxy must pass /channels/ on; restart the gateway after a change",
    )


def _same(said: bytes, expected: dict[str, str]) -> bool:
    try:
        return bool(msgspec.json.decode(said) == expected)
    except msgspec.MsgspecError:
        return False


async def _bot(api: QQApi) -> Check:
    try:
        bot = await api.check()
    except (ChannelError, LogUnavailableError) as error:
        return refused("qq token", error)
    return Check(
        "qq token", ok=True, zh=f"平台接受我们的凭证，机器人叫「{bot}」", en=f"accepted; the bot is {bot!r}"
    )


async def _account(onebot: OneBot, account: str) -> Check:
    name = f"onebot …{account[-4:]}"
    try:
        answer = await onebot.ask(account, Asked("get_status", {}))
    except NobodyThereError:
        zh = "桥接程序没有接入：NapCat 在运行、已登录吗？地址和令牌对吗？（docs/channels/onebot.md）"
        return Check(
            name, ok=False, zh=zh, en="its bridge is not connected: does it run, is the token right?"
        )
    except LogUnavailableError as error:
        return refused(name, error)
    except (NoAnswerError, BadFrameError) as error:
        return Check(name, ok=False, zh=f"桥接程序没有答复（{error.code}）", en="its bridge does not answer")
    if answer.status == "ok" and answer.online:
        return Check(name, ok=True, zh="桥接程序已接入，QQ 在线", en="its bridge is connected, QQ is online")
    zh = f"桥接程序已接入，但 QQ 不在线：请重新登录（{answer.wording or answer.code}）"
    return Check(name, ok=False, zh=zh, en="its bridge is connected, but the account is signed out of QQ")

"""What `xiaoer channels check` says of 公众号, mini-programs and 微信客服."""

import secrets
import time
from typing import Any

import aiohttp

from bot.channels.checking import Check, refused, unreachable
from bot.channels.wechat_api import WeixinApi
from bot.channels.wechat_crypto import Envelope, signature_of
from bot.channels.wechat_door import Account
from bot.channels.wechat_xml import make_flat
from bot.errors import ChannelError, LogUnavailableError, SetupError

_ASK_S = 5.0


async def check_account(
    account: Account, api: WeixinApi, base: str, session: aiohttp.ClientSession
) -> list[Check]:
    """The callback as the platform would verify it, and the token."""
    timestamp, nonce, echo = str(int(time.time())), secrets.token_hex(8), secrets.token_hex(8)
    query = {
        "signature": signature_of(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "echostr": echo,
    }
    address = f"{base}/channels/{account.name}"
    found = [await _callback(session, address, query, echo)]
    if account.aes_key:
        found.append(await _key(account, session, address) if found[0].ok else _form_of_key(account))
    return [*found, (await _token(account.name, api, "GET", "/cgi-bin/getcallbackip"))[0]]


async def check_wecom(
    envelope: Envelope, api: WeixinApi, base: str, session: aiohttp.ClientSession
) -> list[Check]:
    """The callback with an encrypted question, as the platform asks it, and the token."""
    timestamp, nonce, echo = str(int(time.time())), secrets.token_hex(8), secrets.token_hex(8)
    sealed, signature = envelope.seal(echo.encode(), timestamp, nonce)
    query = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": sealed}
    callback = await _callback(session, f"{base}/channels/wecom", query, echo)
    token, answer = await _token("wecom", api, "POST", "/cgi-bin/kf/account/list")
    return [callback, token, *([_accounts(answer)] if token.ok else [])]


async def _callback(session: aiohttp.ClientSession, address: str, query: dict[str, str], echo: str) -> Check:
    name = f"{address.rpartition('/')[2]} callback"
    timeout = aiohttp.ClientTimeout(total=_ASK_S)
    try:
        async with session.get(address, params=query, timeout=timeout, allow_redirects=False) as answer:
            status, said = answer.status, (await answer.content.read(1024)).decode(errors="replace")
    except (aiohttp.ClientError, TimeoutError) as error:
        return unreachable(name, address, error)
    if status == 200 and said == echo:
        return Check(
            name, ok=True, zh=f"{address} 通过了平台的验证方式", en=f"{address} verifies as it should"
        )
    if status == 403:
        return Check(
            name,
            ok=False,
            zh="签名不通过：网关里的令牌与这里的不同，改了设置请重启网关；或两台机器时钟相差超过 10 分钟",
            en="the signature is refused: the gateway has another token (restart it), or a clock is 10 min off",
        )
    return Check(
        name,
        ok=False,
        zh=f"{address} 回答 {status}：反向代理要把 /channels/ 原样转给网关；设置改过请重启网关",
        en=f"{address} answers {status}: the proxy must pass /channels/ on; restart the gateway after a change",
    )


def _form_of_key(account: Account) -> Check:
    name = f"{account.name} aes key"
    try:
        Envelope(account.token, account.aes_key, account.app_id)
    except SetupError as error:
        return Check(name, ok=False, zh="EncodingAESKey 应为 43 位字母和数字", en=str(error))
    return Check(name, ok=True, zh="消息必须加密（安全模式）", en="messages must be encrypted")


async def _key(account: Account, session: aiohttp.ClientSession, address: str) -> Check:
    """Whether the gateway opens what is sealed with this key: by an event that it does nothing about."""
    form = _form_of_key(account)
    if not form.ok:
        return form
    now, nonce = str(int(time.time())), secrets.token_hex(8)
    event = {
        "ToUserName": "check",
        "FromUserName": "check",
        "CreateTime": now,
        "MsgType": "event",
        "Event": "check",
    }
    sealed, signature = Envelope(account.token, account.aes_key, account.app_id).seal(
        make_flat(event), now, nonce
    )
    query = {"timestamp": now, "nonce": nonce, "encrypt_type": "aes", "msg_signature": signature}
    timeout = aiohttp.ClientTimeout(total=_ASK_S)
    try:
        async with session.post(
            address, params=query, data=make_flat({"Encrypt": sealed}), timeout=timeout, allow_redirects=False
        ) as answer:
            said = (await answer.content.read(1024)).decode(errors="replace")
    except (aiohttp.ClientError, TimeoutError) as error:
        return unreachable(form.name, address, error)
    if said == "success":
        return form
    zh = "网关打不开用这个 EncodingAESKey 加密的消息：改了设置请重启网关"
    return Check(form.name, ok=False, zh=zh, en="the gateway has another AES key: restart it after a change")


async def _token(name: str, api: WeixinApi, method: str, path: str) -> tuple[Check, dict[str, Any]]:
    try:
        answer = await api.check(method, path)
    except (ChannelError, LogUnavailableError) as error:
        return refused(f"{name} token", error), {}
    en = "the platform accepts our credentials"
    return Check(f"{name} token", ok=True, zh="平台接受我们的凭证", en=en), answer


def _accounts(answer: dict[str, Any]) -> Check:
    """Which accounts of 微信客服 the API may use; without one, nothing can be sent."""
    found = answer.get("account_list")
    accounts = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    ours = [str(one.get("name", "")) for one in accounts if one.get("manage_privilege")]
    if ours:
        return Check(
            "wecom accounts",
            ok=True,
            zh=f"可用的客服帐号：{'、'.join(ours)}",
            en=f"accounts: {', '.join(ours)}",
        )
    zh = "没有一个客服帐号归这个应用管：到「开发配置 → 可调用接口」勾选帐号（95017）"
    return Check(
        "wecom accounts", ok=False, zh=zh, en="the API may use no account: tick one under its settings"
    )

"""What `xiaoer channels check` says of 公众号, mini-programs and 微信客服."""

import secrets
import time

import aiohttp

from bot.channels.checking import Check, unreachable
from bot.channels.wechat_api import WeixinApi
from bot.channels.wechat_crypto import Envelope, signature_of
from bot.channels.wechat_door import Account
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
    found = [await _callback(session, f"{base}/channels/{account.name}", query, echo)]
    if account.aes_key:
        found.append(_key(account))
    return [*found, await _token(account.name, api)]


async def check_wecom(
    envelope: Envelope, api: WeixinApi, base: str, session: aiohttp.ClientSession
) -> list[Check]:
    """The callback with an encrypted question, as the platform asks it, and the token."""
    timestamp, nonce, echo = str(int(time.time())), secrets.token_hex(8), secrets.token_hex(8)
    sealed, signature = envelope.seal(echo.encode(), timestamp, nonce)
    query = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": sealed}
    return [await _callback(session, f"{base}/channels/wecom", query, echo), await _token("wecom", api)]


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


def _key(account: Account) -> Check:
    name = f"{account.name} aes key"
    try:
        Envelope(account.token, account.aes_key, account.app_id)
    except SetupError as error:
        return Check(name, ok=False, zh="EncodingAESKey 应为 43 位字母和数字", en=str(error))
    return Check(name, ok=True, zh="消息必须加密（安全模式）", en="messages must be encrypted")


async def _token(name: str, api: WeixinApi) -> Check:
    try:
        await api.token()
    except (ChannelError, LogUnavailableError) as error:
        return Check(f"{name} token", ok=False, zh=str(error), en=str(error))
    return Check(f"{name} token", ok=True, zh="平台接受我们的凭证", en="the platform accepts our credentials")

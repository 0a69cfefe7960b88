"""Runs in the environment of wechatpy, WeRoBot and weworkapi.

`lines`: reads a JSON object a line and answers one: `do` is seal, open, read, reply or send.
`robot PORT`: a WeRoBot bot that repeats, in encrypted mode.
"""

import base64
import json
import sys
import time
from typing import Any

import requests
import werobot
import xmltodict
from wechatpy import WeChatClient, create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise import WeChatClient as WorkClient
from wechatpy.utils import check_signature
from werobot.crypto import MessageCrypt
from weworkapi.WXBizMsgCrypt3 import WXBizMsgCrypt

TOKEN = "token-of-the-account"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wx5823bf96d3bd56c7"


def by_wechatpy(asked: dict[str, Any]) -> dict[str, Any]:

    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    if asked["do"] == "seal":
        sealed = crypto.encrypt_message(asked["xml"], asked["nonce"], asked["timestamp"])
        return {"xml": sealed}
    if asked["do"] == "open":
        opened = crypto.decrypt_message(asked["xml"], asked["signature"], asked["timestamp"], asked["nonce"])
        return {"xml": opened}
    if asked["do"] == "read":
        check_signature(TOKEN, asked["signature"], asked["timestamp"], asked["nonce"])
        message = parse_message(asked["xml"])
        return {
            "type": message.type,
            "source": message.source,
            "content": getattr(message, "content", ""),
            "id": str(message.id),
            "event": getattr(message, "event", ""),
        }
    if asked["do"] == "reply":
        message = parse_message(asked["xml"])
        return {"xml": create_reply(asked["text"], message).render()}
    # Their client asks WeChat's own address for a token, wherever it sends to.
    who = {"grant_type": "client_credential", "appid": APP_ID, "secret": asked["secret"]}
    token = requests.get(f"{asked['base']}token", params=who, timeout=5).json()["access_token"]
    client = WeChatClient(APP_ID, asked["secret"], access_token=token)
    client.message.API_BASE_URL = client.media.API_BASE_URL = asked["base"]
    if asked["do"] == "picture":
        return by_media(client, asked)
    sent = client.message.send_text(asked["openid"], asked["text"])
    return {"errcode": sent["errcode"]}


def by_media(client: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Uploads the picture, has it shown to the shopper where there is one, and fetches it back."""
    data = base64.b64decode(asked["data"])
    media_id = client.media.upload("image", (asked["name"], data))["media_id"]
    if "openid" in asked:
        client.message.send_image(asked["openid"], media_id)
    # The enterprise client fetches from WeCom's own address, wherever it sends to.
    told = {"access_token": client.access_token, "media_id": media_id}
    back = requests.get(f"{asked['base']}media/get", params=told, timeout=5).content
    return {"media_id": media_id, "same": back == data}


def by_work(asked: dict[str, Any]) -> dict[str, Any]:
    who = {"corpid": asked["corp"], "corpsecret": asked["secret"]}
    token = requests.get(f"{asked['base']}gettoken", params=who, timeout=5).json()["access_token"]
    client = WorkClient(asked["corp"], asked["secret"], access_token=token)
    client.API_BASE_URL = client.media.API_BASE_URL = asked["base"]
    return by_media(client, asked)


def by_weworkapi(asked: dict[str, Any]) -> dict[str, Any]:

    crypt = WXBizMsgCrypt(TOKEN, AES_KEY, APP_ID)
    if asked["do"] == "seal":
        code, sealed = crypt.EncryptMsg(asked["xml"], asked["nonce"], asked["timestamp"])
        return {"code": code, "xml": sealed.decode() if isinstance(sealed, bytes) else sealed}
    if asked["do"] == "echo":
        code, plain = crypt.VerifyURL(
            asked["signature"], asked["timestamp"], asked["nonce"], asked["echostr"]
        )
        return {"code": code, "plain": plain.decode() if isinstance(plain, bytes) else plain}
    code, opened = crypt.DecryptMsg(
        asked["xml"].encode(), asked["signature"], asked["timestamp"], asked["nonce"]
    )
    return {"code": code, "xml": opened.decode() if isinstance(opened, bytes) else opened}


def by_werobot(asked: dict[str, Any]) -> dict[str, Any]:

    crypt = MessageCrypt(TOKEN, AES_KEY, APP_ID)
    if asked["do"] == "seal":
        return {"xml": crypt.encrypt_message(asked["xml"], asked["timestamp"], asked["nonce"])}

    sealed = xmltodict.parse(asked["xml"])["xml"]["Encrypt"]
    opened = crypt.decrypt_message(asked["timestamp"], asked["nonce"], asked["signature"], sealed)
    return {"xml": opened.decode() if isinstance(opened, bytes) else opened}


def robot(port: int) -> None:

    bot = werobot.WeRoBot(token=TOKEN, enable_session=False)
    bot.config.update(APP_ID=APP_ID, ENCODING_AES_KEY=AES_KEY, HOST="127.0.0.1", PORT=port, SERVER="wsgiref")

    @bot.text
    def repeats(message: Any) -> str:
        return f"回声 {message.content}"

    @bot.subscribe
    def greets() -> str:
        return "欢迎"

    bot.run()


def lines() -> None:
    ways = {"wechatpy": by_wechatpy, "weworkapi": by_weworkapi, "werobot": by_werobot, "work": by_work}
    for line in sys.stdin:
        asked = json.loads(line)
        asked.setdefault("timestamp", str(int(time.time())))
        try:
            answer = ways[asked["who"]](asked)
        except Exception as error:  # noqa: BLE001 - told to who asked
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "robot":
        robot(int(sys.argv[2]))
    else:
        lines()

"""Runs in the environment of qq-botpy-sdk. `echo PORT API`: a bot that repeats; `sign`: their signatures of lines."""

import asyncio
import json
import sys
from typing import Any

import botpy
from botpy.protocol.transport.webhook_verify import ed25519_sign, sign_validation_response

SECRET = "DG5g3B4j9X2KOErG"


class Echo(botpy.Client):
    async def on_c2c_message_create(self, message: Any) -> None:
        await self.api.post_c2c_message(
            openid=message.author.user_openid,
            msg_type=0,
            msg_id=message.id,
            content=f"回声 {message.content}",
        )
        again = {
            "openid": message.author.user_openid,
            "msg_type": 0,
            "msg_id": message.id,
            "content": "再来一次",
        }
        await self.api.post_c2c_message(msg_seq=2, **again)
        file = await self.api.post_c2c_file(
            openid=message.author.user_openid,
            file_type=1,
            url="https://example.com/a.png",
            srv_send_msg=False,
        )
        await self.api.post_c2c_message(
            openid=message.author.user_openid, msg_type=7, msg_id=message.id, msg_seq=3, media=file
        )

    async def on_group_at_message_create(self, message: Any) -> None:
        await self.api.post_group_message(
            group_openid=message.group_openid,
            msg_type=0,
            msg_id=message.id,
            content=f"{message.author.member_openid} 说 {message.content.strip()}",
        )


def echo(port: int, api: str) -> None:
    client = Echo(
        intents=botpy.Intents(public_messages=True),
        transport="webhook",
        webhook_host="127.0.0.1",
        webhook_port=port,
        webhook_path="/",
        base_url=api,
        token_base_url=api,
        ext_handlers=False,
    )
    client.run(appid="102001234", secret=SECRET)


def sign() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        if "plain_token" in asked:
            answer = sign_validation_response(**asked)["signature"]
        else:
            answer = ed25519_sign(asked["secret"], (asked["timestamp"] + asked["body"]).encode())
        print(answer, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "sign":
        sign()
    else:
        asyncio.set_event_loop(asyncio.new_event_loop())
        echo(int(sys.argv[2]), sys.argv[3])

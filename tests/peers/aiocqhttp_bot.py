"""Runs in the environment of aiocqhttp. `echo PORT TOKEN`: a bot that repeats; `cq`: their reading of CQ strings."""

import json
import sys

from aiocqhttp import CQHttp, Event, Message, MessageSegment


def echo(port: int, token: str) -> None:
    bot = CQHttp(access_token=token, secret=token, api_timeout_sec=5, message_class=Message)

    @bot.on_message("private")
    async def private(event: Event) -> None:
        await bot.send(event, MessageSegment.text(f"回声 {event.message.extract_plain_text()}"))
        await bot.send(event, MessageSegment.image("https://example.com/a.png"))

    @bot.on_message("group")
    async def group(event: Event) -> None:
        told = MessageSegment.at(event.user_id) + MessageSegment.text(" 收到[1],&")
        await bot.send(event, told)

    @bot.on_meta_event("lifecycle.connect")
    async def met(event: Event) -> None:
        info = await bot.get_login_info(self_id=event.self_id)
        await bot.send_private_msg(self_id=event.self_id, user_id=9, message=f"连上了 {info['user_id']}")

    bot.run(host="127.0.0.1", port=port)


def cq() -> None:
    """A line in is a CQ string or an array of segments; a line out is their array and their string of it."""
    for line in sys.stdin:
        message = Message(json.loads(line))
        print(json.dumps([[{"type": s.type, "data": s.data} for s in message], str(message)]), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "cq":
        cq()
    else:
        echo(int(sys.argv[2]), sys.argv[3])

"""Runs in the environment of nonebot-adapter-qq: a bot that repeats. `PORT API`."""

import sys

import nonebot
from nonebot.adapters.qq import Adapter, Bot, Event, MessageSegment
from nonebot.adapters.qq.event import C2CMessageCreateEvent, GroupAtMessageCreateEvent

PORT, API = int(sys.argv[1]), sys.argv[2]

nonebot.init(
    driver="~fastapi+~aiohttp",
    host="127.0.0.1",
    port=PORT,
    qq_api_base=API,
    qq_auth_base=f"{API}/app/getAppAccessToken",
    qq_bots=[{"id": "102001234", "secret": "DG5g3B4j9X2KOErG", "use_websocket": False}],
    log_level="WARNING",
)
nonebot.get_driver().register_adapter(Adapter)
heard = nonebot.on_message()


@heard.handle()
async def repeat(bot: Bot, event: Event) -> None:
    if isinstance(event, C2CMessageCreateEvent):
        await bot.send(event, f"回声 {event.get_plaintext()}")
        await bot.send(event, MessageSegment.image("https://example.com/a.png"))
    elif isinstance(event, GroupAtMessageCreateEvent):
        await bot.send(event, f"{event.get_user_id()} 说 {event.get_plaintext().strip()}")


nonebot.run()

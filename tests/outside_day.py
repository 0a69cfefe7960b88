"""One day in six chats of outside channels and in the web's, with parts of the house killed in between."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from browser.house.running_house import House
from browser.house.talking import Talker
from chats_outside import Chat, KfChat, OneBotChat, QQChat, WeChatChat
from desk_end import Desk
from pictures_end import drawn
from qq_platform import QQPlatform, Trouble
from wechat_platform import WeChatPlatform
from wecom_platform import WeComPlatform

QUESTION, KNOWN, HUMAN = "我的快递到哪了", "七天无理由退货怎么退", "转人工"
TRACKED = ("运输", "派送", "签收", "揽收")
REPLY, PICTURE = "您好，我是小李，包裹明天到。", drawn("WEBP")
NOTE, CALL, WHISPER, PASSED_ON, TICKET, TICKET_NOTE, STEP, RECALLED = (
    "备注说他常来退货",
    "@王主管 这单你看一下",
    "悄悄话说可以赔二十元",
    "交接说明里的底价",
    "工单题目只给同事",
    "工单备注里的供货商",
    "工单步骤里问了仓库",
    "撤回的那句密码",
)
AMONG_COLLEAGUES = (NOTE, CALL, WHISPER, PASSED_ON, TICKET, TICKET_NOTE, STEP)


@dataclass
class Platforms:
    wechat: WeChatPlatform = field(default_factory=lambda: WeChatPlatform(encrypted=True))
    wecom: WeComPlatform = field(default_factory=WeComPlatform)
    qq: QQPlatform = field(default_factory=QQPlatform)


@dataclass
class Day:
    """What was left of the day: the chats, and each one's events as the console gives them."""

    chats: dict[str, Chat]
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    waited: dict[str, dict[str, Any]] = field(default_factory=dict)
    web: list[Talker] = field(default_factory=list)
    """林小雨 in the web chat, as she saw everything happen, and as she comes back later."""
    tries: Counter[tuple[str, int]] = field(default_factory=Counter)
    asked_again: bool = False
    """A bridge knows no message again: what the dead gateway had in hand is told as unknown, and never sent twice."""


async def spend(house: House, platforms: Platforms, onebot: OneBotChat, li: Desk, wang: Desk) -> Day:
    """From a question to a rating, in each chat."""
    found: list[Chat] = [
        WeChatChat(platforms.wechat, house),
        WeChatChat(platforms.wechat, house, "miniprogram"),
        KfChat(platforms.wecom, house),
        QQChat(platforms.qq, house, "U1"),
        QQChat(platforms.qq, house, "M1", "G1"),
        onebot,
    ]
    day = Day({chat.channel: chat for chat in found})
    await onebot.connects()
    await _are_bound(day, house)
    await _ask_while_the_gateway_dies(day, house, onebot)
    await _are_told_while_the_followers_die(day, house, platforms)
    async with Talker(house, "林小雨") as live:
        day.web.append(live)
        await _are_served(day, house, li, wang)
        async with Talker(house, "林小雨") as back:
            await back.until(lambda: back.seq >= live.seq, 60, "what was said")
            day.web.append(back)
    day.tries.update((body["msg_id"], body["msg_seq"]) for _, body in platforms.qq.asked)
    return day


async def _are_bound(day: Day, house: House) -> None:
    """Nobody yet: a question about orders asks to be bound first, and in a group for a private word."""

    async def comes(chat: Chat) -> None:
        await chat.says(QUESTION)
        await chat.sees_soon("商城", "私聊")
        seen = len(chat.sees())
        await chat.says("绑定")
        if chat.public:
            await chat.sees_soon("私聊", after=seen)
            return
        text = await chat.sees_soon("ticket=", after=seen)
        link = re.search(r"http\S+ticket=\S+", text)
        assert link
        ticket = parse_qs(urlsplit(link[0]).query)["ticket"][0]
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as own:
            async with own.post(f"{house.shop}/sign-in", data={"customer": "C100001"}) as answer:
                assert answer.status == 200
            async with own.post(f"{house.shop}/bind", data={"ticket": ticket}) as answer:
                assert answer.status == 200
        await chat.sees_soon("绑定成功")

    await asyncio.gather(*(comes(chat) for chat in day.chats.values()))


async def _ask_while_the_gateway_dies(day: Day, house: House, onebot: OneBotChat) -> None:
    seen = {chat.channel: len(chat.sees()) for chat in day.chats.values()}
    asking = [
        asyncio.create_task(chat.says(KNOWN if chat.public else QUESTION)) for chat in day.chats.values()
    ]
    await asyncio.sleep(0.02)
    gone = house.kill("gateway")
    await house.is_ready(instead_of=("gateway", gone))
    await onebot.connects()
    await asyncio.gather(*asking)
    for chat in day.chats.values():
        words, after = ("退",) if chat.public else TRACKED, seen[chat.channel]
        try:
            await chat.sees_soon(*words, after=after, seconds=20 if chat is onebot else 60)
        except AssertionError:
            if chat is not onebot:
                raise
            day.asked_again = True
            await chat.says(QUESTION)
            await chat.sees_soon(*words, after=after)


async def _are_told_while_the_followers_die(day: Day, house: House, platforms: Platforms) -> None:
    """Where a platform knows our messages again, what was under way is sent anew and arrives once."""
    chats = [day.chats["qq"], day.chats["wecom"]]
    seen, asked, held = [len(chat.sees()) for chat in chats], len(platforms.qq.asked), asyncio.Event()
    platforms.qq.troubles.append(Trouble(held=held))
    platforms.wecom.fails.append(held)
    await asyncio.gather(*(chat.says(KNOWN) for chat in chats))
    for _ in range(1200):
        if len(platforms.qq.asked) > asked and platforms.wecom.waiting:
            break
        await asyncio.sleep(0.05)
    gone = house.kill("followers")
    held.set()
    await house.is_ready(instead_of=("followers", gone))
    for chat, before in zip(chats, seen, strict=True):
        await chat.sees_soon("退", after=before)


async def _are_served(day: Day, house: House, li: Desk, wang: Desk) -> None:
    await day.web[0].says(HUMAN)
    await asyncio.gather(*(chat.says(HUMAN) for chat in day.chats.values()))
    for chat in day.chats.values():
        await chat.sees_soon("转接人工")
    await day.web[0].is_in_line()
    for _ in range(1200):
        day.waited = {one["channel"]: one for one in await li.line()}
        if len(day.waited) == len(day.chats) + 1:
            break
        await asyncio.sleep(0.05)
    async with house.stopped("followers"):  # so that what is taken back is taken back before it went
        passed_on = [await _are_talked_about(one, li, wang) for one in day.waited.values()]
    for waited, (epoch, ticket) in zip(day.waited.values(), passed_on, strict=True):
        await li.steps(ticket, stage="investigating", note=STEP)
        await wang.serves(waited["id"], epoch, REPLY, PICTURE)
    for chat in day.chats.values():
        await chat.sees_soon("打分")
    await day.web[0].until(lambda: day.web[0].stage == "closed", 60, "the end")

    async def rates(chat: Chat) -> None:
        await chat.says("5")
        await chat.sees_soon("感谢您的评价")

    await asyncio.gather(*(rates(chat) for chat in day.chats.values()))
    for channel, waited in day.waited.items():
        day.events[channel] = await li.events(waited["id"])


async def _are_talked_about(waited: dict[str, Any], li: Desk, wang: Desk) -> tuple[int, str]:
    """Everything that is no business of the shopper's; the epoch and the ticket that it ends with."""
    name = waited["id"]
    claimed = await li.does(name, "claim", epoch=waited["epoch"])
    epoch = claimed["summary"]["epoch"]
    await li.does(name, "note", cid="n1", text=NOTE)
    await li.does(name, "note", cid="n2", text=CALL, to=[wang.id])
    await wang.does(name, "note", cid="n3", text=WHISPER, whisper=True)
    opened = await li.does(name, "tickets", category="order", title=TICKET, note=TICKET_NOTE)
    said = await li.does(name, "reply", cid="r0", epoch=epoch, body={"type": "text", "text": RECALLED})
    await li.does(name, "recall", seq=said["event"]["seq"])
    given = await li.does(name, "transfer", epoch=epoch, to=wang.id, note=PASSED_ON)
    return given["summary"]["epoch"], opened["ticket"]["id"]

"""公众号 and 微信客服 on the whole product: a question, the demo shop's answer, a human, a rating; killed in between."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import wecom_platform
from aiohttp.test_utils import TestServer
from wechat_platform import AES_KEY, APP_ID, SECRET, TOKEN, Shopper, WeChatPlatform

from bot.conversation.bodies import Delivered, Text
from bot.conversation.commands import AgentClaims, AgentCloses, AgentReplies
from bot.conversation.events import Event, Kind, Role, Sender
from bot.log.connect import connect
from bot.log.log import Log
from bot.settings import Settings

from .conftest import Judged
from .matrix import Row
from .oracle import Verdict

sys.path.append(str(Path(__file__).parents[1] / "browser" / "house"))
from running_house import House

pytestmark = pytest.mark.faults

AGENT = Sender(Role.AGENT, "a1", "小李")


class Chat:
    """One shopper's chat with the house, pushed three times at once, always."""

    def __init__(self, house: House, platform: WeChatPlatform, log: Log) -> None:
        self.house = house
        self.platform = platform
        self.log = log
        self.shopper: Shopper = platform.shopper()

    async def says(self, text: str) -> None:
        message = self.platform.message(self.shopper, "text", Content=text)
        self.platform._open(self.shopper, 5, 172_800)
        for _ in range(20):  # WeChat gives up after three; the test's claim is about what is accepted
            outcomes = await asyncio.gather(
                *(self.platform.push_once(self.shopper, message) for _ in range(3))
            )
            if set(outcomes) & {"answer", "success"}:
                return
            await asyncio.sleep(0.5)
        raise AssertionError(outcomes)

    @property
    def who(self) -> str:
        return self.shopper.openid

    async def conversation(self) -> str:
        [one] = [name async for name in self.log.conversations() if name.startswith("x")]
        return one

    async def events(self) -> list[Event]:
        return await self.log.events(await self.conversation())

    async def sees(self, words: str, seconds: float = 40) -> str:
        """Waits until something with these words is on his screen."""
        for _ in range(int(seconds * 10)):
            found = [text for text in self.shopper.sees if re.search(words, text)]
            if found:
                return found[-1]
            await asyncio.sleep(0.1)
        raise AssertionError((words, self.shopper.sees, [e.body for e in await self.events()]))

    async def does(self, command: Any) -> None:
        state = await self.log.state(await self.conversation())
        await self.log.commit(await self.conversation(), command(state.epoch))


class KfChat(Chat):
    """The same in 微信客服, whose callbacks only say that there is something to fetch."""

    def __init__(self, house: House, platform: Any, log: Log) -> None:
        self.house = house
        self.platform = platform
        self.log = log
        self.shopper = platform.shopper()

    @property
    def who(self) -> str:
        return str(self.shopper.userid)

    async def says(self, text: str) -> None:
        platform: Any = self.platform
        platform.says(self.shopper, text)
        for _ in range(20):
            answers = await asyncio.gather(*(platform.calls() for _ in range(3)), return_exceptions=True)
            if 200 in answers:
                return
            await asyncio.sleep(0.5)
        raise AssertionError(answers)


@pytest.fixture(params=["wechat", "wecom"])
async def chat(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Chat]:
    kind: str = request.param
    platform: Any = WeChatPlatform(encrypted=True) if kind == "wechat" else wecom_platform.WeComPlatform()
    api = TestServer(platform.app(), host="127.0.0.1")
    await api.start_server()
    told = {
        "wechat": {"APP_ID": APP_ID, "SECRET": SECRET, "TOKEN": TOKEN, "AES_KEY": AES_KEY},
        "wecom": {
            "CORP_ID": wecom_platform.CORP_ID,
            "SECRET": wecom_platform.SECRET,
            "TOKEN": wecom_platform.TOKEN,
            "AES_KEY": wecom_platform.AES_KEY,
        },
    }[kind] | {"API": str(api.make_url(""))}
    secrets = tmp_path / "channels.env"
    secrets.write_text("".join(f"XIAOER_{kind.upper()}_{name}={value}\n" for name, value in told.items()))
    house = House(tmp_path / "house", XIAOER_SECRETS_FILE=str(secrets))
    platform.ours = f"{house.gateway}/channels/{kind}"
    house.start()
    redis = None
    try:
        await house.is_ready()
        redis = connect(f"redis://:{house.secrets()['redis_password']}@127.0.0.1:{house.port + 3}/0")
        chats = {"wechat": Chat, "wecom": KfChat}
        yield chats[kind](house, platform, Log(redis, Settings().partitions))
    finally:
        if redis is not None:
            await redis.aclose()
        house.stop()
        house.kill_all()
        await api.close()


async def test_nothing_is_lost_and_nothing_doubled_from_question_to_rating(
    chat: Chat, judged: Judged
) -> None:
    house = chat.house
    began = time.monotonic()
    await chat.says("我的订单到哪了")
    await chat.sees("绑定")
    await chat.says("1")
    ticket = (await chat.sees(r"ticket="))[0:]
    await bind_in_the_shop(house, ticket)
    await chat.sees("绑定成功")

    await chat.says("我的快递到哪了")
    await chat.sees(r"哪一个订单|【.*】")

    gateway = house.kill("gateway")
    await chat.says("转人工")
    await chat.sees("已为您转接人工客服")
    await house.is_ready(instead_of=("gateway", gateway))
    await chat.does(lambda epoch: AgentClaims(AGENT, epoch))
    await chat.sees("小李")
    followers = house.pid("followers")
    replying = asyncio.create_task(
        chat.does(lambda epoch: AgentReplies("r1", AGENT, epoch, Text("您的包裹明天送到")))
    )
    await asyncio.sleep(0.02)
    with suppress(ProcessLookupError):
        os.kill(followers, signal.SIGKILL)
    await replying
    await house.is_ready(instead_of=("followers", followers))
    await delivered_or_unknown(chat, "您的包裹明天送到")
    await chat.does(lambda epoch: AgentCloses(AGENT, epoch))
    await chat.sees("1 到 5")
    await chat.says("5")
    await chat.sees("感谢")

    events = await chat.events()
    said = [
        e.body.text
        for e in events
        if e.kind is Kind.SAID and e.sender.role is Role.CUSTOMER and isinstance(e.body, Text)
    ]
    assert said == ["我的订单到哪了", "我的快递到哪了", "转人工"]
    assert len([e for e in events if e.kind is Kind.RATED]) == 1
    assert len(chat.shopper.sees) == len(set(chat.shopper.sees)), chat.shopper.sees
    bound = [e.body.customer.name for e in events if e.kind is Kind.BOUND]
    assert bound == ["林小雨"]
    for name, text in house.logs().items():
        assert chat.who not in text, name
    kind = "微信客服" if isinstance(chat, KfChat) else "公众号"
    verdict = Verdict(sent=3, acknowledged=3, conversations=1, seconds_to_settle=time.monotonic() - began)
    verdict.lost, verdict.doubled, verdict.reordered = 3 - len(set(said)), len(said) - len(set(said)), 0
    verdict.unanswered = verdict.talked_over = verdict.unarchived = verdict.unseen = -1
    judged(
        Row(
            f"{kind}: each callback three times at once; gateway and followers killed", verdict, -1, -1, 0, -1
        )
    )


async def delivered_or_unknown(chat: Chat, words: str) -> None:
    """What the agent said arrived once and is shown as sent, or is shown as unknown: never sent and not there."""
    for _ in range(300):
        events = await chat.events()
        [seq] = [e.seq for e in events if isinstance(e.body, Text) and e.body.text == words]
        told = [e.body for e in events if isinstance(e.body, Delivered) and seq in e.body.of]
        if told:
            assert sum(words in text for text in chat.shopper.sees) <= 1
            assert told[-1].state in ("sent", "unknown")
            assert told[-1].state == "unknown" or any(words in text for text in chat.shopper.sees)
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing became of it")


async def bind_in_the_shop(house: House, words: str) -> None:
    """Opens the link in the shop, signed in as 林小雨, and confirms."""
    found = re.search(r"ticket=(\S+)", words)
    check = re.search(r"核对码是 (\w{4})", words)
    assert found
    assert check
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(f"{house.shop}/bind?ticket={found[1]}") as page:
            assert check[1] in await page.text()
        form = {"customer": "C100001", "back": f"/bind?ticket={found[1]}"}
        async with session.post(f"{house.shop}/sign-in", data=form) as page:
            assert "林小雨" in await page.text()
        async with session.post(f"{house.shop}/bind", data={"ticket": found[1]}) as page:
            assert "绑定成功" in await page.text()

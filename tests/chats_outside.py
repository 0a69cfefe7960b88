"""Shoppers in every outside channel, over simulated platforms that tell everything three times at once.

A chat `says` something and `sees` what its platform shows; a call that nobody acknowledged comes again.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
from browser.house.running_house import House
from napcat import NapCat
from qq_platform import QQPlatform
from wechat_platform import WeChatPlatform
from wecom_platform import WeComPlatform

_ACKNOWLEDGED_S = 60


async def three_times(told: Callable[[], Awaitable[bool]]) -> None:
    """Three calls at once, each again until it is acknowledged."""

    async def once() -> None:
        end = time.monotonic() + _ACKNOWLEDGED_S
        while time.monotonic() < end:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                if await told():
                    return
            await asyncio.sleep(0.2)
        raise AssertionError("never acknowledged")

    await asyncio.gather(once(), once(), once())


class Chat:
    """One shopper; `channel` is what the house calls his channel, `public` a chat where others read along."""

    channel: str = ""
    public = False

    async def says(self, text: str) -> None:
        raise NotImplementedError

    def sees(self) -> list[str]:
        raise NotImplementedError

    def pictures(self) -> list[bytes]:
        """What was shown to him as pictures."""
        raise NotImplementedError

    def handed_over(self) -> list[dict[str, Any]]:
        """Everything that his platform was asked to bring him, shown or not."""
        raise NotImplementedError

    def went_out(self) -> str:
        """All of it in one text, with what he sees."""
        return json.dumps([self.sees(), self.handed_over()], ensure_ascii=False)

    async def sees_soon(self, *words: str, after: int = 0, seconds: float = 60) -> str:
        """Waits for a message, of those after the first `after`, that has one of the words."""
        end = time.monotonic() + seconds
        while True:
            for text in self.sees()[after:]:
                if any(word in text for word in words):
                    return text
            assert time.monotonic() < end, (self.channel, words, self.sees())
            await asyncio.sleep(0.05)


class WeChatChat(Chat):
    """公众号, or a mini-program."""

    def __init__(self, platform: WeChatPlatform, house: House, channel: str = "wechat") -> None:
        self.channel = channel
        self.platform = platform
        self.shopper = platform.shopper(f"o-{channel}")
        if channel == "miniprogram":
            self.shopper.door = f"{house.gateway}/channels/{channel}"
        else:
            platform.ours = f"{house.gateway}/channels/{channel}"

    async def says(self, text: str) -> None:
        message = self.platform.message(self.shopper, "text", Content=text)
        self.platform._open(self.shopper, 5, 172_800)

        async def push() -> bool:
            return await self.platform.push_once(self.shopper, message) in {"answer", "success"}

        await three_times(push)

    def sees(self) -> list[str]:
        return self.shopper.sees

    def pictures(self) -> list[bytes]:
        return [self.platform.pictures.of(text) for text in self.sees() if text.startswith("[图片 ")]

    def handed_over(self) -> list[dict[str, Any]]:
        return [sent for sent in self.platform.sends if sent["touser"] == self.shopper.openid]


class KfChat(Chat):
    """微信客服."""

    channel = "wecom"

    def __init__(self, platform: WeComPlatform, house: House) -> None:
        self.platform = platform
        self.shopper = platform.shopper()
        platform.ours = f"{house.gateway}/channels/wecom"

    async def says(self, text: str) -> None:
        self.platform.says(self.shopper, text)

        async def call() -> bool:
            return await self.platform.calls() == 200

        await three_times(call)

    def sees(self) -> list[str]:
        return self.shopper.sees

    def pictures(self) -> list[bytes]:
        return [self.platform.pictures.of(text) for text in self.sees() if text.startswith("[图片 ")]

    def handed_over(self) -> list[dict[str, Any]]:
        return [sent for sent in self.platform.taken.values() if sent["touser"] == self.shopper.userid]


class QQChat(Chat):
    """The official bot, in private or by its name in a group."""

    def __init__(self, platform: QQPlatform, house: House, who: str, group: str = "") -> None:
        self.channel = "qq_group" if group else "qq"
        self.public = bool(group)
        self.platform = platform
        self._address = f"{house.gateway}/channels/qq"
        self._who, self._group = who, group

    async def says(self, text: str) -> None:
        body = self.platform.hears(self._who, text, group=self._group)

        async def push() -> bool:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
                status, answer = await self.platform.tells(session, self._address, body)
            assert status in {200, 503}, (status, answer)
            return status == 200

        await three_times(push)

    def sees(self) -> list[str]:
        return self.platform.texts(self._group or self._who)

    def pictures(self) -> list[bytes]:
        shown = [body for _, who, body in self.platform.shown if who == (self._group or self._who)]
        return [self.platform.pictures[body["media"]["file_info"]] for body in shown if "media" in body]

    def handed_over(self) -> list[dict[str, Any]]:
        return [body for who, body in self.platform.asked if who == (self._group or self._who)]


class OneBotChat(Chat):
    """A bridge, which tells nothing twice by itself: here it does, and again when it has come back."""

    channel = "onebot"

    def __init__(self, bridge: NapCat, house: House, session: aiohttp.ClientSession) -> None:
        self.bridge = bridge
        self._session = session
        self._address = house.gateway.replace("http:", "ws:") + "/channels/onebot/ws"
        self._told: list[dict[str, Any]] = []

    async def connects(self) -> None:
        """Comes (back), and tells again what it told before."""
        await self.bridge.leave()
        for _ in range(600):
            with suppress(aiohttp.ClientError, OSError):
                await self.bridge.connect(self._session, self._address)
                break
            await asyncio.sleep(0.1)
        for frame in self._told:
            await self.bridge.tells(frame)

    async def says(self, text: str) -> None:
        frame = self.bridge.hears(20002, text)
        self._told.append(frame)
        for _ in range(3):
            with suppress(aiohttp.ClientError, ConnectionError):
                await self.bridge.tells(frame)

    def sees(self) -> list[str]:
        return self.bridge.texts(20002)

    def pictures(self) -> list[bytes]:
        return self.bridge.pictures

    def handed_over(self) -> list[dict[str, Any]]:
        return self.bridge.asked

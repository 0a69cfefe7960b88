"""The whole product behind QQ and behind a OneBot bridge: from a question to a rating, with parts killed in between.

Every callback comes three times at once, and again until it is acknowledged, as from a platform that means it.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from browser.house.running_house import House
from napcat import NapCat
from qq_platform import APP_ID, SECRET, QQPlatform, Trouble

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="module")]

TOKEN = "a-bridge-token-of-some-length"
TRACKED = re.compile(r"(?:运输|快递|物流|派送|签收|揽收)")


class Desk:
    """小李 at her console, over its API."""

    def __init__(self, session: aiohttp.ClientSession, house: House) -> None:
        self._session = session
        self._house = house
        self._csrf = ""

    async def signs_in(self) -> None:
        password = self._house.secrets()["agent_password"]
        told = await self._call("POST", "sign-in", {"name": "xiaoli", "password": password})
        self._csrf = told["csrf"]
        await self._call("POST", "presence", {"presence": "online"})

    async def line(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._call("GET", "conversations?tab=line"))["conversations"]
        return found

    async def serves(self, conversation: dict[str, Any], *replies: str) -> list[dict[str, Any]]:
        """Claims, answers, closes; the conversation's events afterwards."""
        path = f"conversations/{conversation['id']}"
        epoch = (await self._call("POST", f"{path}/claim", {"epoch": conversation["epoch"]}))["summary"][
            "epoch"
        ]
        for number, text in enumerate(replies):
            body = {"cid": f"r{number}", "epoch": epoch, "body": {"type": "text", "text": text}}
            await self._call("POST", f"{path}/reply", body)
        await self._call("POST", f"{path}/close", {"epoch": epoch})
        return await self.events(conversation)

    async def events(self, conversation: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self._call("GET", f"conversations/{conversation['id']}"))[
            "events"
        ]
        return found

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"X-CSRF-Token": self._csrf, "Origin": self._house.gateway}
        url = f"{self._house.gateway}/api/console/{path}"
        async with self._session.request(method, url, json=body, headers=headers) as answer:
            assert answer.status < 300, (path, answer.status, await answer.text())
            return await answer.json() if answer.status != 204 else None


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def platform() -> AsyncIterator[QQPlatform]:
    platform = QQPlatform()
    await platform.start()
    yield platform
    await platform.stop()


@pytest.fixture(scope="module")
async def house(platform: QQPlatform, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("qq")
    secrets = folder / "secrets"
    secrets.write_text(f"XIAOER_QQ_SECRET={SECRET}\nXIAOER_ONEBOT_TOKEN={TOKEN}\n")
    house = House(
        folder / "var",
        XIAOER_SECRETS_FILE=str(secrets),
        XIAOER_QQ_APP_ID=APP_ID,
        XIAOER_QQ_API=platform.url,
    )
    house.start()
    try:
        await house.is_ready()
        yield house
        assert house.stop()[0] == 0
    finally:
        house.kill_all()


@pytest.fixture(scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture(scope="module")
async def desk(house: House, session: aiohttp.ClientSession) -> Desk:
    desk = Desk(session, house)
    await desk.signs_in()
    return desk


async def until(found: Callable[[], Any], seconds: float = 20) -> Any:
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.05)
    return value


async def pushed(platform: QQPlatform, house: House, body: bytes) -> None:
    """Three times at once, each again until it is acknowledged."""

    async def push() -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as own:
                    status, answer = await platform.tells(own, f"{house.gateway}/channels/qq", body)
                    if status == 200:
                        assert '"op"' in answer
                        return
                    assert status == 503, (status, answer)
            await asyncio.sleep(0.2)
        raise AssertionError("never acknowledged")

    await asyncio.gather(push(), push(), push())


async def binds(house: House, link: str) -> None:
    """林小雨, signed in at the shop, confirms that the chat is hers."""
    ticket = parse_qs(urlsplit(link).query)["ticket"][0]
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as own:
        async with own.post(f"{house.shop}/sign-in", data={"customer": "C100001"}) as answer:
            assert answer.status == 200
        async with own.post(f"{house.shop}/bind", data={"ticket": ticket}) as answer:
            assert answer.status == 200


def only_once(texts: list[str]) -> None:
    assert [text for text, count in Counter(texts).items() if count > 1] == []


async def test_qq_from_a_question_to_a_rating(house: House, platform: QQPlatform, desk: Desk) -> None:
    # Nobody yet: an order question asks her to be bound first.
    await pushed(platform, house, platform.hears("U1", "我的快递到哪了"))
    await until(lambda: any("商城" in text for text in platform.texts("U1")))
    await pushed(platform, house, platform.hears("U1", "绑定"))
    link = (await until(lambda: re.search(r"http\S+ticket=\S+", "\n".join(platform.texts("U1")))))[0]
    await binds(house, link)
    await until(lambda: any("绑定成功" in text for text in platform.texts("U1")))

    # The gateway dies while it is told; then the courier while it answers.
    asked = len(platform.asked)
    question = asyncio.create_task(pushed(platform, house, platform.hears("U1", "我的快递到哪了")))
    await asyncio.sleep(0.02)
    gone = house.kill("gateway")
    platform.troubles.append(Trouble(after_s=1.0))
    await until(lambda: len(platform.asked) > asked)
    followers = house.kill("followers")
    await question
    await house.is_ready(instead_of=("gateway", gone))
    await house.is_ready(instead_of=("followers", followers))
    await until(
        lambda: any(TRACKED.search(text) and "C100001" not in text for text in platform.texts("U1")[3:])
    )

    # A person, three pushes and one ticket; her words, and the rating.
    await pushed(platform, house, platform.hears("U1", "转人工"))
    await until(lambda: any("转接人工" in text for text in platform.texts("U1")))
    (waiting,) = await line(desk, 1)
    assert waiting["channel"] == "qq"
    assert waiting["customer"]["verified"] is True
    await desk.serves(waiting, "您好，我是小李，包裹明天到。")
    await until(lambda: any("包裹明天到" in text for text in platform.texts("U1")))
    await until(lambda: any("打分" in text for text in platform.texts("U1")))
    await pushed(platform, house, platform.hears("U1", "5"))
    await until(lambda: any("感谢您的评价" in text for text in platform.texts("U1")))

    events = await desk.events(waiting)
    said = [e["body"].get("text") for e in events if e["kind"] == "said" and e["from"]["role"] == "customer"]
    assert said == ["我的快递到哪了", "我的快递到哪了", "转人工"]
    assert [e["body"]["stars"] for e in events if e["kind"] == "rated"] == [5]
    assert {e["body"]["state"] for e in events if e["kind"] == "delivered"} == {"sent"}
    only_once(platform.texts("U1"))
    tries = Counter((body["msg_id"], body["msg_seq"]) for _, body in platform.asked)
    assert max(tries.values()) > 1, "the courier did not die while it was sending"


async def line(desk: Desk, count: int) -> list[dict[str, Any]]:
    for _ in range(200):
        found = await desk.line()
        if len(found) >= count:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("nobody came into the line")


async def test_in_a_qq_group_the_same_question_is_referred_to_private(
    house: House, platform: QQPlatform
) -> None:
    await pushed(platform, house, platform.hears("U1", "我的快递到哪了", group="G1"))
    await until(lambda: platform.texts("G1"))
    await pushed(platform, house, platform.hears("U1", "绑定", group="G1"))
    await until(lambda: any("私聊" in text for text in platform.texts("G1")))
    shown = "\n".join(platform.texts("G1"))
    assert "ticket=" not in shown
    assert not re.search(r"\d{10}", shown)


async def test_onebot_from_a_question_to_a_rating(house: House, desk: Desk) -> None:
    address = house.gateway.replace("http:", "ws:") + "/channels/onebot/ws"
    async with aiohttp.ClientSession() as own:
        bridge = NapCat(10001, TOKEN)

        async def connected() -> None:
            for _ in range(200):
                with suppress(aiohttp.ClientError, OSError):
                    await bridge.connect(own, address)
                    return
                await asyncio.sleep(0.1)
            raise AssertionError("the gateway does not come back")

        async def tells(*frames: dict[str, Any]) -> None:
            for frame in frames:
                for _ in range(3):
                    await bridge.tells(frame)

        await connected()
        await tells(bridge.hears(20002, "绑定"))
        link = (await until(lambda: re.search(r"http\S+ticket=\S+", "\n".join(bridge.texts(20002)))))[0]
        await binds(house, link)
        await until(lambda: any("绑定成功" in text for text in bridge.texts(20002)))

        # The gateway dies with the bridge's socket; the bridge comes back and tells it again.
        question = bridge.hears(20002, "我的快递到哪了")
        await tells(question)
        gone = house.kill("gateway")
        await bridge.leave()
        await house.is_ready(instead_of=("gateway", gone))
        await connected()
        await tells(question)
        await until(lambda: any(TRACKED.search(text) for text in bridge.texts(20002)[2:]))

        await tells(bridge.hears(20002, "转人工"))
        await until(lambda: any("转接人工" in text for text in bridge.texts(20002)))
        waiting = next(one for one in await line(desk, 1) if one["channel"] == "onebot")
        await desk.serves(waiting, "您好，我是小李。")
        await until(lambda: any("我是小李" in text for text in bridge.texts(20002)))
        await until(lambda: any("打分" in text for text in bridge.texts(20002)))
        await tells(bridge.hears(20002, "四星"))
        await until(lambda: any("感谢您的评价" in text for text in bridge.texts(20002)))

        events = await desk.events(waiting)
        said = [
            e["body"].get("text") for e in events if e["kind"] == "said" and e["from"]["role"] == "customer"
        ]
        assert said == ["我的快递到哪了", "转人工"]
        assert [e["body"]["stars"] for e in events if e["kind"] == "rated"] == [4]
        only_once(bridge.texts(20002))
        await bridge.leave()


async def test_nothing_that_shoppers_said_or_secrets_are_in_the_logs(house: House) -> None:
    logs = "\n".join(house.logs().values())
    for secret in ("我的快递到哪了", "包裹明天到", SECRET, TOKEN, "ticket=", "20002", '"U1"'):
        assert secret not in logs, secret

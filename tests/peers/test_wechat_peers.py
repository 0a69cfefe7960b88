"""Our simulated WeChat and our doors against wechatpy, WeRoBot and weworkapi, in both directions."""

import asyncio
import base64
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from outside_end import outside_house
from pictures_end import drawn
from ports import free_port
from wechat_platform import AES_KEY, APP_ID, SECRET, TOKEN, US, WeChatPlatform
from wecom_platform import CORP_ID, SECRET as CORP_SECRET, WeComPlatform
from weixin_cipher import PlatformCipher, sha1_of_sorted

from bot.channels.wechat_crypto import Envelope
from bot.errors import CallbackRefusedError
from bot.log.log import Log
from bot.settings import Settings

pytestmark = pytest.mark.peers

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".peers" / "wechat" / "bin" / "python"
PEER = Path(__file__).parent / "wechat_peer.py"
OPENERS = ("wechatpy", "weworkapi", "werobot")


class Peer:
    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [str(PYTHON), "-W", "ignore", str(PEER), "lines"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, who: str, do: str, **asked: str) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"who": who, "do": do, **asked}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    if not PYTHON.exists():
        pytest.skip("make peers makes their environment")
    found = Peer()
    yield found
    found.close()


@pytest.mark.parametrize("who", OPENERS)
def test_they_open_what_our_simulator_and_our_envelope_seal(peer: Peer, who: str) -> None:
    now, nonce, xml = str(int(time.time())), "1320562132", "<xml><Content><![CDATA[你好]]></Content></xml>"
    cipher = PlatformCipher(TOKEN, AES_KEY, APP_ID)
    theirs = cipher.encrypt(xml.encode())
    ours, signature = Envelope(TOKEN, AES_KEY, APP_ID).seal(xml.encode(), now, nonce)
    for sealed, signed in ((theirs, cipher.sign(now, nonce, theirs)), (ours, signature)):
        body = f"<xml><ToUserName><![CDATA[{US}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        opened = peer(who, "open", xml=body, signature=signed, timestamp=now, nonce=nonce)
        assert opened.get("xml") == xml, opened
        wrong = peer(who, "open", xml=body, signature="0" * 40, timestamp=now, nonce=nonce)
        assert wrong.get("error") or wrong.get("code"), wrong


@pytest.mark.parametrize("who", OPENERS)
def test_our_envelope_and_our_simulator_open_what_they_seal(peer: Peer, who: str) -> None:
    now, nonce, xml = str(int(time.time())), "1597212914", "<xml><Content>包裹在路上</Content></xml>"
    sealed = peer(who, "seal", xml=xml, timestamp=now, nonce=nonce)
    fields = {child.tag: child.text or "" for child in ET.fromstring(sealed["xml"])}
    envelope, cipher = Envelope(TOKEN, AES_KEY, APP_ID), PlatformCipher(TOKEN, AES_KEY, APP_ID)

    assert envelope.open(fields["Encrypt"], fields["MsgSignature"], now, nonce).decode() == xml
    assert cipher.decrypt(fields["Encrypt"]).decode() == xml
    assert cipher.sign(now, nonce, fields["Encrypt"]) == fields["MsgSignature"]
    with pytest.raises(CallbackRefusedError):
        Envelope(TOKEN, AES_KEY, "another").open(fields["Encrypt"], fields["MsgSignature"], now, nonce)


def test_wecoms_own_sample_opens_the_echo_of_our_simulator(peer: Peer) -> None:
    now, nonce = str(int(time.time())), "n1"
    cipher = PlatformCipher(TOKEN, AES_KEY, APP_ID)
    sealed = cipher.encrypt(b"4211")
    told = peer(
        "weworkapi",
        "echo",
        signature=cipher.sign(now, nonce, sealed),
        timestamp=now,
        nonce=nonce,
        echostr=sealed,
    )
    assert told == {"code": 0, "plain": "4211"}


def test_wechatpy_reads_the_messages_and_events_of_our_simulator(peer: Peer) -> None:
    platform = WeChatPlatform()
    shopper = platform.shopper()
    text = platform.message(shopper, "text", Content="我的快递到哪了")
    event = platform.message(shopper, "event", Event="subscribe", EventKey="")
    for message, kind in ((text, "text"), (event, "event")):
        body, query = platform.sealed(message)
        read = peer(
            "wechatpy",
            "read",
            xml=body.decode(),
            **{k: query[k] for k in ("signature", "timestamp", "nonce")},
        )
        assert (read.get("type"), read.get("source")) == (kind, shopper.openid), read
        assert read["content"] == message.get("Content", "")


def test_our_simulator_shows_what_wechatpy_answers(peer: Peer) -> None:
    platform = WeChatPlatform()
    shopper = platform.shopper()
    message = platform.message(shopper, "text", Content="在吗")
    reply = peer("wechatpy", "reply", xml=platform.sealed(message)[0].decode(), text="在的")

    assert platform._heard(shopper, message, reply["xml"].encode(), 200) == "answer"
    assert shopper.sees == ["在的"]


async def test_wechatpys_client_sends_through_our_simulator(peer: Peer) -> None:
    platform = WeChatPlatform()
    server = TestServer(platform.app(), host="127.0.0.1")
    await server.start_server()
    shopper = platform.shopper()
    platform._open(shopper, 2, 60)
    asked = {
        "base": str(server.make_url("/cgi-bin/")),
        "secret": SECRET,
        "openid": shopper.openid,
        "text": "您好",
    }

    answers = [await asyncio.to_thread(peer, "wechatpy", "send", **asked) for _ in range(3)]

    assert answers[:2] == [{"errcode": 0}] * 2, answers
    assert "45047" in answers[2]["error"]
    assert shopper.sees == ["您好", "您好"]
    await server.close()


async def test_wechatpy_uploads_and_shows_a_picture_through_our_simulators(peer: Peer) -> None:
    platform, corp = WeChatPlatform(), WeComPlatform()
    server, corp_server = (TestServer(one.app(), host="127.0.0.1") for one in (platform, corp))
    await server.start_server()
    await corp_server.start_server()
    shopper = platform.shopper()
    platform._open(shopper, 5, 60)
    png = drawn("PNG")
    asked = {"data": base64.b64encode(png).decode(), "name": "picture.png"}
    of_wechat = {"base": str(server.make_url("/cgi-bin/")), "secret": SECRET, "openid": shopper.openid}
    of_corp = {"base": str(corp_server.make_url("/cgi-bin/")), "secret": CORP_SECRET, "corp": CORP_ID}

    shown = await asyncio.to_thread(peer, "wechatpy", "picture", **asked, **of_wechat)
    kept = await asyncio.to_thread(peer, "work", "picture", **asked, **of_corp)
    wrong = await asyncio.to_thread(peer, "wechatpy", "picture", **asked | {"name": "a.webp"}, **of_wechat)

    assert (shown.get("same"), kept.get("same")) == (True, True), (shown, kept)
    assert shopper.sees == [f"[图片 {shown['media_id']}]"]
    assert platform.pictures.of(shopper.sees[0]) == png == corp.pictures.kept[kept["media_id"]][0]
    assert "40005" in wrong["error"]
    await server.close()
    await corp_server.close()


def started_robot(port: int) -> "subprocess.Popen[bytes]":
    command = [str(PYTHON), "-W", "ignore", str(PEER), "robot", str(port)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
async def robot(peer: Peer) -> AsyncIterator[str]:
    """A WeRoBot bot that repeats, in encrypted mode."""
    port = free_port()
    process = started_robot(port)
    url = f"http://127.0.0.1:{port}/"
    async with aiohttp.ClientSession() as session:
        for _ in range(100):
            with suppress(aiohttp.ClientError):
                async with session.get(url):
                    break
            await asyncio.sleep(0.1)
    yield url
    process.kill()
    process.wait()


async def test_werobot_answers_our_simulators_pushes(robot: str) -> None:
    platform = WeChatPlatform(encrypted=True)
    platform.ours = robot
    shopper = platform.shopper()

    assert await platform.says(shopper, "在吗") == "answer"
    assert await platform.happens(shopper, "subscribe") == "answer"
    assert shopper.sees == ["回声 在吗", "欢迎"]


async def test_our_door_answers_a_push_that_wechatpy_sealed(
    peer: Peer, redis: Any, log: Log, tmp_path: Path
) -> None:
    settings = Settings(
        secret="our-own-secret-of-more-than-32-characters",
        site_secret="a-site-secret-of-more-than-32-characters",
        wechat_app_id=APP_ID,
        wechat_secret=SECRET,
        wechat_token=TOKEN,
        wechat_aes_key=AES_KEY,
    )
    now, nonce = str(int(time.time())), "88"
    xml = (
        f"<xml><ToUserName>{US}</ToUserName><FromUserName>o1</FromUserName><CreateTime>{now}</CreateTime>"
        "<MsgType>text</MsgType><Content>在吗</Content><MsgId>42</MsgId></xml>"
    )
    sealed = peer("wechatpy", "seal", xml=xml, timestamp=now, nonce=nonce)["xml"]
    signed = {child.tag: child.text or "" for child in ET.fromstring(sealed)}["MsgSignature"]
    query = {
        "signature": sha1_of_sorted(TOKEN, now, nonce),
        "timestamp": now,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": signed,
    }
    async with outside_house(redis, log, tmp_path, settings) as house, aiohttp.ClientSession() as session:
        async with session.post(f"{house.url}/channels/wechat", params=query, data=sealed) as answer:
            said = (await answer.read()).decode()
        fields = {child.tag: child.text or "" for child in ET.fromstring(said)}
        opened = peer(
            "wechatpy",
            "open",
            xml=said,
            signature=fields["MsgSignature"],
            timestamp=fields["TimeStamp"],
            nonce=fields["Nonce"],
        )
        assert "好的" in opened["xml"]

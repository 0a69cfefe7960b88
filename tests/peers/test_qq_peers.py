"""Our QQ platform and our bridge are held to clients that others wrote, and so is what we sign, read and write.

What our channels are tested with (tests/qq_platform.py, tests/napcat.py) must be what QQ's own SDK, nonebot's
adapter and aiocqhttp take for QQ and for a bridge. `make peers` makes their environments.
"""

import asyncio
import json
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings, strategies as st
from napcat import NapCat
from qq_platform import SECRET, QQPlatform, event, validation

from bot.channels.onebot_cq import Segment, parse_cq, write_array, write_cq
from bot.channels.qq_signature import Validation, answer_to, check_event, key_of

HERE = Path(__file__).parent
PEERS = HERE.parent.parent / ".peers"
TOKEN = "a-bridge-token-of-some-length"

pytestmark = pytest.mark.peers


def python_of(peer: str) -> str:
    found = PEERS / peer / "bin" / "python"
    if not found.exists():
        pytest.skip(f"no environment of {peer}: run `make peers`")
    return str(found)


def free_port() -> int:
    for port in range(22_300, 22_399):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")


@asynccontextmanager
async def running(peer: str, script: str, *words: str, port: int) -> AsyncIterator[None]:
    """Their bot, until it listens and then until the test is over."""
    process = await asyncio.create_subprocess_exec(
        python_of(peer),
        str(HERE / script),
        *words,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        cwd=HERE,
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        until = time.monotonic() + 20
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                if process.returncode is not None or time.monotonic() > until:
                    assert process.stderr is not None
                    pytest.fail((await process.stderr.read()).decode()[-2000:])
                await asyncio.sleep(0.1)
            else:
                writer.close()
                break
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until(holds: Callable[[], bool], seconds: float = 8) -> None:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:  # noqa: ASYNC110 - another process is what we wait for
        await asyncio.sleep(0.05)
    assert holds()


def talk(peer: str, script: str, word: str, lines: list[Any]) -> list[str]:
    """What their tool answers to each line."""
    done = subprocess.run(
        [python_of(peer), str(HERE / script), word],
        input="\n".join(json.dumps(line) for line in lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout.splitlines()


@pytest.fixture
async def platform() -> AsyncIterator[QQPlatform]:
    platform = QQPlatform()
    await platform.start()
    yield platform
    await platform.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def test_what_qq_s_own_sdk_signs_is_what_we_accept_and_sign() -> None:
    now = int(time.time())
    bodies = [
        event("C2C_MESSAGE_CREATE", {"id": "m", "content": text}).decode() for text in ("在吗", "🙂", "")
    ]
    secrets = [SECRET, "k", "x" * 40]
    asked: list[Any] = [{"secret": s, "timestamp": str(now), "body": b} for s in secrets for b in bodies]
    tokens = [{"plain_token": "Arq0D5A61EgUu4OxUvOp", "event_ts": str(now), "bot_secret": s} for s in secrets]
    signatures = talk("qq-botpy", "botpy_bot.py", "sign", asked + tokens)
    for one, signature in zip(asked, signatures, strict=False):
        body = one["body"].encode()
        check_event(key_of(one["secret"]), timestamp=str(now), signature=signature, body=body, now=now)
    for one, signature in zip(tokens, signatures[len(asked) :], strict=True):
        ours = answer_to(Validation(one["plain_token"], str(now)), key_of(one["bot_secret"]), now)
        assert ours["signature"] == signature


@pytest.mark.parametrize(
    ("peer", "script", "path"),
    [("qq-botpy", "botpy_bot.py", "/"), ("qq-nonebot", "nonebot_bot.py", "/qq/webhook")],
)
async def test_bots_that_others_wrote_take_our_platform_for_qq(
    platform: QQPlatform, session: aiohttp.ClientSession, *, peer: str, script: str, path: str
) -> None:
    port = free_port()
    words = ["echo"] if peer == "qq-botpy" else []
    async with running(peer, script, *words, str(port), platform.url, port=port):
        address = f"http://127.0.0.1:{port}{path}"
        at = str(int(time.time()))
        status, answer = await platform.tells(session, address, validation("Arq0D5A61EgUu4OxUvOp", at))
        ours = answer_to(Validation("Arq0D5A61EgUu4OxUvOp", at), key_of(SECRET), time.time())
        assert (status, json.loads(answer)) == (200, ours)

        assert (await platform.tells(session, address, platform.hears("U1", "我的快递")))[0] == 200
        await until(lambda: "回声 我的快递" in platform.texts("U1"))
        await until(lambda: any(body["msg_type"] == 7 for _, _, body in platform.shown))
        await platform.tells(session, address, platform.hears("M1", "有货吗", group="G1"))
        await until(lambda: "M1 说 有货吗" in platform.texts("G1"))

        count = len(platform.shown)
        refused, _ = await platform.tells(session, address, platform.hears("U1", "假的"), secret="another")
        assert refused in (401, 403)
        await asyncio.sleep(0.3)
        assert len(platform.shown) == count
    assert platform.tokens == 1


@pytest.mark.parametrize("as_text", [False, True])
async def test_a_bot_that_others_wrote_takes_our_bridge_for_one(
    session: aiohttp.ClientSession, *, as_text: bool
) -> None:
    port = free_port()
    async with running("qq-aiocqhttp", "aiocqhttp_bot.py", "echo", str(port), TOKEN, port=port):
        bridge = NapCat(10001, TOKEN)
        bridge.as_text = as_text
        await bridge.connect(session, f"ws://127.0.0.1:{port}/ws/")
        await until(lambda: "连上了 10001" in bridge.texts(9))
        await bridge.tells(bridge.hears(20002, "在吗"))
        await until(lambda: "回声 在吗" in bridge.texts(20002))
        await until(lambda: len(bridge.said) == 3)
        image = bridge.said[2][2][0]
        assert (image["type"], image["data"]["file"]) == ("image", "https://example.com/a.png")
        await bridge.tells(bridge.hears(20002, "大家好", group=555))
        await until(lambda: len(bridge.said) == 4)
        assert bridge.texts(555) == [" 收到[1],&"]
        await bridge.leave()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await NapCat(10001, "wrong").connect(session, f"ws://127.0.0.1:{port}/ws/")


async def test_a_bot_that_others_wrote_accepts_our_bridge_s_signature(session: aiohttp.ClientSession) -> None:
    port = free_port()
    async with running("qq-aiocqhttp", "aiocqhttp_bot.py", "echo", str(port), TOKEN, port=port):
        bridge, address = NapCat(10001, TOKEN), f"http://127.0.0.1:{port}/"
        frame = bridge.meta("heartbeat", status={"online": True, "good": True}, interval=30000)
        assert (await bridge.posts(session, address, frame))[0] in (200, 204)
        assert (await bridge.posts(session, address, frame, X_Signature="sha1=" + "0" * 40))[0] == 403
        assert (await bridge.posts(session, address, frame, X_Signature=""))[0] == 401


WORDS = st.text(st.sampled_from("甲a1 &[],=;#\n🙂"), max_size=8)
NAMES = st.text(st.sampled_from("abcXYZ019-_."), min_size=1, max_size=6)
SEGMENTS = st.lists(
    st.one_of(
        WORDS.filter(bool).map(lambda text: Segment("text", {"text": text})),
        st.builds(
            Segment, NAMES.filter(lambda name: name != "text"), st.dictionaries(NAMES, WORDS, max_size=3)
        ),
    ),
    max_size=6,
)


def merged(segments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With neighbouring texts as one, which is what both mean."""
    result: list[dict[str, Any]] = []
    for one in segments:
        if result and one["type"] == result[-1]["type"] == "text":
            result[-1] = {"type": "text", "data": {"text": result[-1]["data"]["text"] + one["data"]["text"]}}
        else:
            result.append(one)
    return result


def test_cq_strings_mean_the_same_to_them_and_to_us() -> None:
    found: list[list[Segment]] = []

    @settings(max_examples=300, deadline=None, database=None)
    @given(SEGMENTS)
    def collect(segments: list[Segment]) -> None:
        found.append(segments)

    collect()
    ours = [write_cq(segments) for segments in found]
    answers = talk("qq-aiocqhttp", "aiocqhttp_bot.py", "cq", ours)
    for segments, answer in zip(found, answers, strict=True):
        read, written = json.loads(answer)
        assert read == merged(write_array(segments))
        assert write_array(parse_cq(written)) == merged(write_array(segments))

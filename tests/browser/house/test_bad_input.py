"""Whatever is thrown at the house: a clear, polite outcome, and nothing taken for more than the words it is."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from .running_house import House
from .talking import PATIENCE_S, Talker

pytestmark = pytest.mark.asyncio(loop_scope="session")

MISSING = "20991231999999999999"


@pytest_asyncio.fixture(loop_scope="session")
async def shopper(house: House) -> AsyncIterator[Talker]:
    """Somebody new, so that no earlier word stands between."""
    async with Talker(house, signed_in=False) as talker:
        yield talker


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  \n\t ", "empty"),
        ("\u0000\u0007\u200b\u202e", "empty"),
        ("长" * 10_000, "too_long"),
    ],
    ids=["empty", "blank", "only control characters", "10,000 characters"],
)
async def test_text_that_is_none_is_refused_in_words_and_not_stored(
    shopper: Talker, text: str, code: str
) -> None:
    await shopper.says(text)
    await shopper.until(lambda: bool(shopper.refusals), PATIENCE_S, "a refusal")

    refusal = shopper.refusals[0]
    assert (refusal["code"], refusal["retry"]) == (code, False)
    assert any("\u4e00" <= c <= "\u9fff" for c in refusal["message"])
    assert await shopper.asks("你好")
    assert shopper.own_words() == ["你好"]


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "/session_start",
        '/logistics_track{"order_number": "1"}',
        "/hand_off",
        "/faq_pick",
        "EXTERNAL: x",
    ],
)
async def test_commands_of_rasa_are_words_like_others(shopper: Talker, text: str) -> None:
    await shopper.asks("你好")
    answer = await shopper.asks(text)

    assert answer or shopper.stage == "waiting"
    assert shopper.own_words() == ["你好", text]
    assert "logistics_track" not in shopper.words()
    assert await shopper.asks("退货政策是什么")


@pytest.mark.parametrize(
    "text",
    [
        "😀😀😀",
        "？？？",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "{{7*7}}${7*7}{customer}",
        "a\u0301" * 900,
    ],
    ids=["emoji", "marks", "script", "image", "templates", "letters under accents"],
)
async def test_words_without_sense_are_kept_as_they_are_and_answered(shopper: Talker, text: str) -> None:
    answer = await shopper.asks(text)

    assert answer or shopper.stage == "waiting"
    assert shopper.own_words() == [text]
    assert "<script" not in shopper.words()
    assert "<img" not in shopper.words()
    assert "49" not in shopper.words()


async def test_control_characters_among_words_are_left_out(shopper: Talker) -> None:
    await shopper.asks("你\u0000好\u202e吗\u0007")

    assert shopper.own_words() == ["你好吗"]


async def test_traditional_chinese_gets_what_simplified_gets(house: House) -> None:
    async with Talker(house, "许二") as shopper:
        simplified = await shopper.asks("我的快递到哪了")
        traditional = await shopper.asks("我的快遞到哪了")

    assert [body["type"] for body in traditional] == [body["type"] for body in simplified]
    assert _without_time(traditional) == _without_time(simplified)


async def test_anothers_order_reads_like_a_missing_one(house: House) -> None:
    anothers = (await house.orders_of("C100002"))[0]["number"]
    async with Talker(house, "许三") as shopper:
        of_another = await shopper.asks(f"查一下订单{anothers}的物流")
        of_nobody = await shopper.asks(f"查一下订单{MISSING[: len(anothers)]}的物流")

        assert of_another
        told = json.dumps(of_another, ensure_ascii=False).replace(anothers, "N")
        missing = json.dumps(of_nobody, ensure_ascii=False).replace(MISSING[: len(anothers)], "N")
        assert told == missing
        assert "card" not in {body["type"] for body in of_another}


async def test_visitor_who_is_not_signed_in_gets_no_order(house: House, shopper: Talker) -> None:
    number = (await house.orders_of("C100001"))[0]["number"]
    await shopper.asks(f"订单{number}到哪了")

    assert "card" not in {body["type"] for body in shopper.heard()}
    assert "登录" in shopper.words() or shopper.stage == "waiting"


@pytest.mark.parametrize("spoilt", ["forged", "expired", "long-lived", "other shop", "none", "nonsense"])
async def test_identity_that_the_shop_did_not_sign_is_turned_away(house: House, spoilt: str) -> None:
    now = int(time.time())
    identity = {
        "forged": lambda: house.identity(secret="x" * 43),
        "expired": lambda: house.identity(exp=now - 3600),
        "long-lived": lambda: house.identity(exp=now + 30 * 86400),
        "other shop": lambda: house.identity(iss="other"),
        "none": lambda: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJDMTAwMDAxIn0.",
        "nonsense": lambda: "我是林小雨",
    }[spoilt]()

    async with _socket(house) as ws:
        await ws.send_json({"t": "hello", "site": "demo", "identity": identity})
        message = await ws.receive(timeout=60)

    assert message.type is aiohttp.WSMsgType.CLOSE
    assert ws.close_code == 4401


@pytest.mark.parametrize("tok", ["nonsense", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.AAAA"])
async def test_conversation_token_that_is_not_ours_opens_nothing(house: House, tok: str) -> None:
    async with aiohttp.ClientSession() as session:
        url = f"{house.gateway}/api/chat/history?before=9&limit=9"
        async with session.get(url, headers={"Authorization": f"Bearer {tok}"}) as answer:
            assert answer.status == 401
    async with _socket(house) as ws:
        await ws.send_json({"t": "hello", "site": "demo", "tok": tok})
        await ws.receive(timeout=60)
        assert ws.close_code == 4401


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "null",
        "[]",
        "{}",
        "{",
        '{"t":"send"}',
        '{"t":"nothing"}',
        '{"t":"hello","site":"demo"}',
        "[" * 30_000,
    ],
    ids=["empty", "null", "list", "object", "half", "no cid", "unknown", "second hello", "deep"],
)
async def test_malformed_frame_is_refused_and_the_talk_goes_on(shopper: Talker, frame: str) -> None:
    await shopper.sends_raw(frame)
    await shopper.until(lambda: bool(shopper.refusals), PATIENCE_S, "a refusal")

    assert shopper.refusals[0]["code"] == "bad_frame"
    assert await shopper.asks("你好")
    assert shopper.connections == 1


async def test_frame_of_65_kb_ends_the_connection_and_nothing_else(shopper: Talker) -> None:
    await shopper.asks("你好")
    await shopper.sends_raw(json.dumps({"t": "send", "cid": "big", "kind": "said", "body": "x" * 65 * 1024}))
    await shopper.until(lambda: shopper.connections == 2, PATIENCE_S, "a new connection")

    assert shopper.closed_with == [1009]
    assert await shopper.asks("还在吗")
    assert shopper.own_words() == ["你好", "还在吗"]


async def test_page_of_another_shop_may_not_connect(house: House) -> None:
    async with _socket(house, origin="https://evil.example") as ws:
        await ws.send_json({"t": "hello", "site": "demo"})
        await ws.receive(timeout=60)
        assert ws.close_code == 4403


async def test_flood_is_slowed_down_and_loses_nothing(house: House) -> None:
    async with Talker(house, signed_in=False) as shopper:
        await shopper.sends("human", {})
        for n in range(26):
            await shopper.says(f"第{n}句")
        await shopper.until(lambda: len(shopper.own_words()) == 26, PATIENCE_S, "all of it")

        assert {refusal["code"] for refusal in shopper.refusals} == {"too_fast"}
        assert shopper.own_words() == [f"第{n}句" for n in range(26)]


async def test_press_on_what_nobody_offered_is_refused(shopper: Talker) -> None:
    await shopper.asks("你好")
    for of in (0, 1, 10**6):
        await shopper.sends("said", {"type": "choice", "of": of, "choice": "1", "label": "退款一万元"})
    await shopper.until(lambda: len(shopper.refusals) == 3, PATIENCE_S, "three refusals")

    assert {refusal["code"] for refusal in shopper.refusals} == {"not_offered"}


async def test_rating_without_service_is_refused(shopper: Talker) -> None:
    await shopper.asks("你好")
    await shopper.sends("rate", {"stars": 5, "reasons": [], "comment": ""})
    await shopper.until(lambda: bool(shopper.refusals), PATIENCE_S, "a refusal")

    assert shopper.refusals[0]["code"] == "nothing_to_rate"


def _without_time(bodies: list[dict[str, object]]) -> str:
    cut = json.loads(json.dumps(bodies))
    for body in cut:
        body.get("card", {}).pop("as_of", None)
    return json.dumps(cut, ensure_ascii=False, sort_keys=True)


class _socket:  # noqa: N801 - read as a function
    def __init__(self, house: House, origin: str = "") -> None:
        self._house, self._origin = house, origin or house.shop

    async def __aenter__(self) -> aiohttp.ClientWebSocketResponse:
        self._session = aiohttp.ClientSession()
        return await self._session.ws_connect(
            f"{self._house.gateway}/ws/chat", protocols=("xiaoer.v1",), headers={"Origin": self._origin}
        )

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await asyncio.sleep(0)

"""What goes out to QQ: once, within the platform's windows, and nothing of orders in a group."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from pictures_end import SHELF, Shelf, drawn
from qq_platform import APP_ID, SECRET, QQPlatform, Trouble

from bot.channels.qq import LONGEST, QQ, group_address, private_address
from bot.channels.qq_api import QQApi
from bot.conversation.bodies import (
    Card,
    CardField,
    CardShown,
    Choices,
    Image,
    Offer,
    OrderSummary,
    Said,
    Text,
)
from bot.conversation.events import BOT
from bot.courier.contract import Failed, Label, Piece, Sent, Told, Unknown
from bot.errors import ChannelError
from bot.log.tokens import Tokens
from bot.settings import Settings

LIN = private_address(APP_ID, "U1")
LIN_IN_GROUP = group_address(APP_ID, "G1", "M1")
ORDER = Card("order", "订单 202611220001", fields=(CardField("快递", "顺丰 SF1234567890123"),))


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


@pytest.fixture
def api(platform: QQPlatform, session: aiohttp.ClientSession, redis: Any) -> QQApi:
    return app(platform.url, session, redis)


def app(url: str, session: aiohttp.ClientSession, redis: Any, secret: str = SECRET) -> QQApi:
    return QQApi(Settings(qq_app_id=APP_ID, qq_secret=secret, qq_api=url), session, Tokens(redis))


def told(*bodies: Said) -> tuple[Told, ...]:
    return tuple(Told(seq, BOT, body) for seq, body in enumerate(bodies, 5))


def asked(platform: QQPlatform, who: str = "U1", group: str = "") -> str:
    """A shopper writes; the id of his message, which an answer must name."""
    platform.hears(who, "在吗", group=group)
    return next(reversed(platform._messages))


def label(context: str, seq: int = 5, part: int = 0) -> Label:
    return Label("a" * 32, seq, part, context)


def text(words: str = "您好") -> Piece:
    return Piece({"text": words, "picture": ""})


async def test_an_answer_names_the_message_it_answers(platform: QQPlatform, api: QQApi) -> None:
    context = asked(platform)
    outcome = await QQ("qq", api, "", SHELF).send(LIN, text(), label(context))
    assert isinstance(outcome, Sent)
    assert outcome.id.startswith("ROBOT1.0_")
    where, who, body = platform.shown[0]
    assert (where, who, body["content"], body["msg_id"], body["msg_seq"]) == (
        "users",
        "U1",
        "您好",
        context,
        40,
    )


async def test_in_a_group_the_answer_goes_into_the_group(platform: QQPlatform, api: QQApi) -> None:
    context = asked(platform, "M1", "G1")
    assert isinstance(await QQ("qq_group", api, "", SHELF).send(LIN_IN_GROUP, text(), label(context)), Sent)
    assert platform.shown[0][:2] == ("groups", "G1")


async def test_an_answer_that_got_lost_is_sent_again_and_shown_once(platform: QQPlatform, api: QQApi) -> None:
    qq, context = QQ("qq", api, "", SHELF), asked(platform)
    platform.troubles.append(Trouble(cut=True))
    first = await qq.send(LIN, text(), label(context))
    second = await qq.send(LIN, text(), label(context))
    assert (type(first), type(second)) == (Unknown, Sent)
    assert platform.texts() == ["您好"]


async def test_parts_and_events_have_numbers_of_their_own(platform: QQPlatform, api: QQApi) -> None:
    qq, context = QQ("qq", api, "", SHELF), asked(platform)
    for seq, part in ((5, 0), (5, 1), (6, 0)):
        assert isinstance(await qq.send(LIN, text(f"{seq}.{part}"), label(context, seq, part)), Sent)
    assert platform.texts() == ["5.0", "5.1", "6.0"]


@pytest.mark.parametrize(
    ("code", "status", "kind", "retryable", "words"),
    [
        (40034005, 400, Failed, False, "已过期"),
        (40034128, 400, Failed, False, "次数"),
        (304103, 400, Failed, False, "60 分钟"),
        (40054013, 400, Failed, False, "关闭了"),
        (22009, 400, Failed, True, "频率"),
        (40054005, 400, Sent, None, ""),
        (304023, 202, Sent, None, ""),
        (777, 400, Failed, False, "trouble"),
        (0, 429, Failed, True, ""),
        (0, 502, Unknown, None, ""),
    ],
)
async def test_each_refusal_is_told_in_words_that_help(
    platform: QQPlatform,
    api: QQApi,
    *,
    code: int,
    status: int,
    kind: type,
    retryable: bool | None,
    words: str,
) -> None:
    platform.troubles.append(Trouble(status, code))
    outcome = await QQ("qq", api, "", SHELF).send(LIN, text(), label(asked(platform)))
    assert isinstance(outcome, kind)
    assert words in getattr(outcome, "reason", "")
    if isinstance(outcome, Failed):
        assert outcome.retryable is retryable
        assert not code or str(code) in outcome.reason


async def test_the_platform_s_own_windows_are_kept_to(platform: QQPlatform, api: QQApi) -> None:
    qq, context = QQ("qq", api, "", SHELF), asked(platform)
    outcomes = [await qq.send(LIN, text(str(n)), label(context, n)) for n in range(6)]
    assert [type(outcome) for outcome in outcomes] == [Sent] * 5 + [Failed]
    late = asked(platform, "M1", "G1")
    platform.ahead_s = 301
    outcome = await QQ("qq_group", api, "", SHELF).send(LIN_IN_GROUP, text(), label(late))
    assert isinstance(outcome, Failed)
    assert "40034005" in outcome.reason


async def test_without_a_message_to_answer_nothing_is_tried(platform: QQPlatform, api: QQApi) -> None:
    assert isinstance(await QQ("qq", api, "", SHELF).send(LIN, text(), label("")), Failed)
    assert platform.asked == []


async def test_a_token_is_fetched_once_for_everybody(
    platform: QQPlatform, session: aiohttp.ClientSession, redis: Any
) -> None:
    apis = [app(platform.url, session, redis) for _ in range(6)]
    contexts = [asked(platform) for _ in apis]
    outcomes = await asyncio.gather(
        *(
            QQ("qq", api, "", SHELF).send(LIN, text(), label(context))
            for api, context in zip(apis, contexts, strict=True)
        )
    )
    assert [type(outcome) for outcome in outcomes] == [Sent] * 6
    assert platform.tokens == 1


async def test_a_token_that_the_platform_forgot_is_fetched_anew_and_nothing_is_lost(
    platform: QQPlatform, api: QQApi
) -> None:
    qq = QQ("qq", api, "", SHELF)
    await qq.send(LIN, text("一"), label(asked(platform)))
    platform.spoil_token()
    assert isinstance(await qq.send(LIN, text("二"), label(asked(platform))), Sent)
    assert platform.texts() == ["一", "二"]
    assert platform.tokens == 2


async def test_a_token_is_renewed_in_its_last_minute(platform: QQPlatform, api: QQApi, redis: Any) -> None:
    platform.life_s = 124
    await QQ("qq", api, "", SHELF).send(LIN, text("一"), label(asked(platform)))
    left = await redis.pttl(f"xiaoer:{{channels}}:token:qq:{APP_ID}")
    assert 55_000 < left <= 64_000


async def test_a_wrong_secret_is_told_in_the_platform_s_words(
    platform: QQPlatform, session: aiohttp.ClientSession, redis: Any
) -> None:
    wrong = app(platform.url, session, redis, secret="wrong")
    outcome = await QQ("qq", wrong, "", SHELF).send(LIN, text(), label(asked(platform)))
    assert isinstance(outcome, Failed)
    assert "XIAOER_QQ_SECRET" in outcome.reason
    with pytest.raises(ChannelError, match="XIAOER_QQ_SECRET"):
        await wrong.check()


async def test_a_platform_that_is_away_is_tried_again_later(
    platform: QQPlatform, session: aiohttp.ClientSession, redis: Any
) -> None:
    api = app(platform.url, session, redis)
    assert await api.check() == "店小二"
    await platform.stop()
    outcome = await QQ("qq", api, "", SHELF).send(LIN, text(), label("m"))
    assert isinstance(outcome, Failed)
    assert outcome.retryable


def rendered(name: Any, *bodies: Said) -> list[dict[str, Any]]:
    return [piece.content for piece in QQ(name, None, "", SHELF).render(told(*bodies))]  # type: ignore[arg-type]


def test_a_card_and_its_choices_are_one_message_with_numbers() -> None:
    offers = (Offer("a", "申请退款"), Offer("b", "转人工"))
    pieces = rendered("qq", Text("为您查到："), CardShown(Card("order", "订单 1", choices=offers)))
    assert len(pieces) == 1
    assert pieces[0]["text"] == "为您查到：\n\n【订单 1】\n1. 申请退款\n2. 转人工"


def test_a_picture_shares_a_message_with_the_words_before_it() -> None:
    pieces = rendered("qq", Text("请看"), Image("/media/a", "说明"), Image("/media/b"), Text("再见"))
    assert pieces == [
        {"text": "请看\n\n说明", "picture": "/media/a"},
        {"text": "", "picture": "/media/b"},
        {"text": "再见", "picture": ""},
    ]


async def test_a_picture_is_handed_to_the_platform_by_its_address(platform: QQPlatform, api: QQApi) -> None:
    shelf = Shelf({"/media/a": (drawn("PNG"), "image/png")})
    qq = QQ("qq", api, "https://kf.example.com", shelf)
    (piece,) = qq.render(told(Image("/media/a", "发票")))
    assert isinstance(await qq.send(LIN, piece, label(asked(platform))), Sent)
    assert platform.files["file-info-1"]["url"] == "https://kf.example.com/media/a"
    assert platform.shown[0][2]["media"] == {"file_info": "file-info-1"}


async def test_a_picture_that_qq_does_not_take_is_drawn_anew_and_one_that_is_gone_is_told(
    platform: QQPlatform, api: QQApi
) -> None:
    shelf = Shelf({"/media/moves": (drawn("GIF"), "image/gif"), "/media/broken": (b"GIF89a", "image/gif")})
    qq = QQ("qq", api, "https://kf.example.com", shelf)
    moves, broken, gone = qq.render(told(Image("/media/moves"), Image("/media/broken"), Image("/media/gone")))
    assert isinstance(await qq.send(LIN, moves, label(asked(platform))), Sent)
    assert platform.files["file-info-1"]["url"] == "https://kf.example.com/media/kept-1"
    assert shelf.kept["/media/kept-1"][1] == "image/jpeg"
    for piece, words in ((broken, "JPG 或 PNG"), (gone, "不在")):
        outcome = await qq.send(LIN, piece, label(asked(platform)))
        assert isinstance(outcome, Failed)
        assert words in outcome.reason
        assert not outcome.retryable
    platform.troubles.append(Trouble(code=304080))
    spoilt = await qq.send(LIN, moves, label(asked(platform)))
    assert isinstance(spoilt, Failed)
    assert "失效" in spoilt.reason


def test_a_long_answer_is_split_at_its_sentences() -> None:
    pieces = rendered("qq", Text("这一句话不长也不短。" * 400))
    assert len(pieces) == 3
    assert all(len(piece["text"]) <= LONGEST and piece["text"].endswith("。") for piece in pieces)


def test_nothing_of_orders_is_shown_in_a_group() -> None:
    picker = Choices("哪一笔？", (Offer("1", "耳机", order=OrderSummary("202611220001", "耳机")),))
    pieces = rendered(
        "qq_group",
        CardShown(ORDER),
        picker,
        Text("单号 SF1234567890123，电话 13800138000"),
        Text("7 天无理由退货"),
    )
    shown = "".join(piece["text"] for piece in pieces)
    assert "私聊" in shown
    assert "7 天无理由退货" in shown
    for secret in ("202611220001", "1234567890", "13800138000", "耳机"):
        assert secret not in shown
    assert "202611220001" in rendered("qq", CardShown(ORDER))[0]["text"]

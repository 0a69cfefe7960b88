"""公众号 over a simulated WeChat: what a shopper sees, and what the log says of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from desk_rules import CLOSED
from outside_end import AGENT, OutsideHouse, outside_house
from pictures_end import drawn
from wechat_platform import AES_KEY, APP_ID, SECRET, TOKEN, Shopper, WeChatPlatform

from bot.conversation.bodies import Choice, Choices, Image, Means, Offer, Rated, Reach, Text
from bot.conversation.commands import AgentNotes, AgentRecalls
from bot.conversation.events import Event, Kind, Role
from bot.conversation.state import Stage
from bot.desk.follower import Deskhand
from bot.errors import AlreadyOutError
from bot.log.board import Board
from bot.log.log import Log
from bot.settings import Settings

SITE_SECRET = "a-site-secret-of-more-than-32-characters"


@asynccontextmanager
async def wechat(
    redis: Any, log: Log, tmp_path: Path, *, encrypted: bool = False, answer_s: float = 4.2
) -> AsyncIterator[tuple[WeChatPlatform, OutsideHouse]]:
    platform = WeChatPlatform(encrypted=encrypted)
    api = TestServer(platform.app(), host="127.0.0.1")
    await api.start_server()
    settings = Settings(
        secret="our-own-secret-of-more-than-32-characters",
        site_secret=SITE_SECRET,
        site_origins="https://shop.example",
        wechat_app_id=APP_ID,
        wechat_secret=SECRET,
        wechat_token=TOKEN,
        wechat_aes_key=AES_KEY if encrypted else "",
        wechat_api=str(api.make_url("")),
        wechat_answer_s=answer_s,
        binding_page="https://shop.example/bind",
    )
    async with outside_house(redis, log, tmp_path, settings) as house:
        platform.ours = f"{house.url}/channels/wechat"
        try:
            yield platform, house
        finally:
            await api.close()


@pytest.fixture
async def both(redis: Any, log: Log, tmp_path: Path) -> AsyncIterator[tuple[WeChatPlatform, OutsideHouse]]:
    async with wechat(redis, log, tmp_path) as found:
        yield found


Both = tuple[WeChatPlatform, OutsideHouse]


async def handed_over(platform: WeChatPlatform, house: OutsideHouse) -> Shopper:
    """A shopper who asked for a human, and has one."""
    shopper = platform.shopper()
    await platform.says(shopper, "转人工")
    await house.settled()
    await house.agent_claims()
    await house.settled()
    return shopper


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_ready_bot_answers_the_push_itself(
    redis: Any, log: Log, tmp_path: Path, encrypted: bool
) -> None:
    async with wechat(redis, log, tmp_path, encrypted=encrypted) as (platform, house):
        shopper = platform.shopper()
        house.bot.says = lambda _: (Text("您好，包裹在路上。"), Text("还有别的问题吗？"))

        assert await platform.says(shopper, "我的快递到哪了") == "answer"

        assert shopper.sees == ["您好，包裹在路上。\n\n还有别的问题吗？"]
        assert [d.state for d in await house.settled()] == ["sent"]
        assert platform.sends == []
        assert shopper.left == 5  # answering the push costs nothing
        state = await house.log.state(await house.conversation())
        assert state.reach_left == 5


async def test_a_slow_bot_answers_by_customer_message_and_only_so(
    redis: Any, log: Log, tmp_path: Path
) -> None:
    async with wechat(redis, log, tmp_path, answer_s=0.3) as (platform, house):
        shopper = platform.shopper()
        house.bot.delay_s = 0.6

        assert await platform.says(shopper, "在吗") == "success"

        assert [(d.state, d.cost) for d in await house.settled()] == [("sent", 1)]
        assert shopper.sees == ["好的"]
        assert (await house.log.state(await house.conversation())).reach_left == 4 == shopper.left


async def test_three_pushes_at_once_are_one_message_with_one_answer(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    message = platform.message(shopper, "text", Content="在吗")
    platform._open(shopper, 5, 172_800)

    outcomes = await asyncio.gather(*(platform.push_once(shopper, message) for _ in range(3)))

    assert set(outcomes) <= {"answer", "success"}
    await house.settled()
    assert shopper.sees == ["好的"]
    said = [e for e in await house.events(Kind.SAID) if e.sender.role is Role.CUSTOMER]
    assert len(said) == 1


async def test_an_answer_that_nobody_heard_is_given_again_to_the_next_push(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    house.bot.delay_s = 0.5
    message = platform.message(shopper, "text", Content="在吗")
    platform._open(shopper, 5, 172_800)

    assert await platform.push_once(shopper, message, within_s=0.2) == "nothing"  # the platform hung up
    await asyncio.sleep(0.6)
    await platform.push_once(shopper, message)

    await house.settled()
    assert shopper.sees == ["好的"]
    assert len([e for e in await house.events(Kind.SAID) if e.sender.role is Role.BOT]) == 1


async def test_an_answer_that_nobody_ever_heard_is_sent_as_a_message(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.courier.passive._REPEATED_MS", 800)
    platform, house = both
    shopper = platform.shopper()
    house.bot.delay_s = 0.5
    message = platform.message(shopper, "text", Content="在吗")
    platform._open(shopper, 5, 172_800)

    assert await platform.push_once(shopper, message, within_s=0.2) == "nothing"

    assert [(d.state, d.cost) for d in await house.settled()] == [("sent", 1)]
    assert shopper.sees == ["好的"]


async def test_six_messages_of_an_agent_and_only_what_the_quota_allows_is_shown_as_sent(both: Both) -> None:
    platform, house = both
    shopper = await handed_over(platform, house)

    for n in range(6):
        await house.agent_says(f"第 {n} 句", f"r{n}")
        deliveries = await house.settled()

    sent = [d for d in deliveries if d.state == "sent"]
    failed = [d for d in deliveries if d.state == "failed"]
    assert sum(d.cost for d in sent) == 5 == len(platform.sends)
    assert len(failed) == 2
    assert "额度" in failed[0].reason
    assert shopper.left == 0
    await platform.says(shopper, "还在吗")  # a new message opens five more
    await house.agent_says("在的", "again")
    assert (await house.settled())[-1].state == "sent"


async def test_messages_share_one_when_few_are_left(both: Both) -> None:
    platform, house = both
    shopper = await handed_over(platform, house)
    for n in range(2):
        await house.agent_says(f"先说 {n}", f"a{n}")
        await house.settled()
    state = await house.log.state(await house.conversation())
    assert state.reach_left == 2

    for n in range(3):
        await house.agent_says(f"再说 {n}", f"b{n}")
    deliveries = await house.settled()

    assert shopper.sees[-1] == "再说 0\n\n再说 1\n\n再说 2"
    assert len(deliveries[-1].of) == 3
    assert (await house.log.state(await house.conversation())).reach_left == 1


@pytest.mark.parametrize(
    ("failure", "state", "shown"),
    [
        (45047, "failed", "45047"),
        (45015, "failed", "48 小时"),
        (48001, "failed", "客服消息"),
        (-1, "sent", ""),
        ("break", "unknown", "没有答复"),
        ("done_and_break", "unknown", "没有答复"),
        (40001, "sent", ""),
        (99999, "failed", "as the test says"),
    ],
)
async def test_the_agent_is_told_what_became_of_his_message(
    both: Both, failure: Any, state: str, shown: str
) -> None:
    platform, house = both
    shopper = await handed_over(platform, house)
    platform.fails = [failure]

    await house.agent_says("请稍等", "r1")
    delivered = (await house.settled())[-1]

    assert delivered.state == state
    assert shown in delivered.reason
    assert shopper.sees.count("请稍等") == (1 if state == "sent" or failure == "done_and_break" else 0)


async def test_a_refused_token_is_fetched_once_for_everybody(both: Both) -> None:
    platform, house = both
    shoppers = [platform.shopper(f"o-{n}") for n in range(4)]
    house.bot.says = lambda _: ()
    for shopper in shoppers:
        platform._open(shopper, 5, 172_800)
    api = house.parts.apis.wechat
    assert api is not None
    await api.token()
    platform.tokens.append(f"{APP_ID}|somebody else's program fetched one")

    outcomes = await asyncio.gather(
        *(
            api.send(
                "/cgi-bin/message/custom/send",
                {"touser": s.openid, "msgtype": "text", "text": {"content": "你好"}},
            )
            for s in shoppers
        )
    )

    assert [type(o).__name__ for o in outcomes] == ["Sent"] * 4
    assert platform.token_calls == 2


async def test_a_shopper_picks_by_number_by_word_and_from_the_menu(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    means = [Means(intent=name) for name in ("logistics_track", "order_status")]
    offered = Choices(
        "您想问的是？", (Offer("1", "查物流", means=means[0]), Offer("2", "查订单", means=means[1]))
    )

    def answers(event: Event) -> tuple[Any, ...]:
        return (Text(f"您选了{event.body.label}"),) if isinstance(event.body, Choice) else (offered,)

    house.bot.says = answers
    await platform.says(shopper, "你好")
    assert shopper.sees[-1] == "您想问的是？\n1. 查物流\n2. 查订单"
    for said, label in (("第二个", "查订单"), ("1", "查物流"), ("二", "查订单"), ("查物流", "查物流")):
        await house.settled()
        await platform.says(shopper, said)
        await house.settled()
        assert shopper.sees[-1] == f"您选了{label}"
        await platform.says(shopper, "你好")

    await house.settled()
    house.bot.delay_s = 0
    seq = (await house.events(Kind.SAID))[-1].seq
    await platform.says(shopper, "2. 查订单", bizmsgmenuid=f"{seq}:2")
    await house.settled()
    assert shopper.sees[-1] == "您选了查订单"


async def test_place_in_line_agent_and_rating_are_told_in_the_chat(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    await platform.says(shopper, "你好")
    house.places[await house.conversation()] = 3

    await platform.says(shopper, "转人工")
    assert "第 3 位" in shopper.sees[-1]
    house.places[await house.conversation()] = 1
    await platform.says(shopper, "排到第几了")
    assert "第 1 位" in shopper.sees[-1]
    await house.agent_claims()
    await house.settled()
    assert "小李" in shopper.sees[-1]
    await house.agent_closes()
    await house.settled()
    assert "1 到 5" in shopper.sees[-1]
    await platform.says(shopper, "5")

    [rated] = [e.body for e in await house.events(Kind.RATED)]
    assert rated == Rated(5)
    assert "感谢" in shopper.sees[-1]
    await platform.says(shopper, "5")  # no rating any more: just something said
    assert len(await house.events(Kind.RATED)) == 1


async def test_following_is_greeted_within_its_own_small_window(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()

    await platform.happens(shopper, "subscribe")

    await house.settled()
    assert "小二" in shopper.sees[0]
    [reach] = [e.body for e in await house.events(Kind.REACH)]
    assert reach == Reach(3, 60, "subscribe")
    assert await platform.happens(shopper, "unsubscribe") == "success"


async def test_a_menu_key_is_asked_and_a_minute_does_not_shorten_two_days(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    await platform.says(shopper, "你好")
    await house.settled()
    before = (await house.log.state(await house.conversation())).reach_until

    await platform.happens(shopper, "CLICK", "我的快递到哪了")

    said = [e.body for e in await house.events(Kind.SAID) if e.sender.role is Role.CUSTOMER]
    assert said[-1] == Text("我的快递到哪了")
    assert (await house.log.state(await house.conversation())).reach_until == before


@pytest.mark.parametrize(
    ("kind", "fields", "read"),
    [
        ("voice", {"MediaId": "m", "Format": "amr", "Recognition": "我的快递到哪了"}, "我的快递到哪了"),
        ("voice", {"MediaId": "m", "Format": "amr"}, "[语音消息]"),
        (
            "location",
            {"Location_X": "23.13", "Location_Y": "113.35", "Scale": "20", "Label": "广州天河"},
            "[位置] 广州天河",
        ),
        (
            "link",
            {"Title": "商品", "Description": "…", "Url": "https://shop.example/1"},
            "[链接] 商品 https://shop.example/1",
        ),
        ("shortvideo", {"MediaId": "m", "ThumbMediaId": "t"}, "[视频]"),
        ("image", {"PicUrl": "http://127.0.0.1:1/x.jpg", "MediaId": "m"}, "[图片]"),
    ],
)
async def test_every_kind_of_message_reaches_the_agents(
    both: Both, kind: str, fields: dict[str, str], read: str
) -> None:
    platform, house = both
    shopper = platform.shopper()

    await platform.pushes(shopper, platform.message(shopper, kind, **fields))

    said = [e.body for e in await house.events(Kind.SAID) if e.sender.role is Role.CUSTOMER]
    assert said == [Text(read)]


async def test_a_shoppers_picture_is_fetched_from_wechat_and_kept(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform, house = both
    # Its address is on this machine here, where pictures are never fetched from in life.
    monkeypatch.setattr("bot.channels.pictures._is_address", lambda _: False)
    monkeypatch.setattr("bot.channels.pictures.PublicOnly", lambda: None)
    shopper = platform.shopper()
    data = drawn("JPEG")
    name = platform.pictures.add(data)
    url = f"{house.parts.settings.wechat_api.rstrip('/')}/mmbiz/{name}"
    message = platform.message(shopper, "image", PicUrl=url, MediaId=name)
    platform._open(shopper, 5, 172_800)
    await asyncio.gather(*(platform.push_once(shopper, message) for _ in range(3)))
    await house.settled()

    [body] = [e.body for e in await house.events(Kind.SAID) if e.sender.role is Role.CUSTOMER]
    assert isinstance(body, Image)
    async with aiohttp.ClientSession() as session, session.get(house.url + body.url) as answer:
        assert (answer.status, await answer.read()) == (200, data)


async def test_what_the_platform_has_cannot_be_taken_back(both: Both) -> None:
    platform, house = both
    shopper = await handed_over(platform, house)
    seq = await house.agent_says("请稍等", "r1")
    await house.settled()

    now = await house.log.now()
    with pytest.raises(AlreadyOutError):
        await house.does(lambda _: AgentRecalls(AGENT, seq, AGENT.id, now, now))
    await house.parts.outbox.hold(await house.conversation(), "test", 3000)
    seq = await house.agent_says("说错了", "r2")
    await house.does(lambda _: AgentRecalls(AGENT, seq, AGENT.id, now, now))
    await house.parts.outbox.let_go(await house.conversation(), "test")
    await house.agent_says("是这样的", "r3")
    await house.settled()
    assert shopper.sees[-1] == "是这样的"
    assert "说错了" not in "".join(shopper.sees)


async def test_what_is_taken_back_before_it_sets_out_stays_here_though_it_was_packed(both: Both) -> None:
    platform, house = both
    shopper = await handed_over(platform, house)
    conversation = await house.conversation()
    from bot.courier.contract import Piece  # noqa: PLC0415
    from bot.courier.parcels import Parcel, encode_parcel  # noqa: PLC0415

    await house.parts.outbox.hold(conversation, "test", 3000)
    seq, next_seq = await house.agent_says("说错了", "r1"), await house.agent_says("是这样的", "r2")
    pieces = tuple(Piece({"msgtype": "text", "text": {"content": words}}) for words in ("说错了", "是这样的"))
    await house.parts.outbox.put(conversation, b"", encode_parcel(Parcel((seq, next_seq), pieces)), "test")
    now = await house.log.now()
    await house.does(lambda _: AgentRecalls(AGENT, seq, AGENT.id, now, now))
    await house.parts.outbox.let_go(conversation, "test")
    await house.settled()

    assert "说错了" not in "".join(shopper.sees)
    assert shopper.sees[-1] == "是这样的"


async def test_a_dead_courier_leaves_unknown_and_never_sends_twice(both: Both, redis: Any) -> None:
    platform, house = both
    shopper = await handed_over(platform, house)
    conversation = await house.conversation()
    # What a courier leaves that died between setting out and being answered.
    from bot.courier.contract import Piece  # noqa: PLC0415
    from bot.courier.parcels import Parcel, encode_parcel  # noqa: PLC0415

    await house.parts.outbox.hold(conversation, "test", 3000)
    seq = await house.agent_says("请稍等", "r1")
    parcel = Parcel((seq,), (Piece({"msgtype": "text", "text": {"content": "请稍等"}}),)).begins()
    await house.parts.outbox.put(conversation, b"", encode_parcel(parcel), "test")
    await house.parts.outbox.let_go(conversation, "test")

    delivered = (await house.settled())[-1]

    assert (delivered.of, delivered.state) == ((seq,), "unknown")
    assert "请稍等" not in shopper.sees


async def test_openids_stand_in_no_event_and_no_conversation_id(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper("oSECRETSECRETSECRET")
    await platform.says(shopper, "你好")
    await platform.happens(shopper, "CLICK", "菜单")
    await house.settled()

    for event in await house.events():
        assert "SECRETSECRET" not in repr(event)
    assert "secret" not in (await house.conversation())


async def test_what_is_forged_stale_or_malformed_is_refused(both: Both) -> None:
    platform, house = both
    shopper = platform.shopper()
    message = platform.message(shopper, "text", Content="在吗")
    body, query = platform.sealed(message)
    old = str(int(time.time()) - 3600)
    from weixin_cipher import sha1_of_sorted  # noqa: PLC0415

    stale = query | {"timestamp": old, "signature": sha1_of_sorted(TOKEN, old, query["nonce"])}
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>'
    xxe = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>'
    async with aiohttp.ClientSession() as session:

        async def status(data: bytes, params: dict[str, str]) -> int:
            async with session.post(platform.ours, params=params, data=data) as answer:
                return answer.status

        assert await status(body, query | {"signature": "0" * 40}) == 403
        assert await status(body, {}) == 403
        assert await status(body, stale) == 403
        assert await status(bomb, query) == 400
        assert await status(xxe, query) == 400
        assert await status(b"<xml>", query) == 400
        assert await status(b"\xff\xfe", query) == 400
        assert await status(b"<xml>" + b"x" * 70_000 + b"</xml>", query) in (400, 413)
    assert [name async for name in house.log.conversations()] == []


async def test_an_encrypted_account_takes_nothing_plain_and_nothing_of_others(
    redis: Any, log: Log, tmp_path: Path
) -> None:
    async with wechat(redis, log, tmp_path, encrypted=True) as (platform, house):
        shopper = platform.shopper()
        message = platform.message(shopper, "text", Content="在吗")
        body, query = platform.sealed(message)
        platform.encrypted = False
        plain, _ = platform.sealed(message)
        tampered = body.replace(b"<Encrypt>", b"<Encrypt>A")
        async with aiohttp.ClientSession() as session:
            for data, params in ((plain, query), (tampered, query), (body, query | {"msg_signature": ""})):
                async with session.post(platform.ours, params=params, data=data) as answer:
                    assert answer.status == 403
        assert [name async for name in house.log.conversations()] == []


async def test_the_address_proves_itself_to_the_platform(both: Both) -> None:
    platform, _ = both
    from weixin_cipher import sha1_of_sorted  # noqa: PLC0415

    now = str(int(time.time()))
    query = {"timestamp": now, "nonce": "1", "echostr": "4211"}
    good = query | {"signature": sha1_of_sorted(TOKEN, now, "1")}
    async with aiohttp.ClientSession() as session:
        async with session.get(platform.ours, params=good) as answer:
            assert (answer.status, await answer.text()) == (200, "4211")
        async with session.get(platform.ours, params=query | {"signature": "x"}) as answer:
            assert answer.status == 403


async def test_notes_between_agents_go_nowhere(both: Both) -> None:
    platform, house = both
    shopper = await handed_over(platform, house)
    seen = list(shopper.sees)

    await house.does(lambda _: AgentNotes("n1", AGENT, "这位是老顾客"))
    await asyncio.sleep(0.2)

    assert shopper.sees == seen
    assert (await house.log.state(await house.conversation())).stage is Stage.HUMAN


async def test_what_is_left_out_of_hours_is_answered_later_in_the_same_channel(
    both: Both, redis: Any
) -> None:
    platform, house = both
    night, shopper = Deskhand(house.log, Board(redis), CLOSED), platform.shopper()
    await platform.says(shopper, "转人工")
    await house.settled()
    await night.handle(await house.conversation(), 0)
    await house.settled()
    assert "请直接留言" in shopper.sees[-1]
    await platform.says(shopper, "杯子碎了，想换一个")
    await house.settled()
    await night.handle(await house.conversation(), 0)
    await house.settled()
    assert sum("请直接留言" in seen for seen in shopper.sees) == 1, "he is told once"

    await house.agent_claims()
    await house.agent_says("早上好，已为您安排补发。", "m1")
    assert (await house.settled())[-1].state == "sent"
    assert shopper.sees[-1] == "早上好，已为您安排补发。"

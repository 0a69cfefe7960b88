"""OneBot bridges come in, say what their accounts hear, and are asked to answer."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from gateway_end import SECRET as OUR_SECRET
from napcat import NapCat
from pictures_end import drawn

from bot.channels.binding import Bindings
from bot.channels.onebot import HttpBridges, OneBot, group_address, private_address
from bot.channels.onebot_door import PATH, OneBotDoor
from bot.channels.outside import Outside
from bot.channels.pictures import Pictures
from bot.conversation.bodies import Card, CardShown, Image, Text
from bot.conversation.events import BOT, Kind, Role
from bot.courier.contract import Failed, Label, Outcome, Sent, Told, Unknown
from bot.log.log import Log
from bot.log.outbox import Outbox
from bot.log.relay import Relay
from bot.settings import Settings

TOKEN = "a-bridge-token-of-some-length"
LABEL = Label("a" * 32, 5, 0)


class House:
    """Our door on a real socket, and the courier's side in another place that shares Redis only."""

    def __init__(self, log: Log, outside: Outside, redis: Any, session: aiohttp.ClientSession) -> None:
        self.log = log
        self.outside = outside
        self.session = session
        self.relay = Relay(redis)
        self.address = ""
        self.door: OneBotDoor

    @property
    def socket_address(self) -> str:
        return self.address.replace("http:", "ws:") + "/ws"

    def sender(self, *, group: bool = False, http: dict[str, str] | None = None) -> OneBot:
        bridges = HttpBridges(TOKEN, http or {})
        name: Any = "onebot_group" if group else "onebot"
        return OneBot(name, self.relay, self.session, bridges, "https://kf.example.com")

    async def answers(self, *bodies: Any, group: bool = False, account: str = "10001") -> list[Outcome]:
        sender = self.sender(group=group)
        address = group_address(account, "555", "20002") if group else private_address(account, "20002")
        told = tuple(Told(seq, BOT, body) for seq, body in enumerate(bodies, 5))
        return [await sender.send(address, piece, LABEL) for piece in sender.render(told)]

    async def said(self, who: str = "20002", group: str = "", account: str = "10001") -> list[Any]:
        address = group_address(account, group, who) if group else private_address(account, who)
        events = await self.log.events(self.outside.conversation_of(address))
        return [one.body for one in events if one.kind is Kind.SAID and one.sender.role is Role.CUSTOMER]

    async def hears(
        self, *expected: Any, who: str = "20002", group: str = "", account: str = "10001"
    ) -> None:
        """Waits until the customer has said this; then that he said nothing else."""
        for _ in range(3000):
            if len(await self.said(who, group, account)) >= len(expected):
                break
            await asyncio.sleep(0.02)
        assert await self.said(who, group, account) == list(expected)


@pytest.fixture
async def house(log: Log, redis: Any) -> AsyncIterator[House]:
    async def position(_: str) -> int | None:
        return None

    async def keep(data: bytes, kind: str) -> str:
        return "/media/1"

    outbox = Outbox(redis, log.partitions)
    bindings = Bindings(outbox, "demo", "a-site-secret-of-more-than-32-characters", "", None)
    outside = Outside(log, outbox, bindings, position, "demo", OUR_SECRET)
    settings = Settings(onebot_token=TOKEN, onebot_accounts="10001, 10002")
    async with aiohttp.ClientSession() as session:
        house = House(log, outside, redis, session)
        house.door = OneBotDoor(settings, outside, Pictures(keep, open_to_all=True), Relay(redis))
        app = web.Application()
        app.add_routes(house.door.routes())
        server = TestServer(app, host="127.0.0.1")
        await server.start_server()
        house.address = str(server.make_url(PATH))
        yield house
        await server.close()


@pytest.fixture
async def bridge(house: House) -> AsyncIterator[NapCat]:
    bridge = NapCat(10001, TOKEN)
    await bridge.connect(house.session, house.socket_address)
    await there(house, "10001")
    yield bridge
    await bridge.leave()


async def there(house: House, *accounts: str) -> None:
    for _ in range(6000):
        if set(accounts) <= {bridge.account for bridge in house.door.bridges.states()}:
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)


async def test_what_an_account_hears_in_private_is_said_and_answered(house: House, bridge: NapCat) -> None:
    await bridge.tells(bridge.hears(20002, "我的快递到哪了"))
    await house.hears(Text("我的快递到哪了"))
    assert [type(one) for one in await house.answers(Text("[请稍等] & 马上"))] == [Sent]
    assert bridge.said == [("private", "20002", [{"type": "text", "data": {"text": "[请稍等] & 马上"}}])]


async def test_a_message_told_again_counts_once(house: House, bridge: NapCat) -> None:
    frame = bridge.hears(20002, "在吗")
    for _ in range(3):
        await bridge.tells(frame)
    await bridge.tells(bridge.hears(20002, "还在吗"))
    await house.hears(Text("在吗"), Text("还在吗"))


async def test_messages_stay_in_their_order(house: House, bridge: NapCat) -> None:
    for n in range(8):
        await bridge.tells(bridge.hears(20002, f"第{n}句话"))
    await house.hears(*(Text(f"第{n}句话") for n in range(8)))


async def test_in_a_group_only_who_calls_the_account_is_heard_and_he_is_answered_by_name(
    house: House, bridge: NapCat
) -> None:
    called = [{"type": "at", "data": {"qq": "10001"}}, {"type": "text", "data": {"text": " 有货吗"}}]
    await bridge.tells(bridge.hears(20002, "大家好", group=555))
    await bridge.tells(bridge.hears(20002, called, group=555))
    await house.hears(Text("有货吗"), group="555")
    card = CardShown(Card("order", "订单 202611220001"))
    await house.answers(Text("有的"), card, group=True)
    kind, target, message = bridge.said[0]
    assert (kind, target, message[0]) == ("group", "555", {"type": "at", "data": {"qq": "20002"}})
    assert "有的" in bridge.texts()[0]
    assert "202611220001" not in bridge.texts()[0]
    assert "私聊" in bridge.texts()[0]


async def test_several_accounts_have_bridges_of_their_own(house: House, bridge: NapCat) -> None:
    second = NapCat(10002, TOKEN)
    second.as_text = True
    await second.connect(house.session, house.socket_address)
    await there(house, "10001", "10002")
    await second.tells(second.hears(20002, "你好&#91;"))
    await house.hears(Text("你好["), account="10002")
    await house.answers(Text("甲"), account="10001")
    await house.answers(Text("乙"), account="10002")
    assert (bridge.texts(), second.texts()) == (["甲"], ["乙"])
    await second.leave()


async def test_an_api_socket_and_an_event_socket_do_as_well(house: House) -> None:
    api, events = NapCat(10002, TOKEN), NapCat(10002, TOKEN)
    await api.connect(house.session, house.socket_address + "/api", "API")
    await events.connect(house.session, house.socket_address + "/event", "Event")
    await there(house, "10002")
    await events.tells(events.hears(20002, "在吗"))
    await house.hears(Text("在吗"), account="10002")
    assert [type(one) for one in await house.answers(Text("在的"), account="10002")] == [Sent]
    assert api.texts() == ["在的"]
    await api.leave()
    await events.leave()


async def test_a_bridge_that_is_not_there_costs_nothing_and_is_tried_again(house: House) -> None:
    began = time.monotonic()
    (outcome,) = await house.answers(Text("在的"))
    assert isinstance(outcome, Failed)
    assert outcome.retryable
    assert "NapCat" in outcome.reason
    assert time.monotonic() - began < 30


async def test_a_bridge_that_does_and_says_nothing_leaves_the_outcome_unknown(
    house: House, bridge: NapCat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.onebot_door._CALL_S", 0.3)
    bridge.silent = True
    (outcome,) = await house.answers(Text("在的"))
    assert isinstance(outcome, Unknown)
    assert bridge.texts() == ["在的"]


async def test_a_bridge_that_breaks_off_after_sending_leaves_the_outcome_unknown(
    house: House, bridge: NapCat
) -> None:
    bridge.cut_after_doing = True
    (outcome,) = await house.answers(Text("在的"))
    assert isinstance(outcome, Unknown)
    assert bridge.texts() == ["在的"]


async def test_a_refusal_is_told_in_the_bridge_s_words(house: House, bridge: NapCat) -> None:
    bridge.retcode = 1200
    (outcome,) = await house.answers(Text("在的"))
    assert isinstance(outcome, Failed)
    assert not outcome.retryable
    assert "风控" in outcome.reason
    assert "消息发送失败" in outcome.reason


async def test_a_picture_goes_out_by_its_address(house: House, bridge: NapCat) -> None:
    await house.answers(Image("/media/7", "发票"))
    picture = {"type": "image", "data": {"file": "https://kf.example.com/media/7"}}
    assert bridge.said[0][2] == [{"type": "text", "data": {"text": "发票"}}, picture]


@pytest.mark.parametrize("as_text", [False, True])
async def test_a_shopper_s_picture_is_fetched_and_kept_beside_his_words(
    house: House, bridge: NapCat, as_text: bool
) -> None:
    async def picture(_: web.Request) -> web.Response:
        return web.Response(body=drawn("PNG"), content_type="image/png")

    app = web.Application()
    app.add_routes([web.get("/a.png", picture)])
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    url = str(server.make_url("/a.png"))
    words, shown = (
        {"type": "text", "data": {"text": "裂了"}},
        {"type": "image", "data": {"file": "a", "url": url}},
    )
    said = f"裂了[CQ:image,file=a,url={url}]" if as_text else [words, shown]
    bridge.as_text = as_text
    await bridge.tells(bridge.hears(20002, said))
    await house.hears(Image("/media/1", "裂了"))
    await server.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": ""},
        {"X_Self_ID": "10003"},
        {"X_Self_ID": "x"},
        {"X_Client_Role": "Root"},
    ],
)
async def test_a_stranger_s_bridge_is_not_let_in(house: House, headers: dict[str, str]) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await NapCat(10001, TOKEN).connect(house.session, house.socket_address, **headers)
    assert refused.value.status in (400, 401)


async def test_a_bridge_speaks_for_its_own_account_only(house: House, bridge: NapCat) -> None:
    await bridge.tells(bridge.hears(20002, "假的") | {"self_id": 10002})
    await bridge.tells(bridge.hears(20002, "真的"))
    await house.hears(Text("真的"))
    assert await house.said(account="10002") == []


async def test_rubbish_on_the_socket_does_not_end_it(house: House, bridge: NapCat) -> None:
    assert bridge._socket is not None
    for rubbish in ("", "null", "[[", '{"post_type":"message"}', '{"status":"ok"}'):
        await bridge._socket.send_str(rubbish)
    await bridge.tells(bridge.hears(20002, "在吗"))
    await house.hears(Text("在吗"))


async def test_events_may_come_by_signed_post_once_each(house: House) -> None:
    bridge = NapCat(10001, TOKEN)
    frame = bridge.hears(20002, "在吗")
    answers = await asyncio.gather(*(bridge.posts(house.session, house.address, frame) for _ in range(3)))
    assert [status for status, _ in answers] == [204] * 3
    await house.hears(Text("在吗"))


@pytest.mark.parametrize(
    ("changes", "headers", "status"),
    [
        ({}, {"X_Signature": ""}, 401),
        ({}, {"X_Signature": "sha1=" + "0" * 40}, 401),
        ({}, {"X_Self_ID": "10009"}, 401),
        ({"time": int(time.time()) - 400}, {}, 401),
        ({"self_id": 10002}, {}, 401),
        ({"user_id": "x"}, {}, 400),
    ],
)
async def test_a_post_that_is_unsigned_tampered_or_stale_is_refused(
    house: House, changes: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    bridge = NapCat(10001, TOKEN)
    frame = bridge.hears(20002, "退款") | changes
    assert (await bridge.posts(house.session, house.address, frame, **headers))[0] == status
    assert await house.said() == []


async def test_what_can_not_be_written_yet_is_tried_again_since_a_bridge_tells_nothing_twice(
    house: House, bridge: NapCat, redis_server: Any
) -> None:
    redis_server.kill()
    await bridge.tells(bridge.hears(20002, "在吗"))
    await asyncio.sleep(0.3)
    redis_server.start()
    for _ in range(600):
        if await house.said():
            break
        await asyncio.sleep(0.1)
    await house.hears(Text("在吗"))


async def test_a_bridge_with_an_http_api_is_asked_there(house: House) -> None:
    bridge = NapCat(10002, TOKEN)

    async def obey(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        asked = {"action": request.match_info["action"], "params": await request.json()}
        return web.json_response(bridge._do(asked))

    app = web.Application()
    app.add_routes([web.post("/{action}", obey)])
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    http = {"10002": str(server.make_url("/")).rstrip("/")}
    sender = house.sender(http=http)
    (piece,) = sender.render((Told(5, BOT, Text("在的")),))
    assert isinstance(await sender.send(private_address("10002", "20002"), piece, LABEL), Sent)
    assert bridge.texts() == ["在的"]
    await server.close()
    gone = await sender.send(private_address("10002", "20002"), piece, LABEL)
    assert isinstance(gone, Failed)
    assert gone.retryable

"""Too much: refused before it is accepted, one customer's flood is his own, a slow reader is cut alone."""

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from gateway_end import SHOP, Gateway, identity
from sleeper import Sleeper

from bot.channels import shopper_socket
from bot.channels.callers import Callers
from bot.conversation import commands
from bot.conversation.bodies import Text
from bot.conversation.events import Role, Sender
from bot.log import backlog as backlog_room, keys
from bot.log.backlog import Backlog
from bot.log.log import Log

WANG = Sender(Role.AGENT, "a-1", "小王")


async def test_what_the_bot_could_not_answer_in_time_is_refused_with_a_hint(
    gateway: Gateway, log: Log
) -> None:
    widget = await gateway.widget()
    conversation = (await widget.hello())["conversation"]
    gateway.channel.backlog.limit = 0

    await widget.says("在吗", "1")
    refused = await widget.hears("err")

    assert (refused["code"], refused["cid"], refused["retry"]) == ("overloaded", "1", True)
    assert refused["after_s"] > 0
    assert (await log.state(conversation)).seq == 0


async def test_a_rush_is_counted_while_it_comes_and_a_quiet_hour_is_left_alone(
    redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog_room, "_QUIET_S", 1000)
    backlog = Backlog(redis, partitions=2)
    watching = asyncio.create_task(backlog.run())
    await asyncio.sleep(0.6)
    before = await _looks(redis)
    await asyncio.sleep(0.6)
    assert before > 0
    assert await _looks(redis) == before

    for n in range(200):
        await redis.zadd(keys.owed(n % 2), {f"x{n}": 1})
        backlog.note()
    async with asyncio.timeout(60):
        while await _looks(redis) == before:  # noqa: ASYNC110 - Redis counts them, and tells nobody
            await asyncio.sleep(0.02)
    watching.cancel()
    await asyncio.wait({watching})


async def _looks(redis: Any) -> int:
    told = await redis.info("commandstats")
    return int(told.get("cmdstat_zcard", {"calls": 0})["calls"])


async def test_a_human_is_never_too_much_to_ask_for(gateway: Gateway) -> None:
    gateway.channel.backlog.limit = 0
    asks, presses = await gateway.widget(), await gateway.widget()
    await asks.hello()
    await presses.hello()

    await asks.says("转人工", "1")
    await presses.send({"t": "send", "cid": "1", "kind": "human", "body": {}})

    assert (await asks.hears("ev"))["cid"] == "1"
    assert (await presses.hears("ev"))["cid"] == "1"


async def test_who_waits_for_a_human_is_not_refused_for_the_bots_sake(gateway: Gateway) -> None:
    widget = await gateway.widget()
    await widget.hello()
    await widget.says("转人工", "1")
    while (await widget.hears("status"))["status"]["stage"] != "waiting":
        pass
    gateway.channel.backlog.limit = 0

    await widget.says("我的包裹湿了", "2")

    assert (await widget.hears("ev"))["cid"] == "2"


async def test_in_a_rush_nobody_has_two_messages_waiting_before_others_have_one(gateway: Gateway) -> None:
    greedy, modest = await gateway.widget(), await gateway.widget()
    await greedy.hello(identity=identity("c1"))
    await modest.hello(identity=identity("c2"))
    await greedy.says("在吗", "1")
    assert (await greedy.hears("ev"))["cid"] == "1"
    gateway.channel.backlog.limit = 2

    await greedy.says("在吗在吗", "2")
    await modest.says("在吗", "1")

    assert (await greedy.hears("err"))["code"] == "overloaded"
    assert (await modest.hears("ev"))["cid"] == "1"


async def test_one_shoppers_flood_is_his_own(gateway: Gateway) -> None:
    flooder, other = await gateway.widget(), await gateway.widget()
    await flooder.hello(identity=identity("c1"))
    await other.hello(identity=identity("c2"))
    for n in range(200):
        await flooder.says("在吗", str(n))

    await other.says("在吗", "1")
    answers = [await flooder.next() for _ in range(200)]

    assert (await other.hears("ev"))["cid"] == "1"
    refused = [frame for frame in answers if frame["t"] == "err"]
    assert len(refused) >= 170
    assert {(frame["code"], frame["retry"]) for frame in refused} == {("too_fast", True)}
    assert all(frame["after_s"] > 0 for frame in refused)


async def test_the_backlogs_limit_follows_how_fast_the_bot_answers(redis: Any, log: Log) -> None:
    backlog = Backlog(redis, log.partitions)
    first = backlog.limit
    for _ in range(40):
        backlog.learn(owed=300, late=100)
    assert backlog.limit == 32
    for _ in range(400):
        backlog.learn(owed=backlog.limit, late=0)
    assert backlog.limit > 10 * first
    kept = backlog.limit
    backlog.learn(owed=kept // 4, late=8)
    assert backlog.limit == kept, "a few who wait for a slow shop say nothing about the others"


async def test_the_backlog_is_what_the_log_owes(redis: Any, log: Log) -> None:
    backlog = Backlog(redis, log.partitions, patience_s=0)
    looking = asyncio.create_task(backlog.run())
    for n in range(40):
        said = commands.CustomerSays("c:1", "web", "demo", None, Text("在吗"))
        await log.commit(f"x{n}", said)
    async with asyncio.timeout(60):
        while not backlog.is_full():  # noqa: ASYNC110 - what is waited for lies in Redis
            await asyncio.sleep(0.02)
    for n in range(40):
        state = await log.state(f"x{n}")
        await log.commit(f"x{n}", commands.BotFails(state.last_customer_seq, "brain_unavailable"))
    async with asyncio.timeout(60):
        while backlog.is_full():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    looking.cancel()
    await asyncio.wait({looking})


async def test_a_shopper_who_does_not_read_is_cut_and_nobody_else(
    gateway: Gateway, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopper_socket, "_SLOW_S", 0.5)
    reader = await gateway.widget()
    conversation = (await reader.hello(identity=identity("c1")))["conversation"]
    url = gateway.server.make_url("/")
    sleeper = Sleeper(str(url.host), int(url.port or 0), SHOP)
    await sleeper.hello(identity("c1"))
    await reader.says("转人工", "1")
    await reader.hears("ev")
    await log.commit(conversation, commands.AgentClaims(WANG, 1))

    async def reads() -> None:
        said = 0
        while said < 400:
            said += (await reader.hears("ev"))["ev"]["kind"] == "said"

    reading = asyncio.create_task(reads())
    for n in range(400):
        reply = commands.AgentReplies(f"a:{n}", WANG, 2, Text("长" * 2000))
        await log.commit(conversation, reply)
    async with asyncio.timeout(60):
        await reading
    async with asyncio.timeout(60):
        while len(gateway.channel._sockets[conversation]) > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    await reader.says("收到了", "2")
    while (await reader.hears("ev")).get("cid") != "2":
        pass
    sleeper.close()


def test_connections_are_counted_where_the_caller_can_not_choose_his_name() -> None:
    def request(forwarded: str = "") -> Any:
        return make_mocked_request(
            "GET", "/ws/chat", headers={"X-Forwarded-For": forwarded} if forwarded else {}
        )

    behind_one = Callers(proxies=1, most=3, most_from_one_place=2)
    places = [behind_one.enter(request(f"10.0.0.{n}, 203.0.113.9")) for n in range(3)]
    assert places == ["203.0.113.9", "203.0.113.9", None]
    assert behind_one.enter(request("203.0.113.7")) == "203.0.113.7"
    assert behind_one.enter(request("203.0.113.8")) is None, "the gateway is full"
    behind_one.leave("203.0.113.9")
    assert behind_one.enter(request("2001:db8:1:2:3:4:5:6")) == "2001:0db8:0001:0002"

    alone = Callers(most_from_one_place=1)
    assert [alone.enter(request("203.0.113.9")) for _ in range(3)] == ["", "", ""]

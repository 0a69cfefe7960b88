"""The agents' live line."""

import asyncio
from typing import Any

from bot.conversation.events import Role, Sender
from bot.log.murmurs import Murmur, Typing


async def test_every_open_console_hears_of_changes_and_counts(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    lines = [await wang.connects(), await li.connects()]
    epoch = await desk.customer_waits("x1")
    for line in lines:
        assert (await line.hears("summary"))["summary"]["position"] == 1
        assert (await line.hears("counts"))["counts"] == {"mine": 0, "line": 1, "all": 1}

    await wang.does("claim", "x1", epoch=epoch)
    assert (await lines[0].hears("counts"))["counts"] == {"mine": 1, "line": 0, "all": 1}
    assert (await lines[1].hears("counts"))["counts"] == {"mine": 0, "line": 0, "all": 1}


async def test_a_watched_conversation_arrives_whole_and_in_order(desk: Any) -> None:
    wang = await desk.agent("wang")
    for n in range(5):
        await desk.customer_says("x1", f"第 {n} 句")
    line = await wang.connects()
    await line.says("watch", conversation="x1", after=2)
    for n in range(5, 10):
        await desk.customer_says("x1", f"第 {n} 句")

    seqs = [(await line.hears("ev"))["ev"]["seq"] for _ in range(9)]

    assert seqs == list(range(3, 12))


async def test_a_reconnected_console_goes_on_from_what_it_holds(desk: Any) -> None:
    wang = await desk.agent("wang")
    await desk.customer_says("x1", "一")
    line = await wang.connects()
    await line.says("watch", conversation="x1", after=0)
    held = [(await line.hears("ev"))["ev"]["seq"] for _ in range(2)]
    await line.ws.close()
    await desk.customer_says("x1", "二")

    again = await wang.connects()
    await again.says("watch", conversation="x1", after=held[-1])
    assert (await again.hears("ev"))["ev"]["body"]["text"] == "二"


async def test_nothing_is_heard_of_a_conversation_that_is_not_watched(desk: Any) -> None:
    wang = await desk.agent("wang")
    line = await wang.connects()
    await line.says("watch", conversation="x1", after=0)
    await line.says("unwatch", conversation="x1")
    await line.says("ping")
    await line.hears("pong")
    await desk.customer_says("x1", "在吗")
    await line.hears("summary")
    assert not [frame for frame in line.heard if frame["t"] == "ev"]


async def test_typing_is_told_between_the_customer_and_the_agent_who_answers(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    line, other = await wang.connects(), await li.connects()
    epoch = await desk.customer_waits("x1")
    await wang.does("claim", "x1", epoch=epoch)
    heard: list[Murmur] = []
    desk.parts.murmurs.listen("x1", heard.append)
    await line.says("watch", conversation="x1", after=0)
    await line.hears("ev")

    await desk.parts.murmurs.typing("x1", Sender(Role.CUSTOMER, "c1", "林小雨"))
    assert (await line.hears("typing", conversation="x1"))["from"]["role"] == "customer"
    await other.says("typing", conversation="x1")
    await line.says("typing", conversation="x1")
    async with asyncio.timeout(60):
        while len(heard) < 2:  # noqa: ASYNC110 - Redis has no event
            await asyncio.sleep(0.01)
    await other.says("ping")
    await other.hears("pong")
    assert [one.who.id for one in heard if isinstance(one, Typing)] == ["c1", wang.id]

    # A note is written among colleagues: whoever looks hears of it, and the customer's page is told apart.
    await other.says("typing", conversation="x1", note=True)
    assert (await line.hears("typing", conversation="x1"))["from"]["id"] == li.id
    assert heard[-1] == Typing(Sender(Role.AGENT, li.id, "客服li"), aside=True)


async def test_only_who_answers_marks_as_read_and_sees_how_far_the_customer_has_read(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    line, other = await wang.connects(), await li.connects()
    epoch = await desk.customer_waits("x1")
    await wang.does("claim", "x1", epoch=epoch)
    await desk.parts.murmurs.read("x1", Role.CUSTOMER, 2)
    await line.says("watch", conversation="x1", after=0)
    assert (await line.hears("read", conversation="x1"))["seq"] == 2
    await desk.parts.murmurs.read("x1", Role.CUSTOMER, 3)
    while (await line.hears("read", conversation="x1"))["seq"] != 3:
        pass

    await other.says("read", conversation="x1", seq=4)
    await line.says("read", conversation="x1", seq=3)
    for one in (other, line):
        await one.says("ping")
        await one.hears("pong")
    assert await desk.parts.murmurs.has_read("x1", Role.AGENT) == 3


async def test_an_open_console_is_present_and_bad_frames_close_it(desk: Any) -> None:
    wang = await desk.agent("wang")
    before = await desk.log.now()
    line = await wang.connects()
    assert (await desk.board.presences())[wang.id].seen >= before
    await line.ws.send_str('{"t":"watch"}')
    async with asyncio.timeout(60):
        while not line.ws.closed:
            await line.ws.receive()
    assert line.ws.close_code == 4400


async def test_a_console_that_does_not_read_is_cut_and_others_go_on(desk: Any) -> None:
    slow, quick = await desk.agent("slow"), await desk.agent("quick")
    stuck = await slow.connects()
    line = await quick.connects()
    hub = next(value for key, value in desk._server.app.items() if key._name.endswith("console_hub"))
    socket = next(one for one in hub._sockets if one.agent.id == slow.id)

    stuck.ws._conn.protocol.transport.pause_reading()
    for n in range(4000):
        socket.send({"t": "summary", "summary": {"id": "filler", "text": "x" * 4000, "n": n}})
        if n % 50 == 0:
            await asyncio.sleep(0)

    async with asyncio.timeout(60):
        while socket in hub._sockets:  # noqa: ASYNC110 - the hub has no event
            await asyncio.sleep(0.02)
    await line.says("ping")
    await line.hears("pong")
    stuck.ws._conn.protocol.transport.abort()


async def test_a_signed_out_agent_loses_his_socket(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("bot.console.socket.TOUCH_S", 0.1)
    wang = await desk.agent("wang")
    line = await wang.connects()
    await wang.posts("sign-out")
    async with asyncio.timeout(60):
        while not line.ws.closed:
            await line.ws.receive()
    assert line.ws.close_code == 4401

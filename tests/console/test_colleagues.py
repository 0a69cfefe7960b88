"""What agents notice of each other: who looks at the same conversation, whom a note calls."""

from typing import Any


async def test_agents_see_who_else_looks_until_he_turns_away_or_leaves(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    await desk.customer_waits("x1")
    one, other = await wang.connects(), await li.connects()
    await one.says("look", conversation="x1")
    assert (await one.hears("looking"))["names"] == []
    await other.says("look", conversation="x1")
    assert (await other.hears("looking"))["names"] == ["客服wang"]
    assert (await one.hears("looking"))["names"] == ["客服li"]

    await other.says("look", conversation="")
    assert (await one.hears("looking"))["names"] == []
    await other.says("look", conversation="x1")
    assert (await one.hears("looking"))["names"] == ["客服li"]
    assert await other.ws.close()
    assert (await one.hears("looking"))["names"] == []


async def test_a_note_tells_the_colleague_whom_it_calls_and_nobody_else(desk: Any) -> None:
    wang, li, boss = await desk.agent("wang"), await desk.agent("li"), await desk.agent("boss", "supervisor")
    await desk.customer_waits("x1")
    lines = await li.connects(), await boss.connects()
    _, noted = await wang.does("note", "x1", cid="1", text="@客服li 看一下", to=[li.id])

    called = await lines[0].hears("called")
    seq = noted["event"]["seq"]
    assert called == {"t": "called", "conversation": "x1", "seq": seq, "by": "客服wang"}
    await lines[1].says("ping")
    await lines[1].hears("pong")
    assert "called" not in {frame["t"] for frame in lines[1].heard}

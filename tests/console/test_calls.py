"""What agents do with conversations, and what they see of them."""

import asyncio
from typing import Any

from bot.archive.older import OlderEvents
from bot.conversation.events import SHOPPER_SEES, shopper_wire
from bot.log import keys
from bot.log.log import Log


async def test_agent_sees_the_line_claims_answers_and_closes(desk: Any) -> None:
    wang = await desk.agent("wang")
    epoch = await desk.customer_waits("x1")

    _, listed = await wang.gets("conversations?tab=line")
    assert [(one["id"], one["position"], one["reason"]) for one in listed["conversations"]] == [
        ("x1", 1, "asked")
    ]
    assert listed["counts"] == {"mine": 0, "line": 1, "all": 1}

    status, claimed = await wang.does("claim", "x1", epoch=epoch)
    assert (status, claimed["summary"]["owner"], claimed["summary"]["stage"]) == (200, wang.id, "human")
    epoch = claimed["summary"]["epoch"]
    body = {"type": "text", "text": "您好，我来帮您查。"}
    status, replied = await wang.does("reply", "x1", cid="1", epoch=epoch, body=body)
    assert (status, replied["event"]["body"]) == (200, body)
    assert replied["event"]["from"] == {"role": "agent", "id": wang.id, "name": "客服wang"}

    await desk.seen("x1")
    _, listed = await wang.gets("conversations?tab=mine")
    assert [one["id"] for one in listed["conversations"]] == ["x1"]
    assert listed["counts"] == {"mine": 1, "line": 0, "all": 1}

    status, closed = await wang.does("close", "x1", epoch=epoch)
    assert (status, closed["summary"]["stage"]) == (200, "closed")
    await desk.customer_says("x1", "还有个问题")
    assert (await desk.log.state("x1")).stage == "bot"


async def test_of_two_agents_who_claim_at_once_one_is_first(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    for n in range(5):
        epoch = await desk.customer_waits(f"x{n}")
        answers = await asyncio.gather(
            wang.does("claim", f"x{n}", epoch=epoch), li.does("claim", f"x{n}", epoch=epoch)
        )
        assert sorted(status for status, _ in answers) == [200, 409]
        late = next(answer for status, answer in answers if status == 409)
        owner = (await desk.log.state(f"x{n}")).owner
        assert late["error"]["code"] == "stale"
        assert late["error"]["state"]["owner"] == owner
        claims = [event for event in await desk.log.events(f"x{n}") if event.kind == "claimed"]
        assert len(claims) == 1


async def test_a_reply_that_is_sent_twice_is_said_once(desk: Any) -> None:
    wang = await desk.agent("wang")
    epoch = await desk.customer_waits("x1")
    await wang.does("claim", "x1", epoch=epoch)
    call = {"cid": "7", "epoch": epoch + 1, "body": {"type": "text", "text": "您好"}}

    answers = await asyncio.gather(*(wang.does("reply", "x1", **call) for _ in range(4)))
    await wang.does("close", "x1", epoch=epoch + 1)
    answers.append(await wang.does("reply", "x1", **call))

    assert {status for status, _ in answers} == {200}
    assert len({answer["event"]["seq"] for _, answer in answers}) == 1


async def test_an_agent_who_lost_the_conversation_can_not_answer_in_it(desk: Any) -> None:
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    epoch = await desk.customer_waits("x1")
    await wang.does("claim", "x1", epoch=epoch)
    await boss.does("take", "x1", epoch=epoch + 1)

    body = {"type": "text", "text": "我还在吗"}
    status, answer = await wang.does("reply", "x1", cid="1", epoch=epoch + 1, body=body)
    assert (status, answer["error"]["code"]) == (409, "not_owner")
    assert answer["error"]["state"]["owner"] == boss.id


async def test_transfer_goes_to_a_colleague_with_its_note(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    epoch = await desk.customer_waits("x1")
    await wang.does("claim", "x1", epoch=epoch)

    assert (await wang.does("transfer", "x1", epoch=epoch + 1, to="nobody", note=""))[0] == 404
    assert (await wang.does("transfer", "x1", epoch=epoch + 1, to=wang.id, note=""))[0] == 400
    status, passed = await wang.does("transfer", "x1", epoch=epoch + 1, to=li.id, note="已核实订单")
    assert (status, passed["summary"]["owner_name"]) == (200, "客服li")

    _, opened = await li.gets("conversations/x1")
    assert opened["events"][-1]["body"] == {
        "from": wang.id,
        "to": li.id,
        "name": "客服li",
        "note": "已核实订单",
    }


async def test_putting_back_gives_the_customer_his_place_at_the_head(desk: Any) -> None:
    wang = await desk.agent("wang")
    epoch = await desk.customer_waits("x1", level="普通")
    await desk.customer_waits("x2")
    waited = (await desk.log.state("x1")).waiting_since
    await wang.does("claim", "x1", epoch=epoch)
    status, back = await wang.does("release", "x1", epoch=epoch + 1)
    await desk.seen("x1")
    _, listed = await wang.gets("conversations?tab=line")
    assert (status, back["summary"]["waiting_since"]) == (200, waited)
    assert [one["id"] for one in listed["conversations"]] == ["x1", "x2"]


async def test_private_notes_never_reach_the_shopper(desk: Any) -> None:
    wang = await desk.agent("wang")
    epoch = await desk.customer_waits("x1")
    await wang.does("claim", "x1", epoch=epoch)
    status, noted = await wang.does("note", "x1", cid="1", text="这位客户上周投诉过")
    assert (status, noted["event"]["kind"]) == (200, "noted")

    events = await desk.log.events("x1")
    seen = [shopper_wire(event) for event in events if event.kind in SHOPPER_SEES]
    assert "noted" in {event.kind for event in events}
    assert "投诉过" not in repr(seen)
    assert wang.id not in repr(seen)


async def test_an_unknown_conversation_is_not_found(desk: Any) -> None:
    wang = await desk.agent("wang")
    assert (await wang.gets("conversations/none"))[0] == 404
    assert (await wang.gets("conversations/none/events"))[0] == 404
    assert (await wang.does("claim", "none", epoch=0))[0] == 404
    assert (await wang.does("note", "none", cid="1", text="?"))[0] == 404


async def test_older_events_come_page_by_page(desk: Any) -> None:
    wang = await desk.agent("wang")
    for n in range(12):
        await desk.customer_says("x1", f"第 {n} 句")
    _, opened = await wang.gets("conversations/x1")
    assert [event["seq"] for event in opened["events"]] == list(range(1, 14))
    assert opened["more"] is False
    _, page = await wang.gets("conversations/x1/events?before=10&limit=4")
    assert ([event["seq"] for event in page["events"]], page["more"]) == ([6, 7, 8, 9], True)
    _, page = await wang.gets("conversations/x1/events?before=4&limit=4")
    assert ([event["seq"] for event in page["events"]], page["more"]) == ([1, 2, 3], False)
    assert (await wang.gets("conversations/x1/events?before=x"))[0] == 400


async def test_all_conversations_are_paged_and_searched(desk: Any) -> None:
    wang = await desk.agent("wang")
    for n in range(53):
        await desk.customer_says(f"x{n}", "发票怎么开" if n == 7 else "在吗", id=f"c{n}")
    await asyncio.gather(*(desk.seen(f"x{n}") for n in range(53)))
    _, first = await wang.gets("conversations?tab=all")
    _, rest = await wang.gets(f"conversations?tab=all&after={first['next']}")
    names = [one["id"] for one in first["conversations"] + rest["conversations"]]
    assert len(first["conversations"]) >= 50  # those of one millisecond stay together
    assert rest["next"] is None
    assert sorted(names) == sorted(f"x{n}" for n in range(53))

    async with asyncio.timeout(60):
        while await desk.parts.store.archived("x7") == 0:  # noqa: ASYNC110 - SQL has no event
            await asyncio.sleep(0.02)
    _, found = await wang.gets("conversations?tab=all&q=发票")
    assert [one["id"] for one in found["conversations"]] == ["x7"]
    assert (await wang.gets("conversations?tab=all&after=%27"))[0] == 400
    assert (await wang.gets("conversations?tab=other"))[0] == 400


async def test_agents_see_who_is_there_and_how_busy(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    line = await li.connects()
    await li.posts("presence", presence="busy")
    epoch = await desk.customer_waits("x1")
    await li.does("claim", "x1", epoch=epoch)
    await desk.seen("x1")

    _, listed = await wang.gets("agents")

    rows = {row["name"]: row for row in listed["agents"]}
    assert (rows["li"]["presence"], rows["li"]["load"], rows["li"]["capacity"]) == ("busy", 1, 50)
    assert (rows["wang"]["presence"], rows["wang"]["load"]) == ("offline", 0)
    await line.ws.close()


async def test_agent_finds_a_conversation_that_left_the_log_long_ago(desk: Any, log: Log) -> None:
    wang = await desk.agent("wang")
    await desk.customer_says("x1", "我的蓝色雨衣到哪了")
    state, events = await log.state("x1"), await log.events("x1")
    await desk.parts.store.write(state, events)
    names = keys.conversation(log.partition_of("x1"), "x1")
    await log.redis.delete(*(names[part] for part in ("events", "state", "ids")))
    log.older = OlderEvents(desk.parts.store)

    _, listed = await wang.gets("conversations?tab=all&q=蓝色雨衣")
    _, opened = await wang.gets("conversations/x1")

    assert [one["id"] for one in listed["conversations"]] == ["x1"]
    assert [event["seq"] for event in opened["events"]] == [1, 2]
    assert opened["summary"]["seq"] == 2

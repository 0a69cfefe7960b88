"""Tickets: who is responsible, what the customer hears, what happens when a deadline passes."""

import asyncio
from typing import Any

from desk_rules import RULES

from bot.conversation.events import Kind, Role
from bot.desk.ticket_terms import TicketClock

HOUR_MS = 3_600_000


async def filed(browser: Any, ticket: str, rev: int) -> dict[str, Any]:
    """The ticket as the archive has it, once it has this revision."""
    async with asyncio.timeout(60):
        while True:
            status, content = await browser.gets(f"tickets/{ticket}")
            if status == 200 and content["ticket"]["ticket"]["rev"] >= rev:
                return dict(content)
            await asyncio.sleep(0.02)


async def opened(desk: Any, browser: Any, **more: Any) -> dict[str, Any]:
    await desk.customer_says("x1", "收到的杯子碎了")
    asked = {"category": "aftersales", "title": "杯子破损", "told": "已为您登记，24 小时内回复。"} | more
    status, content = await browser.does("tickets", "x1", **asked)
    assert status == 200
    return dict(content["ticket"])


async def test_whoever_opens_a_ticket_is_responsible_and_the_customer_is_told_in_the_same_step(
    desk: Any,
) -> None:
    wang = await desk.agent("wang")
    ticket = await opened(desk, wang)
    assert ticket["owner"] == wang.id
    assert ticket["due"]["feedback"] - ticket["opened"] == 24 * HOUR_MS
    assert ticket["due"]["proposal"] - ticket["opened"] == 48 * HOUR_MS
    events = await desk.log.events("x1")
    said = [
        event.body.text for event in events if event.sender.role is Role.SYSTEM and event.kind is Kind.SAID
    ]
    assert said == ["已为您登记，24 小时内回复。"]


async def test_every_step_is_kept_with_who_and_what_and_the_newest_is_the_ticket(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    ticket = await opened(desk, wang)
    steps = [
        {"rev": 1, "stage": "investigating", "note": "问了仓库"},
        {"rev": 2, "to": li.id, "note": "请跟进"},
        {"rev": 3, "note": "同意补发", "told": "我们为您补发一个。"},
        {"rev": 4, "stage": "closed", "told": "补发已签收，工单结案。"},
    ]
    for step in steps:
        await filed(wang, ticket["id"], step["rev"])
        status, content = await wang.posts(f"tickets/{ticket['id']}/steps", **step)
        assert (status, content["ticket"]["rev"]) == (200, step["rev"] + 1)
    kept = await filed(wang, ticket["id"], 5)
    assert [step["step"] for step in kept["steps"]] == ["opened", "moved", "passed", "noted", "moved"]
    assert [step["note"] for step in kept["steps"]][1:4] == ["问了仓库", "请跟进", "同意补发"]
    newest = kept["ticket"]["ticket"]
    assert (newest["stage"], newest["owner"]) == ("closed", li.id)
    asked = newest["due"]["follow_up"]
    assert 72 * HOUR_MS <= asked - newest["closed"] <= 85 * HOUR_MS
    assert RULES.hours.is_open(asked)


async def test_a_step_from_an_old_view_of_the_ticket_is_refused(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    ticket = await opened(desk, wang)
    await filed(wang, ticket["id"], 1)
    first = await wang.posts(f"tickets/{ticket['id']}/steps", rev=1, stage="investigating")
    second = await li.posts(f"tickets/{ticket['id']}/steps", rev=1, stage="closed")
    assert (first[0], second[0]) == (200, 409)


async def test_a_ticket_that_is_late_is_raised_once_for_each_missed_deadline(desk: Any) -> None:
    wang, li, boss = await desk.agent("wang"), await desk.agent("li"), await desk.agent("boss", "supervisor")
    own, other, watching = [await one.connects() for one in (wang, li, boss)]
    ticket = await opened(desk, wang)
    await filed(wang, ticket["id"], 1)
    ahead = 0
    real = desk.log.now

    async def now() -> int:
        return await real() + ahead

    async def late(at: int) -> list[Any]:
        return [(one.conversation, one.ticket) for one in await desk.parts.tickets.late(at)]

    desk.log.now = now
    clock = TicketClock(desk.log, late, desk.board.announce)
    await clock.tick()
    assert (await filed(wang, ticket["id"], 1))["ticket"]["ticket"].get("level", 0) == 0
    ahead = 25 * HOUR_MS
    await clock.tick()
    raised = await filed(wang, ticket["id"], 2)
    await clock.tick()
    assert raised["ticket"]["ticket"]["level"] == 1
    assert [step["step"] for step in raised["steps"]] == ["opened", "escalated"]
    for line in (own, watching):
        told = await line.hears("raised")
        assert (told["ticket"], told["level"], told["owner"]) == (ticket["id"], 1, wang.id)
        assert told["title"] == ticket["title"]
    await other.says("ping")
    await other.hears("pong")
    assert "raised" not in {frame["t"] for frame in other.heard}
    status, content = await wang.gets("tickets?stage=open&late=1")
    assert status == 200
    assert content["tickets"] == []
    ahead = 50 * HOUR_MS
    await clock.tick()
    assert (await filed(wang, ticket["id"], 3))["ticket"]["ticket"]["level"] == 2


async def test_a_closed_ticket_is_asked_after_and_then_over_and_can_be_opened_again(desk: Any) -> None:
    wang = await desk.agent("wang")
    ticket = await opened(desk, wang)
    path = f"tickets/{ticket['id']}/steps"
    await filed(wang, ticket["id"], 1)
    await wang.posts(path, rev=1, stage="closed")
    await filed(wang, ticket["id"], 2)
    assert (await wang.posts(path, rev=2, stage="investigating", note="又坏了"))[0] == 200
    again = await filed(wang, ticket["id"], 3)
    assert again["steps"][-1]["step"] == "reopened"
    assert again["ticket"]["ticket"]["level"] == 1
    await wang.posts(path, rev=3, stage="closed")
    await filed(wang, ticket["id"], 4)
    assert (await wang.posts(path, rev=4, followed_up=True, note="客户满意"))[0] == 200
    await filed(wang, ticket["id"], 5)
    assert (await desk.log.state("x1")).tickets == ()


async def test_who_can_not_be_reached_is_asked_another_day_but_within_a_week(desk: Any) -> None:
    wang = await desk.agent("wang")
    ticket = await opened(desk, wang)
    path = f"tickets/{ticket['id']}/steps"
    await filed(wang, ticket["id"], 1)
    assert (await wang.posts(path, rev=1, put_off=True))[0] == 409, "nothing to ask before it is closed"
    await wang.posts(path, rev=1, stage="closed")
    closed = (await filed(wang, ticket["id"], 2))["ticket"]["ticket"]
    real, ahead = desk.log.now, 0

    async def now() -> int:
        return await real() + ahead

    desk.log.now = now
    assert (await wang.gets("tickets"))[1]["counts"].get("follow_up", 0) == 0
    ahead = closed["due"]["follow_up"] - closed["closed"]
    _, due = await wang.gets("tickets?late=1")
    assert [one["ticket"]["id"] for one in due["tickets"]] == [ticket["id"]]
    assert (due["counts"]["follow_up"], due["mine"]["follow_up"]) == (1, 1)
    rev, before = 2, closed["due"]["follow_up"]
    for _ in range(5):
        status, told = await wang.posts(path, rev=rev, put_off=True, note="没接电话")
        if status != 200:
            break
        again = told["ticket"]["due"]["follow_up"]
        assert before < again <= closed["closed"] + 7 * 24 * HOUR_MS
        ahead += again - before
        rev, before = rev + 1, again
        await filed(wang, ticket["id"], rev)
    assert (status, told["error"]["code"]) == (400, "too_long_put_off")
    status, _ = await wang.posts(path, rev=rev, followed_up=True, note="满意", told="感谢您的反馈。")
    assert status == 200
    steps = (await filed(wang, ticket["id"], rev + 1))["steps"]
    assert {step["step"] for step in steps[2:-1]} == {"put_off"}
    assert (steps[-1]["step"], steps[-1]["by_name"]) == ("followed_up", "客服wang")
    assert (await wang.gets("tickets"))[1]["counts"].get("follow_up", 0) == 0


async def test_a_ticket_of_a_caller_who_never_wrote_begins_a_file_of_its_own(desk: Any) -> None:
    wang = await desk.agent("wang")
    status, content = await wang.posts(
        "tickets", category="complaint", title="电话投诉快递员", customer_name="王先生", priority=3
    )
    assert status == 200
    kept = await filed(wang, content["ticket"]["id"], 1)
    assert kept["ticket"]["customer_name"] == "王先生"
    assert kept["ticket"]["conversation"].startswith("desk:")
    status, mine = await wang.gets("tickets?owner=me&q=快递员")
    assert [one["ticket"]["id"] for one in mine["tickets"]] == [content["ticket"]["id"]]


async def test_bad_tickets_are_refused_in_words(desk: Any) -> None:
    wang = await desk.agent("wang")
    await desk.customer_says("x1", "你好")
    assert (await wang.does("tickets", "x1", category="order", title=" "))[0] == 400
    assert (await wang.does("tickets", "x1", category="weather", title="雨"))[0] == 400
    assert (await wang.does("tickets", "x1", category="order", title="改", priority=9))[0] == 400
    assert (await wang.does("tickets", "nobody", category="order", title="改"))[0] == 404
    assert (await wang.posts("tickets/T0/steps", rev=1, stage="closed"))[0] == 404
    assert RULES.deadlines.first_feedback_h == 24

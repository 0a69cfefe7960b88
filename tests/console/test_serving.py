"""Passing on, taking back, whispering, correcting: and what of it the shopper never sees."""

from typing import Any

from bot.conversation.bodies import Reading, Text, Understood
from bot.conversation.commands import BotAnswers
from bot.conversation.events import SHOPPER_SEES, shopper_wire
from bot.conversation.state import Stage
from bot.log.board import Claim


async def served(desk: Any, browser: Any) -> int:
    """A customer who waited is claimed; the epoch since."""
    epoch = await desk.customer_waits("x1")
    status, content = await browser.does("claim", "x1", epoch=epoch)
    assert status == 200
    return int(content["summary"]["epoch"])


async def seen_by_shopper(desk: Any) -> list[Any]:
    state = await desk.log.state("x1")
    return [
        shopper_wire(event, state.recalled)
        for event in await desk.log.events("x1")
        if event.kind in SHOPPER_SEES
    ]


async def test_passed_on_to_a_skill_he_waits_at_the_head_for_who_has_it_and_hears_no_note(desk: Any) -> None:
    wang = await desk.agent("wang")
    epoch = await served(desk, wang)
    assert (await wang.does("transfer", "x1", epoch=epoch, skill="sorcery"))[0] == 400
    status, content = await wang.does("transfer", "x1", epoch=epoch, skill="payments", note="两次扣款，难缠")
    assert status == 200
    await desk.seen("x1")
    _, content = await wang.gets("conversations/x1")
    summary = content["summary"]
    assert (summary["stage"], summary["skill"], summary["position"]) == ("waiting", "payments", 1)
    assert "难缠" not in str(await seen_by_shopper(desk))


async def test_a_word_taken_back_within_two_minutes_is_gone_for_the_shopper_and_stays_for_the_desk(
    desk: Any,
) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    epoch = await served(desk, wang)
    body = {"type": "text", "text": "密码是 1234"}
    _, sent = await wang.does("reply", "x1", cid="m1", epoch=epoch, body=body)
    assert (await li.does("recall", "x1", seq=sent["event"]["seq"]))[0] == 409
    assert (await wang.does("recall", "x1", seq=sent["event"]["seq"]))[0] == 200
    assert (await wang.does("recall", "x1", seq=sent["event"]["seq"]))[0] == 200
    shown = await seen_by_shopper(desk)
    assert "1234" not in str(shown)
    assert [one["kind"] for one in shown].count("recalled") == 1
    _, talk = await wang.gets("conversations/x1")
    assert "1234" in str(talk["events"])


async def test_after_two_minutes_what_was_said_stays_said(desk: Any) -> None:
    wang = await desk.agent("wang")
    epoch = await served(desk, wang)
    _, sent = await wang.does("reply", "x1", cid="m1", epoch=epoch, body={"type": "text", "text": "好的"})
    real = desk.log.now

    async def later() -> int:
        return await real() + 121_000

    desk.log.now = later
    status, content = await wang.does("recall", "x1", seq=sent["event"]["seq"])
    assert (status, content["error"]["code"]) == (409, "too_late")


async def test_only_a_supervisor_whispers_and_no_note_ever_reaches_the_shopper(desk: Any) -> None:
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    await served(desk, wang)
    assert (await wang.does("note", "x1", cid="n0", text="悄悄话", whisper=True))[0] == 403
    status, content = await boss.does("note", "x1", cid="n1", text="可以补偿 20 元", whisper=True)
    assert (status, content["event"]["body"]["whisper"]) == (200, True)
    status, content = await wang.does("note", "x1", cid="n2", text="@组长 明白", to=[boss.id])
    assert content["event"]["body"]["to"] == [boss.id]
    shown = str(await seen_by_shopper(desk))
    assert "补偿" not in shown
    assert "组长" not in shown


async def test_an_agents_skills_and_capacity_are_set_by_who_is_in_charge(desk: Any) -> None:
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    path = f"agents/{wang.id}/work"
    assert (await wang.posts(path, skills=["payments"], capacity=5))[0] == 403
    assert (await boss.posts(path, skills=["sorcery"], capacity=5))[0] == 400
    assert (await boss.posts("agents/nobody/work", skills=[], capacity=5))[0] == 404
    assert (await boss.posts(path, skills=["payments", "vip"], capacity=7))[0] == 200
    _, content = await wang.gets("agents")
    known = {one["id"]: one for one in content["agents"]}
    assert (known[wang.id]["skills"], known[wang.id]["capacity"]) == (["payments", "vip"], 7)


async def test_a_correction_stands_among_what_the_bot_is_taught(desk: Any) -> None:
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    await desk.customer_says("x1", "我的东西走到哪儿了")
    state = await desk.log.state("x1")
    read = Understood(
        state.last_customer_seq, "chitchat", 0.4, (Reading("chitchat", 0.4),), decision="ask", reason=""
    )
    await desk.log.commit(
        "x1", BotAnswers(state.last_customer_seq, state.epoch, read, (), (Text("您想问的是？"),))
    )
    await desk.seen("x1")
    await desk.archived("x1")
    assert (await wang.does("correct", "x1", seq=state.last_customer_seq, intent="sorcery"))[0] == 400
    assert (await wang.does("correct", "x1", seq=999, intent="logistics_track"))[0] == 404
    await desk.parts.reporter.follow("x1")
    _, unsure = await boss.gets("teaching")
    assert [one["text"] for one in unsure["clusters"]] == ["我的东西走到哪儿了"]
    assert (await wang.gets("teaching"))[0] == 403
    status, _ = await wang.does("correct", "x1", seq=state.last_customer_seq, intent="logistics_track")
    assert status == 200
    _, taught = await boss.gets("teaching/taught")
    assert [(one["text"], one["taught"]) for one in taught["readings"]] == [
        ("我的东西走到哪儿了", "logistics_track")
    ]
    assert (await boss.gets("teaching"))[1]["clusters"] == []
    status, told = await boss.posts("teaching/lessons", kind="train")
    assert (status, told["error"]["code"]) == (400, "too_few_taught")
    which = [{"conversation": "x1", "seq": state.last_customer_seq}]
    assert (await boss.posts("teaching", readings=which, action="reopen"))[0] == 200
    assert [one["text"] for one in (await boss.gets("teaching"))[1]["clusters"]] == ["我的东西走到哪儿了"]
    assert (await boss.gets("teaching/taught"))[1]["readings"] == []


async def test_a_stale_transfer_to_a_skill_changes_nothing(desk: Any) -> None:
    wang = await desk.agent("wang")
    epoch = await served(desk, wang)
    assert (await wang.does("transfer", "x1", epoch=epoch - 1, skill="payments"))[0] == 409
    assert (await desk.log.state("x1")).stage is Stage.HUMAN


async def test_one_lesson_at_a_time_and_none_without_anything_taught(desk: Any) -> None:
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    assert (await wang.posts("teaching/lessons", kind="train"))[0] == 403
    status, content = await boss.posts("teaching/lessons", kind="train")
    assert (status, content["error"]["code"]) == (400, "nothing_taught")
    assert (await boss.posts("teaching/lessons", kind="rollback"))[0] == 200
    status, content = await boss.posts("teaching/lessons", kind="rollback")
    assert (status, content["error"]["code"]) == (409, "busy_teaching")
    lesson = (await boss.gets("teaching/lessons"))[1]["lessons"][0]
    assert (lesson["kind"], lesson["state"], lesson["by_name"]) == ("rollback", "asked", "客服boss")
    await desk.parts.lessons.note(lesson["id"], "published", "In use now: old.tar.gz.", 1)
    assert (await boss.posts("teaching/lessons", kind="rollback"))[0] == 200


async def test_a_trained_model_waits_until_a_supervisor_publishes_it_or_puts_it_away(desk: Any) -> None:
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    book = desk.parts.lessons

    async def waiting() -> str:
        return str((await boss.gets("teaching/lessons"))[1]["waiting"])

    assert (await wang.posts("teaching/lessons", kind="publish"))[0] == 403
    status, content = await boss.posts("teaching/lessons", kind="publish")
    assert (status, content["error"]["code"]) == (409, "nothing_trained")
    for kind, ended in (("publish", "published"), ("discard", "discarded")):
        trained = await book.ask("train", "b", "客服boss", 12, await desk.log.now())
        assert await waiting() == "", "it is not there yet"
        await book.note(trained.id, "trained", "", 1)
        assert await waiting() == trained.id
        status, content = await boss.posts("teaching/lessons", kind=kind)
        assert (status, content["lesson"]["turns"]) == (200, 12)
        await book.note(content["lesson"]["id"], "failed", "no room on the disk", 1)
        assert await waiting() == trained.id, "what went wrong may be tried again"
        _, content = await boss.posts("teaching/lessons", kind=kind)
        await book.note(content["lesson"]["id"], ended, "", 1)
        assert await waiting() == ""
        assert (await boss.posts("teaching/lessons", kind=kind))[0] == 409


async def test_agents_and_supervisors_see_the_wait_that_customers_are_told(desk: Any) -> None:
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    await desk.customer_waits("x1")
    await desk.customer_waits("x2", level="普通", id="c2")
    assert (await wang.gets("conversations?tab=line"))[1]["conversations"][0]["expected"] is None, (
        "not measured yet"
    )
    assert (await boss.gets("live"))[1]["expected"] is None
    now = await desk.log.now()
    for n in range(6):
        await desk.board.note_claim(f"past{n}", Claim(now - (6 - n) * 60_000, now - 600_000))
    desk.parts.waits._read_at = 0  # what was measured is fresh for two seconds
    _, listed = await wang.gets("conversations?tab=line")
    told = [await desk.parts.waits.position(name) for name in ("x1", "x2")]
    assert [(one["position"], tuple(one["expected"])) for one in listed["conversations"]] == told
    assert [expected[0] for _, expected in told] == sorted(expected[0] for _, expected in told)
    assert (await boss.gets("live"))[1]["expected"][0] > told[1][1][0]

"""Agents see customers masked; who is responsible may look past it, with a reason, and it is written down."""

import asyncio
from typing import Any

import msgspec

from bot.conversation import commands
from bot.conversation.bodies import Card, CardField, CardShown, Reading, Understood

PHONE, HOME = "13800138000", "上海市浦东新区世纪大道100号5栋301室"
SAID = f"我电话{PHONE}，改送到{HOME}"
CARD = Card(
    "order", "订单 2026", order="2026", fields=(CardField("收货电话", PHONE), CardField("收货地址", HOME))
)


async def waits(desk: Any) -> int:
    await desk.customer_says("x1", SAID)
    state = await desk.log.state("x1")
    read = Understood(
        state.last_customer_seq, "order_modify", 0.9, (Reading("order_modify", 0.9),), ({"entity": "phone", "value": PHONE},)
    )  # fmt: skip
    answer = commands.BotAnswers(
        state.last_customer_seq, state.epoch, read, (), (CardShown(CARD, f"电话 {PHONE}"),)
    )
    await desk.log.commit("x1", answer)
    epoch: int = await desk.customer_waits("x1")
    return epoch


def hides(content: Any) -> bool:
    text = msgspec.json.encode(content).decode()
    return PHONE not in text and "世纪大道" not in text


async def test_no_call_and_no_frame_shows_what_is_the_customers_own(desk: Any) -> None:
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    line = await wang.connects()
    await line.says("watch", conversation="x1", after=0)
    epoch = await waits(desk)
    await wang.does("claim", "x1", epoch=epoch)
    body = {"type": "text", "text": f"您的电话是{PHONE}吗"}
    seen = [await wang.does("reply", "x1", cid="1", epoch=epoch + 1, body=body)]
    seen.append(await wang.does("note", "x1", cid="2", text=f"回电{PHONE}"))
    title = {"category": "order", "title": f"改地址 {HOME}", "note": f"电话{PHONE}", "told": f"将送到{HOME}"}
    _, opened = made = await wang.does("tickets", "x1", **title)
    await desk.archived("x1")
    await desk.parts.reporter.tick()
    seen += [made, await wang.does("claim", "x1", epoch=1)]
    for path in (
        "conversations?tab=mine", "conversations?tab=all", f"conversations?tab=all&q={PHONE}", "conversations/x1",
        "conversations/x1/events", "conversations/x1/history", "conversations/x1/suggestions", "tickets",
        f"tickets/{opened['ticket']['id']}",
    ):  # fmt: skip
        seen.append(await wang.gets(path))
    now = await desk.log.now()
    period = f"since={now - 86_400_000}&until={now + 1000}"
    for path in (
        "teaching",
        "teaching/taught",
        f"reports?{period}",
        f"reports/conversations?measure=services&{period}",
    ):
        seen.append(await boss.gets(path))
    assert [status for status, _ in seen if status not in (200, 409)] == []
    assert [content for _, content in seen if not hides(content)] == []
    await line.hears("ev", conversation="x1")
    await line.hears("summary")
    await asyncio.sleep(0.2)
    assert all(hides(frame) for frame in line.heard)
    assert any("138****8000" in msgspec.json.encode(frame).decode() for frame in line.heard)
    truth = [msgspec.json.encode(event).decode() for event in await desk.log.events("x1")]
    assert any(PHONE in text for text in truth), "the log keeps the truth"


async def test_who_serves_the_customer_may_look_with_a_reason_and_supervisors_see_that_he_did(
    desk: Any,
) -> None:
    wang, boss = await desk.agent("wang"), await desk.agent("boss", "supervisor")
    epoch = await waits(desk)
    said = next(event.seq for event in await desk.log.events("x1") if event.kind == "said")
    assert (await wang.does("reveal", "x1", seq=said, reason="回电核实"))[0] == 403
    await wang.does("claim", "x1", epoch=epoch)
    for bad in ("", " ", "x"):
        assert (await wang.does("reveal", "x1", seq=said, reason=bad))[0] == 400
    assert (await wang.does("reveal", "x1", seq=99, reason="回电核实"))[0] == 404
    assert (await wang.does("reveal", "nobody", seq=1, reason="回电核实"))[0] == 404
    status, shown = await wang.does("reveal", "x1", seq=said, reason="回电核实")
    assert (status, shown["event"]["body"]["text"]) == (200, SAID)
    status, shown = await wang.does("reveal", "x1", reason="核对地址")
    assert shown["packet"]["slots"]["phone"] == PHONE
    assert [field["value"] for field in shown["packet"]["orders"][0]["fields"]] == [PHONE, HOME]
    assert (await boss.does("reveal", "x1", seq=said, reason="抽查"))[0] == 200

    assert (await wang.gets("audit"))[0] == 403
    _, kept = await boss.gets("audit?deed=revealed")
    assert [(one["by_name"], one["whom"], one["thing"], one["reason"]) for one in kept["entries"]] == [
        ("客服boss", "c1", f"event:{said}", "抽查"),
        ("客服wang", "c1", "packet", "核对地址"),
        ("客服wang", "c1", f"event:{said}", "回电核实"),
    ]
    assert kept["next"] is None
    last = kept["entries"][0]["id"]
    assert len((await boss.gets(f"audit?before={last}"))[1]["entries"]) == 2


async def test_of_a_ticket_its_owner_may_look(desk: Any) -> None:
    wang, li = await desk.agent("wang"), await desk.agent("li")
    asked = {"category": "order", "title": f"回电 {PHONE}", "customer_name": "王先生"}
    _, opened = await wang.posts("tickets", **asked)
    await desk.archived(f"desk:{opened['ticket']['id']}")
    path = f"tickets/{opened['ticket']['id']}/reveal"
    assert (await li.posts(path, reason="帮忙看看"))[0] == 403
    status, shown = await wang.posts(path, reason="回电")
    assert (status, shown["ticket"]["ticket"]["title"]) == (200, f"回电 {PHONE}")


async def test_what_can_not_be_written_down_is_not_shown(desk: Any, monkeypatch: Any) -> None:
    from bot.errors import ArchiveUnavailableError  # noqa: PLC0415

    boss = await desk.agent("boss", "supervisor")
    await waits(desk)

    async def away(*_: object, **__: object) -> None:
        raise ArchiveUnavailableError

    monkeypatch.setattr(desk.parts.audit, "note", away)
    assert (await boss.does("reveal", "x1", reason="抽查"))[0] == 503


async def test_what_the_shop_wrote_itself_is_not_masked(desk: Any) -> None:
    chef = await desk.agent("chef", "admin")
    answer = "请寄到上海市青浦区华新路88号3号楼，电话021-12345678。"
    text = {"question": "退货寄到哪里", "phrasings": ["退货地址"], "answer": answer, "answer_en": "To us."}
    status, told = await chef.posts("faq", topic="products", text=text)
    assert status == 200, told
    _, shown = await chef.gets(f"faq/{told['draft']['entry']}")
    assert answer in msgspec.json.encode(shown).decode(), "saved again, the masks would be what shoppers read"

"""What a shopper's widget may count on, over real sockets and a real Redis."""

import asyncio
import json
from typing import Any

import pytest
from gateway_end import Gateway, identity

from bot.channels.line_watch import LineWatch
from bot.conversation.bodies import Choices, Means, Offer, Text, Understood
from bot.conversation.commands import AgentClaims, AgentNotes, AgentReplies, BotAnswers
from bot.conversation.events import Role, Sender
from bot.errors import LogUnavailableError
from bot.log.log import Log

AGENT = Sender(Role.AGENT, "a1", "小李")


async def test_shopper_reads_sent_only_when_the_message_is_in_the_log(gateway: Gateway, log: Log) -> None:
    widget = await gateway.widget()
    welcome = await widget.hello(identity=identity())

    await widget.says("我的快递到哪了", "m1")
    echo = await widget.hears("ev")

    assert echo["cid"] == "m1"
    stored = await log.event(welcome["conversation"], echo["ev"]["seq"])
    assert stored is not None
    assert stored.body == Text("我的快递到哪了")


async def test_a_message_sent_twice_is_stored_once_and_acknowledged_twice(gateway: Gateway, log: Log) -> None:
    widget = await gateway.widget()
    conversation = (await widget.hello())["conversation"]

    await widget.says("在吗", "m1")
    await widget.says("在吗", "m1")
    first, second = await widget.hears("ev"), await widget.hears("ev")

    assert first["ev"]["seq"] == second["ev"]["seq"]
    assert [first["cid"], second["cid"]] == ["m1", "m1"]
    assert [e.kind for e in await log.events(conversation)] == ["met", "said"]


async def test_shopper_who_comes_back_gets_just_what_he_missed(gateway: Gateway, log: Log) -> None:
    widget = await gateway.widget()
    welcome = await widget.hello(identity=identity())
    await widget.says("第一句", "m1")
    seen = (await widget.hears("ev"))["ev"]["seq"]
    await widget.ws.close()
    state = await log.state(welcome["conversation"])
    await log.commit(welcome["conversation"], _answer(state.last_customer_seq, state.epoch, Text("您好")))

    again = await gateway.widget()
    back = await again.hello(identity=identity(), after=seen)
    missed = await again.hears("ev")

    assert back["conversation"] == welcome["conversation"]
    assert not back["reset"]
    assert missed["prev"] == seen
    assert missed["ev"]["body"] == {"type": "text", "text": "您好"}


async def test_two_windows_of_one_customer_show_the_same_conversation(gateway: Gateway) -> None:
    one, two = await gateway.widget(), await gateway.widget()
    await one.hello(identity=identity())
    await two.hello(identity=identity())

    await one.says("有货吗", "m1")

    assert (await two.hears("ev"))["ev"]["body"]["text"] == "有货吗"


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ({"secret": "somebody-elses-secret-of-32-characters!"}, 4401),
        ({"exp": 1_000_000}, 4401),
        ({"exp": 99_999_999_999}, 4401),
        ({"aud": "another"}, 4401),
        ({"iss": "another"}, 4401),
        ({"jti": None}, 4401),
    ],
)
async def test_a_forged_or_stale_identity_gets_nobody_in(
    gateway: Gateway, spoilt: dict[str, Any], code: int
) -> None:
    widget = await gateway.widget()

    await widget.send({"t": "hello", "site": "demo", "identity": identity(**spoilt)})

    assert await widget.closed_with() == code


async def test_a_token_never_makes_an_anonymous_shopper_a_customer_again(gateway: Gateway) -> None:
    signed_in = await gateway.widget()
    customer = await signed_in.hello(identity=identity())

    signed_out = await gateway.widget()
    visitor = await signed_out.hello(tok=customer["tok"])

    assert visitor["conversation"] != customer["conversation"]
    assert visitor["customer"] == {"name": "", "verified": False}


async def test_an_anonymous_shopper_keeps_his_conversation_by_his_token(gateway: Gateway) -> None:
    first = await (await gateway.widget()).hello()

    again = await (await gateway.widget()).hello(tok=first["tok"])

    assert again["conversation"] == first["conversation"]


async def test_a_page_of_another_origin_is_turned_away(gateway: Gateway) -> None:
    widget = await gateway.widget(origin="https://evil.example")

    assert await widget.closed_with() == 4403


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  \n\t ", "empty"),
        ("\u200b\u200e\x00", "empty"),
        ("字" * 2001, "too_long"),
        ("字" * 10_000, "too_long"),
    ],
)
async def test_text_that_cannot_be_accepted_is_refused_in_the_shoppers_words(
    gateway: Gateway, text: str, code: str
) -> None:
    widget = await gateway.widget()
    await widget.hello()

    await widget.says(text, "m1")
    error = await widget.hears("err")

    assert (error["cid"], error["code"], error["retry"]) == ("m1", code, False)
    assert error["message"]


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        '/greet{"order_number": "1"}',
        "<script>alert(1)</script>",
        "😀😀",
        "我嘅快遞到邊度",
        "a\x07b",
        "字" * 2000,
    ],
)
async def test_odd_text_is_kept_as_text(gateway: Gateway, text: str) -> None:
    widget = await gateway.widget()
    await widget.hello()

    await widget.says(text, "m1")

    assert (await widget.hears("ev"))["ev"]["body"]["text"] == text.replace("\x07", "")


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[]",
        '{"t":"nothing"}',
        '{"t":"send"}',
        '{"t":"send","cid":"","kind":"said"}',
        '{"t":"send","cid":"a\\u0000b","kind":"said"}',
        '{"t":"send","cid":"号","kind":"said"}',
        '"' + "[" * 5000,
    ],
)
async def test_a_malformed_frame_is_answered_and_the_socket_lives_on(gateway: Gateway, frame: str) -> None:
    widget = await gateway.widget()
    await widget.hello()

    await widget.send(frame)
    assert (await widget.hears("err"))["code"] == "bad_frame"

    await widget.send({"t": "ping"})
    assert await widget.hears("pong")


async def test_a_frame_over_64_kb_closes_the_socket_with_1009(gateway: Gateway) -> None:
    widget = await gateway.widget()
    await widget.hello()

    await widget.says("字" * 65_000, "m1")

    assert await widget.closed_with() == 1009


async def test_a_flood_is_told_to_wait_and_nothing_of_it_is_stored(gateway: Gateway, log: Log) -> None:
    widget = await gateway.widget()
    conversation = (await widget.hello())["conversation"]

    for n in range(30):
        await widget.says(f"快点{n}", f"m{n}")
    error = await widget.hears("err")

    assert (error["code"], error["retry"]) == ("too_fast", True)
    assert error["after_s"] > 0
    await widget.send({"t": "ping"})
    await widget.hears("pong")
    stored = [e for e in await log.events(conversation) if e.kind == "said"]
    assert len(stored) < 30


async def test_human_asked_for_by_button_or_by_word_is_granted_without_any_brain(gateway: Gateway) -> None:
    by_button, by_word = await gateway.widget(), await gateway.widget()
    await by_button.hello()
    await by_word.hello()

    await by_button.send({"t": "send", "cid": "h1", "kind": "human", "body": {}})
    await by_word.says("轉人工", "h1")

    assert (await by_button.hears("ev"))["ev"]["kind"] == "handed_off"
    assert (await by_button.hears("status"))["status"]["stage"] == "waiting"
    assert [(await by_word.hears("ev"))["ev"]["kind"] for _ in range(2)] == ["said", "handed_off"]


async def test_asking_for_a_human_again_is_acknowledged(gateway: Gateway) -> None:
    widget = await gateway.widget()
    await widget.hello()

    await widget.send({"t": "send", "cid": "h1", "kind": "human", "body": {}})
    await widget.hears("ev")
    await widget.send({"t": "send", "cid": "h2", "kind": "human", "body": {}})

    assert (await widget.hears("ev"))["cid"] == "h2"


async def test_a_waiting_shopper_sees_his_place_change_and_may_leave_the_line(gateway: Gateway) -> None:
    widget = await gateway.widget()
    conversation = (await widget.hello())["conversation"]
    gateway.places[conversation] = 3
    await widget.send({"t": "send", "cid": "h1", "kind": "human", "body": {}})
    assert (await widget.hears("status"))["status"] == {"stage": "waiting", "position": 3}

    gateway.places[conversation] = 2
    gateway.channel.line_moved()
    assert (await widget.hears("status"))["status"]["position"] == 2

    await widget.send({"t": "send", "cid": "x1", "kind": "cancel", "body": {}})
    assert (await widget.hears("ev"))["ev"]["body"] == {"reason": "cancelled"}
    assert (await widget.hears("status"))["status"]["stage"] == "bot"


async def test_a_shopper_who_waits_while_the_desk_is_closed_is_told_when_it_opens_and_no_place(
    gateway: Gateway,
) -> None:
    gateway.away_until = opens = 1_800_000_000_000
    widget = await gateway.widget()
    conversation = (await widget.hello())["conversation"]
    gateway.places[conversation] = 1
    await widget.send({"t": "send", "cid": "h1", "kind": "human", "body": {}})
    assert (await widget.hears("status"))["status"] == {"stage": "waiting", "opens": opens}

    gateway.away_until = None  # the hour has come, and nobody said so
    watch = asyncio.create_task(LineWatch(gateway.channel.line_moved, 0.05).run())
    assert (await widget.hears("status"))["status"] == {"stage": "waiting", "position": 1}
    watch.cancel()


async def test_a_press_is_accepted_only_on_what_was_offered_and_its_meaning_stays_here(
    gateway: Gateway, log: Log
) -> None:
    widget = await gateway.widget()
    conversation = (await widget.hello())["conversation"]
    await widget.says("那个", "m1")
    await widget.hears("ev")
    state = await log.state(conversation)
    offer = Choices("您想问的是？", (Offer("1", "查物流", means=Means(intent="logistics_track")),))
    await log.commit(conversation, _answer(state.last_customer_seq, state.epoch, offer))
    shown = await widget.hears("ev")
    assert "means" not in json.dumps(shown)

    for of, choice in ((shown["ev"]["seq"], "2"), (1, "1"), (999, "1"), (-1, "1")):
        await widget.send(_press(of, choice, f"p{of}{choice}"))
        assert (await widget.hears("err"))["code"] == "not_offered"

    await widget.send(_press(shown["ev"]["seq"], "1", "p"))
    assert (await widget.hears("ev"))["ev"]["body"]["label"] == "查物流"


async def test_what_agents_note_and_how_the_bot_read_him_never_reaches_the_shopper(
    gateway: Gateway, log: Log
) -> None:
    widget = await gateway.widget()
    conversation = (await widget.hello())["conversation"]
    await widget.says("转人工", "m1")
    await widget.hears("status")
    await log.commit(conversation, AgentNotes("n1", AGENT, "这位客户要小心安抚"))
    claimed = await log.commit(conversation, AgentClaims(AGENT, (await log.state(conversation)).epoch))
    await log.commit(conversation, AgentReplies("r1", AGENT, claimed.state.epoch, Text("您好，我是小李")))

    frames = []
    while not frames or frames[-1].get("ev", {}).get("body", {}).get("text") != "您好，我是小李":
        frames.append(await widget.next())

    assert "小心" not in json.dumps(frames, ensure_ascii=False)
    assert "a1" not in json.dumps(frames)
    prevs = [(f["prev"], f["ev"]["seq"]) for f in frames if f["t"] == "ev"]
    assert all(prev == before for (prev, _), (_, before) in zip(prevs[1:], prevs, strict=False))


async def test_older_messages_are_paged_only_for_the_bearer_of_the_token(gateway: Gateway) -> None:
    widget = await gateway.widget()
    welcome = await widget.hello()
    for n in range(5):
        await widget.says(f"第{n}句", f"m{n}")
        await widget.hears("ev")
    url = gateway.server.make_url("/api/chat/history")

    async with gateway.session.get(url, headers={"Authorization": "Bearer forged"}) as answer:
        assert answer.status == 401
    headers = {"Authorization": f"Bearer {welcome['tok']}"}
    async with gateway.session.get(url, params={"limit": "2", "before": "5"}, headers=headers) as answer:
        page = await answer.json()

    assert [event["body"]["text"] for event in page["events"]] == ["第1句", "第2句"]
    assert page["more"]


async def test_ten_shoppers_at_once_lose_and_double_nothing(gateway: Gateway, log: Log) -> None:
    async def chat(who: int) -> None:
        widget = await gateway.widget()
        conversation = (await widget.hello(identity=identity(f"c{who}")))["conversation"]
        for n in range(10):
            await widget.says(f"{who}-{n}", f"m{n}")
            await widget.hears("ev")
        said = [e.body for e in await log.events(conversation) if e.kind == "said"]
        assert said == [Text(f"{who}-{n}") for n in range(10)]

    await asyncio.gather(*(chat(who) for who in range(10)))


def _press(of: int, choice: str, cid: str) -> dict[str, Any]:
    return {
        "t": "send",
        "cid": cid,
        "kind": "said",
        "body": {"type": "choice", "of": of, "choice": choice, "label": "x"},
    }


def _answer(of: int, epoch: int, *replies: Any) -> BotAnswers:
    return BotAnswers(of, epoch, Understood(of, "greet", 0.9), (), replies)


async def test_a_message_that_comes_again_is_confirmed_in_its_place(gateway: Gateway) -> None:
    customer = await gateway.widget()
    await customer.hello()
    for _ in range(3):
        for n in range(6):
            await customer.says(f"第 {n} 句", str(n))

    shown: list[int] = []
    confirmed: list[str] = []
    while len(confirmed) < 18:
        frame = await customer.hears("ev")
        confirmed.append(frame["cid"])
        if frame["ev"]["seq"] > (shown[-1] if shown else 0):
            assert frame["prev"] == (shown[-1] if shown else 0)
            shown.append(frame["ev"]["seq"])

    assert shown == [2, 3, 4, 5, 6, 7]
    assert sorted(set(confirmed)) == [str(n) for n in range(6)]


async def test_what_is_not_on_every_disk_yet_is_shown_but_not_confirmed(gateway: Gateway, log: Log) -> None:
    customer = await gateway.widget()
    await customer.hello()
    commit, told = log.commit, asyncio.Event()

    async def written_on_too_few(*words: Any, **named: Any) -> Any:
        await commit(*words, **named)
        await asyncio.sleep(0.1)
        told.set()
        raise LogUnavailableError("written, but on 0 of 1 replicas")

    gateway.channel.intake._log = type("OneDisk", (), {"commit": staticmethod(written_on_too_few)})()
    await customer.says("在吗", "1")
    refused = await customer.hears("err")
    assert told.is_set()
    shown = await customer.hears("ev")
    gateway.channel.intake._log = log
    await customer.says("在吗", "1")

    assert (refused["code"], refused["retry"]) == ("unavailable", True)
    assert "cid" not in shown
    assert (await customer.hears("ev"))["cid"] == "1"

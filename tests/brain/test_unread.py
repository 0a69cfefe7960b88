"""What has no words is answered as what it is, and never read as if it had some."""

import pytest
from brain_end import House

from bot.brain.unread import answer_unread
from bot.conversation.bodies import Choices, Customer, HandedOff, Text, Understood
from bot.conversation.events import Event, Kind, Role, Sender
from bot.conversation.state import State

CUSTOMER = Sender(Role.CUSTOMER, "c1", "林小雨")


def said(text: str) -> Event:
    return Event(7, "c:1", Kind.SAID, CUSTOMER, 1, Text(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[语音消息]", "听不了语音"),
        ("[语音]", "听不了语音"),
        ("[视频]", "看不了"),
        ("[文件 发票.pdf]", "看不了"),
        ("[视频]\n[语音]", "看不了"),
        ("[暂不支持的消息]", "看不了"),
    ],
)
def test_who_speaks_or_films_is_asked_to_type_and_offered_a_person(text: str, words: str) -> None:
    answer = answer_unread(State("x1", epoch=3), said(text))
    assert answer is not None
    [body] = answer.replies
    assert isinstance(body, Choices)
    assert words in body.text
    assert [(offer.label, offer.means and offer.means.human) for offer in body.choices] == [("转人工", True)]
    english = answer_unread(State("x1", customer=Customer(lang="en")), said(text))
    assert english is not None
    assert english.replies[0].text.isascii()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["[视频] 你看开线了", "语音消息听不了吗", "[位置] 广州天河", "[图片]", "", "[语音"]
)
def test_whatever_has_words_is_read(text: str) -> None:
    assert answer_unread(State("x1"), said(text)) is None


@pytest.mark.model
async def test_the_bot_goes_on_after_it_where_it_was(house: House) -> None:
    await house.says("我的快递到哪了")
    asked = len(house.actions.asked)

    events = await house.says("[语音消息]")

    assert len(house.actions.asked) == asked
    [understood] = [e.body for e in events if isinstance(e.body, Understood)]
    assert understood.reason == "no_words"
    assert not any(isinstance(e.body, HandedOff) for e in events)
    await house.says("我的快递到哪了")
    tracker = house.actions.asked[-1]["tracker"]
    assert sum(e["event"] == "user" for e in tracker["events"]) == 2

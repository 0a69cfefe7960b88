"""What a OneBot bridge tells us, in arrays and in CQ strings, and what only looks as if it did."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from napcat import NapCat

from bot.channels.onebot_cq import Segment, parse_cq, parse_message, write_array, write_cq
from bot.channels.onebot_frames import (
    Answer,
    OneBotMessage,
    Other,
    Sign,
    action,
    check_bearer,
    check_signature,
    parse_frame,
)
from bot.errors import BadFrameError, CallbackRefusedError

BRIDGE = NapCat()
TOKEN = "a-bridge-token-of-some-length"


def bridge(*, as_text: bool) -> NapCat:
    made = NapCat()
    made.as_text = as_text
    return made


def read(frame: dict[str, Any]) -> Any:
    return parse_frame(json.dumps(frame))


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("在吗", [("text", {"text": "在吗"})]),
        ("[CQ:at,qq=10001] 你好", [("at", {"qq": "10001"}), ("text", {"text": " 你好"})]),
        ("&#91;CQ:at,qq=1&#93;", [("text", {"text": "[CQ:at,qq=1]"})]),
        ("&amp;#91;", [("text", {"text": "&#91;"})]),
        (
            "[CQ:image,file=a.jpg,url=https://x/?a=1&amp;b=2&#44;3]",
            [("image", {"file": "a.jpg", "url": "https://x/?a=1&b=2,3"})],
        ),
        ("[CQ:shake]", [("shake", {})]),
        ("[CQ:]", [("text", {"text": "[CQ:]"})]),
        ("[CQ:at,qq]", [("text", {"text": "[CQ:at,qq]"})]),
        ("[CQ:at,qq=1", [("text", {"text": "[CQ:at,qq=1"})]),
        ("[CQ:a[CQ:at,qq=2]", [("text", {"text": "[CQ:a"}), ("at", {"qq": "2"})]),
        ("", []),
    ],
)
def test_a_cq_string_is_read_with_its_escapes(text: str, segments: list[tuple[str, dict[str, str]]]) -> None:
    assert parse_cq(text) == tuple(Segment(kind, data) for kind, data in segments)


def test_what_a_shopper_types_never_becomes_a_code() -> None:
    typed = Segment("text", {"text": "[CQ:at,qq=all] &#91; a,b"})
    assert write_cq([typed]) == "&#91;CQ:at,qq=all&#93; &amp;#91; a,b"
    assert parse_cq(write_cq([typed])) == (typed,)
    assert parse_message(write_array([typed])) == (typed,)


@pytest.mark.parametrize("as_text", [False, True])
def test_a_private_message_is_read_in_either_form(as_text: bool) -> None:
    array = [
        {"type": "text", "data": {"text": "这个[坏]了"}},
        {"type": "image", "data": {"file": "A.jpg", "url": "https://x/a?b=1&c=2"}},
        {"type": "face", "data": {"id": 14}},
    ]
    text = "这个&#91;坏&#93;了[CQ:image,file=A.jpg,url=https://x/a?b=1&amp;c=2][CQ:face,id=14]"
    message = read(bridge(as_text=as_text).hears(20002, text if as_text else array))
    assert isinstance(message, OneBotMessage)
    assert message.text == "这个[坏]了[表情]"
    assert message.pictures == ("https://x/a?b=1&c=2",)
    assert (message.account, message.who, message.group, message.name) == ("10001", "20002", "", "小雨")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("[CQ:record,file=a.amr]", "[语音]"),
        ("[CQ:video,file=a.mp4]", "[视频]"),
        (
            "[CQ:location,lat=39.9,lon=116.3,title=公司,content=中关村大街 1 号]",
            "[位置] 公司 中关村大街 1 号",
        ),
        ("[CQ:location,lat=39.9,lon=116.3]", "[位置]"),
        ("[CQ:share,url=https://shop.example/1,title=帐篷]", "[链接] 帐篷 https://shop.example/1"),
        ("[CQ:json,data={}]", "[卡片消息]"),
    ],
)
def test_what_is_no_text_stands_in_words(code: str, text: str) -> None:
    message = read(bridge(as_text=True).hears(20002, code))
    assert isinstance(message, OneBotMessage)
    assert message.text == text


@pytest.mark.parametrize(
    ("message", "called", "text"),
    [
        (
            [{"type": "at", "data": {"qq": "10001"}}, {"type": "text", "data": {"text": " 到哪了"}}],
            True,
            "到哪了",
        ),
        (
            [{"type": "at", "data": {"qq": 10001}}, {"type": "text", "data": {"text": "到哪了"}}],
            True,
            "到哪了",
        ),
        ("[CQ:reply,id=5][CQ:at,qq=10001] 到哪了", True, "到哪了"),
        ("[CQ:at,qq=all] 开会", False, "@all 开会"),
        ("[CQ:at,qq=30003,name=阿明] 吃饭", False, "@阿明 吃饭"),
        ("大家好", False, "大家好"),
    ],
)
def test_in_a_group_only_the_account_s_own_name_calls_it(message: Any, called: bool, text: str) -> None:
    heard = read(bridge(as_text=isinstance(message, str)).hears(20002, message, group=555))
    assert isinstance(heard, OneBotMessage)
    assert (heard.called, heard.text, heard.group) == (called, text, "555")


def test_the_account_never_answers_itself_or_somebody_nameless() -> None:
    assert isinstance(read(BRIDGE.hears(BRIDGE.account, "你好")), Other)
    assert isinstance(read(BRIDGE.hears(2, "你好", group=5, anonymous={"flag": "x"})), Other)
    assert isinstance(read(BRIDGE.hears(2, "你好") | {"post_type": "message_sent"}), Other)


def test_heartbeats_and_lifecycle_are_signs_of_life() -> None:
    beat = read(BRIDGE.meta("heartbeat", status={"online": False, "good": True}, interval=30000))
    assert beat == Sign("10001", "heartbeat", online=False, every_s=30)
    assert read(BRIDGE.meta("lifecycle", sub_type="connect")) == Sign("10001", "lifecycle connect")


@pytest.mark.parametrize("echo", ["x", 5, None, {"a": [1, 2]}, ["b"]])
def test_an_answer_carries_back_whatever_echo_it_was_asked_with(echo: object) -> None:
    asked = json.loads(action("send_private_msg", {"user_id": 1}, echo))
    answer = read({"status": "ok", "retcode": 0, "data": {"message_id": 7}, "echo": asked["echo"]})
    assert answer == Answer(echo, "ok", 0, "7", "")
    failed = read({"status": "failed", "retcode": 1200, "data": None, "wording": "发送失败", "echo": echo})
    assert (failed.code, failed.wording) == (1200, "发送失败")


@pytest.mark.parametrize(
    "data",
    [
        "",
        "null",
        "[]",
        "7",
        "{}",
        '{"post_type":"message"}',
        '{"post_type":"message","message_type":"private","self_id":1,"user_id":2,"message_id":3}',
        '{"post_type":"message","message_type":"private","self_id":1,"user_id":true,"message_id":3,"message":""}',
        '{"post_type":"message","message_type":"private","self_id":1,"user_id":"2 or 1","message_id":3,"message":""}',
        '{"post_type":"message","message_type":"group","self_id":1,"user_id":2,"message_id":3,"message":"x"}',
        '{"post_type":"message","message_type":"private","self_id":1,"user_id":2,"message_id":3,"message":[1]}',
        '{"post_type":"meta_event","meta_event_type":"heartbeat","self_id":"x"}',
        '{"status":"ok","retcode":true}',
        "[" * 100_000,
        '{"echo":"\\ud800"}',
    ],
)
def test_what_no_bridge_says_is_refused(data: str) -> None:
    with pytest.raises(BadFrameError):
        parse_frame(data)


def test_only_our_token_opens_the_bridge_s_door() -> None:
    check_bearer(TOKEN, f"Bearer {TOKEN}")
    for given in ("", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer 密"):
        with pytest.raises(CallbackRefusedError):
            check_bearer(TOKEN, given)
    with pytest.raises(CallbackRefusedError):
        check_bearer("", "Bearer ")


def test_a_post_is_signed_over_its_body() -> None:
    check_signature("secret", _sha1(b"{}"), b"{}")
    for header in ("", "sha1=", _sha1(b"{ }"), _sha1(b"{}").upper(), _sha1(b"{}").removeprefix("sha1=")):
        with pytest.raises(CallbackRefusedError):
            check_signature("secret", header, b"{}")


def _sha1(body: bytes) -> str:
    return "sha1=" + hmac.new(b"secret", body, hashlib.sha1).hexdigest()

"""What the QQ platform tells us, and what only looks as if it did."""

import json
import time
from typing import Any

import pytest
from qq_platform import SECRET, event, key, signed, validation

from bot.channels.qq_codes import CODES, Verdict, told
from bot.channels.qq_events import QQConsent, QQMessage, QQOther, parse_callback
from bot.channels.qq_signature import Validation, answer_to, check_event, key_of
from bot.errors import BadFrameError, CallbackRefusedError

NOW = time.time()
BODY = event("C2C_MESSAGE_CREATE", {"id": "m1", "content": "在吗", "author": {"user_openid": "U1"}})


def check(body: bytes, headers: dict[str, str], now: float = NOW) -> None:
    check_event(
        key_of(SECRET),
        timestamp=headers.get("X-Signature-Timestamp", ""),
        signature=headers.get("X-Signature-Ed25519", ""),
        body=body,
        now=now,
    )


def test_the_published_validation_is_answered_with_the_published_signature() -> None:
    published = Validation("Arq0D5A61EgUu4OxUvOp", "1725442341")
    assert answer_to(published, key_of(SECRET), 1725442341) == {
        "plain_token": "Arq0D5A61EgUu4OxUvOp",
        "signature": "87befc99c42c651b3aac0278e71ada338433ae26fcb24307bdc5ad38c1adc2d0"
        "1bcfcadc0842edac85e85205028a1132afe09280305f13aa6909ffc2d652c706",
    }


@pytest.mark.parametrize(
    "secret", ["k", "short", "DG5g3B4j9X2KOErG", "x" * 31, "y" * 32, "z" * 33, "密钥" * 9]
)
def test_an_app_s_key_is_its_secret_repeated_and_cut(secret: str) -> None:
    if secret.isascii():
        assert key_of(secret).private_bytes_raw() == key(secret).private_bytes_raw()
    assert len(key_of(secret).private_bytes_raw()) == 32


def test_an_event_that_the_platform_signed_is_accepted() -> None:
    check(BODY, signed(BODY, at=NOW))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY.replace("在吗".encode(), "退款".encode()), {}),
        (BODY, {"X_Signature_Ed25519": ""}),
        (BODY, {"X_Signature_Ed25519": "00" * 64}),
        (BODY, {"X_Signature_Ed25519": "zz" * 64}),
        (BODY, {"X_Signature_Timestamp": ""}),
        (BODY, {"X_Signature_Timestamp": str(int(NOW) + 1)}),
        (BODY, {"X_Signature_Timestamp": f"{int(NOW)}.0"}),
        (BODY, {"X_Signature_Timestamp": "٠١٢٣"}),
        (BODY, {"secret": "another-secret"}),
    ],
)
def test_a_tampered_or_unsigned_event_is_refused(body: bytes, headers: Any) -> None:
    with pytest.raises(CallbackRefusedError):
        check(body, signed(BODY, at=NOW, **headers))


@pytest.mark.parametrize("age", [-301, 301, 86_400])
def test_a_stale_event_is_refused_although_it_is_signed(age: int) -> None:
    with pytest.raises(CallbackRefusedError):
        check(BODY, signed(BODY, at=NOW - age))


def test_nobody_can_have_us_sign_an_event_by_asking_for_a_validation() -> None:
    # What we sign for a validation, and what an event is signed over, look alike.
    forged = Validation(BODY.decode(), str(int(NOW)))
    with pytest.raises(CallbackRefusedError):
        answer_to(forged, key_of(SECRET), NOW)
    with pytest.raises(CallbackRefusedError):
        answer_to(Validation("a", f'{int(NOW)}{{"op":0'), key_of(SECRET), NOW)


def test_a_validation_is_read() -> None:
    assert parse_callback(validation("abc", "1725442341")) == Validation("abc", "1725442341")


def test_a_private_message_is_read_with_its_pictures_faces_and_voice() -> None:
    face = '<faceType=3,faceId="",ext="eyJ0ZXh0IjoiW+W+rueskV0ifQ==">'
    read = parse_callback(
        event(
            "C2C_MESSAGE_CREATE",
            {
                "id": "ROBOT1.0_a",
                "author": {"id": "U1", "user_openid": "U1", "union_openid": ""},
                "content": f" 这个{face}坏了\u0007 ",
                "timestamp": "2026-11-22T10:00:00+08:00",
                "attachments": [
                    {
                        "content_type": "image/jpeg",
                        "url": "multimedia.nt.qq.com.cn/d?f=1",
                        "size": 12,
                        "filename": "a.jpg",
                    },
                    {"content_type": "voice", "url": "https://x/1.amr", "asr_refer_text": "多久能到"},
                    {"content_type": "file", "filename": "发票.pdf", "url": "https://x/2"},
                    {"content_type": "image/png", "url": "javascript:alert(1)//://"},
                ],
            },
        )
    )
    assert isinstance(read, QQMessage)
    assert (read.id, read.who, read.group) == ("ROBOT1.0_a", "U1", "")
    assert read.text == "这个[微笑]坏了\n多久能到\n[文件 发票.pdf]\n[图片]"
    assert [picture.url for picture in read.pictures] == ["https://multimedia.nt.qq.com.cn/d?f=1"]
    assert read.sent_at == 1795312800000


def test_a_group_message_names_its_member_and_loses_the_mention() -> None:
    read = parse_callback(
        event(
            "GROUP_AT_MESSAGE_CREATE",
            {
                "id": "m2",
                "author": {"id": "M1", "member_openid": "M1"},
                "group_openid": "G1",
                "content": " <@!BOT1> 我的快递到哪了",
            },
        )
    )
    assert isinstance(read, QQMessage)
    assert (read.group, read.who, read.text) == ("G1", "M1", "我的快递到哪了")


def test_a_refusal_of_messages_is_consent_taken_back() -> None:
    read = parse_callback(event("C2C_MSG_REJECT", {"openid": "U1", "timestamp": 1}))
    assert isinstance(read, QQConsent)
    assert (read.who, read.allows) == ("U1", False)


def test_another_bot_is_not_answered() -> None:
    told_by_bot = {"id": "m", "author": {"user_openid": "U", "bot": True}, "content": "你好"}
    assert isinstance(parse_callback(event("C2C_MESSAGE_CREATE", told_by_bot)), QQOther)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"op":"0"}',
        b'{"op":13}',
        b'{"op":13,"d":{"plain_token":1,"event_ts":"1"}}',
        b'{"op":0,"t":"C2C_MESSAGE_CREATE","d":null}',
        b'{"op":0,"t":"C2C_MESSAGE_CREATE","d":{"id":"","author":{"user_openid":"U"}}}',
        b'{"op":0,"t":"C2C_MESSAGE_CREATE","d":{"id":"m","author":{}}}',
        b'{"op":0,"t":"GROUP_AT_MESSAGE_CREATE","d":{"id":"m","author":{"member_openid":"M"}}}',
        b'{"op":0,"d":' + b"[" * 100_000,
    ],
)
def test_what_is_not_the_platform_s_form_is_refused(body: bytes) -> None:
    with pytest.raises(BadFrameError):
        parse_callback(body)


def test_events_that_are_nothing_for_a_desk_are_read_as_such() -> None:
    assert isinstance(parse_callback(event("GROUP_ADD_ROBOT", {"group_openid": "G"})), QQOther)
    assert isinstance(parse_callback(json.dumps({"op": 11}).encode()), QQOther)


def test_each_known_code_says_what_it_means_in_both_languages() -> None:
    for code, meaning in CODES.items():
        assert meaning.zh, code
        assert meaning.en, code
    verdicts = {
        code: told(code, "", 400).verdict for code in (40054005, 40034005, 40034128, 304103, 40054013, 22009)
    }
    assert verdicts == {
        40054005: Verdict.SENT,
        40034005: Verdict.WINDOW,
        40034128: Verdict.WINDOW,
        304103: Verdict.WINDOW,
        40054013: Verdict.REFUSED,
        22009: Verdict.AGAIN,
    }
    assert told(999, "odd thing", 400).zh == "QQ 平台错误 999：odd thing"
    assert told(0, "", 503).verdict is Verdict.AGAIN

"""Signatures, encryption and XML of WeChat and WeCom: published and recorded vectors, and everything spoilt."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from wechat_platform import AES_KEY, APP_ID, TOKEN
from weixin_cipher import PlatformCipher

from bot.channels.wechat_crypto import Envelope, check_signature, check_time, signature_of
from bot.channels.wechat_events import parse_pushed
from bot.channels.wechat_xml import make_flat, parse_flat
from bot.channels.wecom_events import parse_kf
from bot.errors import BadFrameError, CallbackRefusedError, SetupError

RECORDED = json.loads((Path(__file__).parents[1] / "payloads" / "wechat" / "sealed.json").read_text())


def test_the_published_signature_verifies() -> None:
    published = "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert signature_of("AAAAA", "1714036504", "1514711492") == published
    check_signature(published, "AAAAA", "1714036504", "1514711492")
    with pytest.raises(CallbackRefusedError):
        check_signature(published, "AAAAB", "1714036504", "1514711492")
    with pytest.raises(CallbackRefusedError):
        check_signature("", "AAAAA", "1714036504", "1514711492")


@pytest.mark.parametrize("record", RECORDED, ids=lambda record: record["sealed_by"])
def test_what_other_peoples_clients_sealed_is_opened_and_read(record: dict[str, str]) -> None:
    signed = record["msg_signature"], record["timestamp"], record["nonce"]
    opened = Envelope(TOKEN, AES_KEY, APP_ID).open(record["encrypt"], *signed)

    assert opened.decode() == record["message"]
    pushed = parse_pushed(parse_flat(opened))
    assert pushed is not None
    assert (pushed.text, pushed.id) == ("我的快递到哪了😀", "24540000000000001")
    with pytest.raises(CallbackRefusedError):
        Envelope(TOKEN, AES_KEY, "wx-of-another").open(record["encrypt"], *signed)
    with pytest.raises(CallbackRefusedError):
        Envelope("another token", AES_KEY, APP_ID).open(record["encrypt"], *signed)


@given(st.binary(max_size=300))
def test_what_we_seal_the_platform_opens_and_the_other_way_round(message: bytes) -> None:
    envelope, platform = Envelope(TOKEN, AES_KEY, APP_ID), PlatformCipher(TOKEN, AES_KEY, APP_ID)
    sealed, signature = envelope.seal(message, "1714036504", "n")
    assert platform.decrypt(sealed) == message
    assert platform.sign("1714036504", "n", sealed) == signature
    theirs = platform.encrypt(message)
    assert envelope.open(theirs, platform.sign("1", "n", theirs), "1", "n") == message


@given(st.text(max_size=200), st.integers(0, 2000), st.characters(exclude_categories=["Cs"]))
def test_anything_spoilt_is_refused_and_never_breaks(sealed: str, at: int, sign: str) -> None:
    envelope, platform = Envelope(TOKEN, AES_KEY, APP_ID), PlatformCipher(TOKEN, AES_KEY, APP_ID)
    good = platform.encrypt("你好".encode())
    spoilt = good[: at % len(good)] + sign + good[at % len(good) + 1 :]
    for wrong in {sealed, spoilt} - {good}:
        with pytest.raises(CallbackRefusedError):
            envelope.open(wrong, signature_of(TOKEN, "1", "n", good), "1", "n")
        # Even whoever knows the token gets nothing but a refusal, or what really is for us.
        with suppress(CallbackRefusedError):
            envelope.open(wrong, signature_of(TOKEN, "1", "n", wrong), "1", "n")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def test_old_and_future_calls_are_refused() -> None:
    check_time("1714036504", 1714036504 + 599)
    for wrong in ("1714036504", "", "soon", "-1", "9" * 12, "１７"):
        with pytest.raises(CallbackRefusedError):
            check_time(wrong, 1714036504 + 601)


@pytest.mark.parametrize("key", ["", "short", "x" * 43 + "x", "=" * 43, "密" * 43])
def test_a_wrong_aes_key_is_told_to_the_merchant(key: str) -> None:
    with pytest.raises(SetupError):
        Envelope(TOKEN, key, APP_ID)


BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + b"".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9))
    + b"]><xml><MsgType>&j;</MsgType></xml>"
)


@pytest.mark.parametrize(
    "bad",
    [
        BILLION,
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><xml/>',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><xml/>',
        b"<xml><Content>&undefined;</Content></xml>",
        b'<?xml version="1.0"?><?php evil ?><xml/>',
        b"<xml>" + b"<a>" * 50,
        b"",
        b"\x00",
        b"<xml><a></xml>",
        "<xml><a>你好</a></xml>".encode("gbk"),
        b"<xml>" + b"a" * 70_000 + b"</xml>",
    ],
)
def test_dangerous_and_broken_xml_is_refused(bad: bytes) -> None:
    with pytest.raises(BadFrameError):
        parse_flat(bad)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_readers(data: bytes) -> None:
    with suppress(BadFrameError):
        parse_pushed(parse_flat(data))


@given(
    st.dictionaries(st.sampled_from(["ToUserName", "Content", "MsgId"]), st.text(max_size=100), max_size=3)
)
def test_what_we_write_the_platform_reads_as_it_was(values: dict[str, str]) -> None:
    def kept(text: str) -> str:
        legal = "".join(
            c for c in text if c in "\t\n\r" or (ord(c) >= 0x20 and ord(c) not in (0xFFFE, 0xFFFF))
        )
        return legal.replace("\r\n", "\n").replace("\r", "\n")

    values = {name: value for name, value in values.items() if _encodable(value)}
    assert parse_flat(make_flat(values)) == {name: kept(value) for name, value in values.items()}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["msgid", "msgtype", "origin", "event", "text", "open_kfid", "external_userid", "content"]
                ),
                inner,
                max_size=6,
            )
        ),
        max_leaves=12,
    )
)
def test_no_entry_of_a_page_breaks_the_reader(entry: object) -> None:
    if isinstance(entry, dict):
        parse_kf(entry)

"""What is fuzzed: each target takes any bytes, and fails by raising what the parser does not promise to raise.

`make fuzz` drives these with atheris, `make test` with Hypothesis and with every input that broke one once.
"""

import base64
import json
from collections.abc import Callable
from contextlib import suppress

import msgspec

from bot.channels.frames import Send, clean, parse_frame, parse_rated, parse_said
from bot.channels.onebot_cq import parse_cq, parse_message, write_array, write_cq
from bot.channels.onebot_frames import (
    Answer,
    OneBotMessage,
    check_bearer,
    check_signature,
    parse_frame as parse_onebot,
)
from bot.channels.qq_events import QQMessage, parse_callback
from bot.channels.qq_signature import Validation, answer_to, check_event, key_of
from bot.channels.wechat_crypto import Envelope, check_signature as check_wechat, check_time, signature_of
from bot.channels.wechat_events import parse_pushed
from bot.channels.wechat_xml import make_flat, parse_flat
from bot.channels.wecom_events import parse_kf
from bot.errors import CallbackRefusedError, RefusedError

KEY = key_of("DG5g3B4j9X2KOErG")
NOW = 1_795_312_800


def widget_frame(data: bytes) -> None:
    """The widget's frames and what is in them."""
    with suppress(RefusedError):
        frame = parse_frame(data.decode("utf-8", "surrogateescape"))
        if isinstance(frame, Send):
            with suppress(RefusedError):
                parse_rated(frame.body)
            said = parse_said(frame.body)
            msgspec.json.encode(said)
    text = data.decode("utf-8", "replace")
    assert clean(clean(text)) == clean(text)


def qq_callback(data: bytes) -> None:
    """The platform's callbacks."""
    with suppress(RefusedError):
        callback = parse_callback(data)
        if isinstance(callback, QQMessage):
            assert callback.id.isascii()
            assert len(callback.text) <= 2000
            assert all(picture.url.startswith(("https://", "http://")) for picture in callback.pictures)
        msgspec.json.encode(callback)


def qq_signature(data: bytes) -> None:
    """Nobody who lacks the secret gets an event past the check, or has us sign one."""
    timestamp, _, rest = data.partition(b"\n")
    signature, _, body = rest.partition(b"\n")
    headers = [part.decode("latin-1") for part in (timestamp, signature)]
    try:
        check_event(KEY, timestamp=headers[0], signature=headers[1], body=body, now=NOW)
    except CallbackRefusedError:
        pass
    else:
        raise AssertionError("a forged event was accepted")
    with suppress(CallbackRefusedError):
        answered = answer_to(Validation(headers[1] or "a", headers[0]), KEY, NOW)
        assert b"{" not in (headers[0] + answered["plain_token"]).encode()


def onebot_frame(data: bytes) -> None:
    """Frames of a bridge."""
    with suppress(RefusedError):
        frame = parse_onebot(data)
        if isinstance(frame, OneBotMessage):
            assert frame.account.isdigit()
            assert frame.who.isdigit()
            assert frame.who != frame.account
            assert len(frame.text) <= 2000
        if isinstance(frame, Answer):
            json.dumps(frame.echo)


def onebot_cq(data: bytes) -> None:
    """CQ strings: what is written reads as what was read."""
    read = parse_cq(data.decode("utf-8", "replace"))
    joined = parse_cq(write_cq(read))
    assert joined == read
    with suppress(RefusedError):
        assert parse_message(write_array(read)) == read


def onebot_headers(data: bytes) -> None:
    """Headers of a bridge that does not know the token."""
    header, _, body = data.partition(b"\n")
    text = header.decode("latin-1")
    for check in (
        lambda: check_bearer("a-token-that-nobody-guesses-0451", text),
        lambda: check_signature("k", text, body),
    ):
        try:
            check()
        except CallbackRefusedError:
            continue
        raise AssertionError("a stranger was let in")


def wechat_xml(data: bytes) -> None:
    """What is pushed as XML; what we write as XML reads as what was meant."""
    with suppress(RefusedError):
        fields = parse_flat(data)
        assert all(isinstance(value, str) for value in fields.values())
        with suppress(RefusedError):
            pushed = parse_pushed(fields)
            if pushed is not None:
                assert len(pushed.text) <= 2000
                msgspec.json.encode(pushed)
    # XML has no letters for control characters, and its readers turn \r into \n.
    text = "".join(
        c for c in data.decode("utf-8", "ignore") if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff")
    )
    if len(text) < 10_000:
        assert parse_flat(make_flat({"Content": text, "CreateTime": 5})) == {
            "Content": text,
            "CreateTime": "5",
        }


def wechat_envelope(data: bytes) -> None:
    """Ciphertexts: signed by nobody, and signed by one who knows the token but not the key."""
    envelope = Envelope("token", "a" * 42 + "E", "wx0451")
    signature, _, rest = data.partition(b"\n")
    encrypted = rest.decode("latin-1")
    try:
        envelope.open(encrypted, signature.decode("latin-1"), "1795312800", "n")
    except CallbackRefusedError:
        pass
    else:
        raise AssertionError("an unsigned ciphertext was opened")
    blocks = base64.b64encode(rest[: len(rest) // 16 * 16]).decode()
    for ciphertext in (encrypted, blocks):
        signed = signature_of("token", "1795312800", "n", ciphertext)
        with suppress(CallbackRefusedError):
            envelope.open(ciphertext, signed, "1795312800", "n")
    sealed, own = envelope.seal(rest, "1795312800", "n")
    assert envelope.open(sealed, own, "1795312800", "n") == rest


def wechat_headers(data: bytes) -> None:
    """The query of a push: signature and time."""
    given, _, timestamp = data.decode("latin-1").partition("\n")
    try:
        check_wechat(given, "a-token-of-ours", timestamp, "nonce")
    except CallbackRefusedError:
        pass
    else:
        raise AssertionError("a forged push was accepted")
    with suppress(CallbackRefusedError):
        check_time(timestamp, NOW)
        assert abs(int(timestamp) - NOW) <= 600


def wecom_message(data: bytes) -> None:
    """What 微信客服 hands over when we fetch messages."""
    try:
        raw = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return
    if isinstance(raw, dict):
        with suppress(RefusedError):
            msgspec.json.encode(parse_kf(raw))


TARGETS: dict[str, Callable[[bytes], None]] = {
    "widget_frame": widget_frame,
    "qq_callback": qq_callback,
    "qq_signature": qq_signature,
    "onebot_frame": onebot_frame,
    "onebot_cq": onebot_cq,
    "onebot_headers": onebot_headers,
    "wechat_xml": wechat_xml,
    "wechat_envelope": wechat_envelope,
    "wechat_headers": wechat_headers,
    "wecom_message": wecom_message,
}

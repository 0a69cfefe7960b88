"""Signatures of the QQ platform's callbacks (Ed25519), and our answer to its validation of the address."""

import re
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.errors import CallbackRefusedError

FRESH_S = 300
_SEED_BYTES = 32
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}", re.ASCII)
# What we sign for a validation is `seconds + token`; what an event is signed over is `seconds + body`, and a
# body begins with "{". Without that character in the token nobody can have us sign an event of his own.
_PLAIN_TOKEN = re.compile(r"[A-Za-z0-9_+./=-]{1,256}", re.ASCII)


class Validation(msgspec.Struct, frozen=True):
    """What the platform asks when the address is entered or changed (op 13)."""

    plain_token: str
    event_ts: str


def key_of(secret: str) -> Ed25519PrivateKey:
    """The key of an app: its secret, repeated and cut to 32 bytes, is the seed."""
    seed = secret.encode()
    if not seed:
        raise CallbackRefusedError("the app has no secret")
    while len(seed) < _SEED_BYTES:
        seed += seed
    return Ed25519PrivateKey.from_private_bytes(seed[:_SEED_BYTES])


def answer_to(validation: Validation, key: Ed25519PrivateKey, now: float) -> dict[str, Any]:
    """The signed token. Raises CallbackRefusedError for what no platform asks."""
    if not _PLAIN_TOKEN.fullmatch(validation.plain_token):
        raise CallbackRefusedError("the validation's token has characters that no token has")
    check_fresh(validation.event_ts, now)
    signed = key.sign((validation.event_ts + validation.plain_token).encode())
    return {"plain_token": validation.plain_token, "signature": signed.hex()}


def check_event(key: Ed25519PrivateKey, *, timestamp: str, signature: str, body: bytes, now: float) -> None:
    """Raises CallbackRefusedError unless the platform signed this body within the last five minutes."""
    check_fresh(timestamp, now)
    if not _SIGNATURE.fullmatch(signature):
        raise CallbackRefusedError("X-Signature-Ed25519 is missing, or is not 64 bytes in hex")
    try:
        key.public_key().verify(bytes.fromhex(signature), timestamp.encode() + body)
    except InvalidSignature as error:
        raise CallbackRefusedError("the signature is not the platform's, or the secret is wrong") from error


def check_fresh(timestamp: str, now: float) -> None:
    """Raises CallbackRefusedError unless `timestamp` (seconds) is within five minutes of `now`."""
    if not _SECONDS.fullmatch(timestamp):
        raise CallbackRefusedError("the timestamp is missing, or is not in seconds")
    if abs(now - int(timestamp)) > FRESH_S:
        raise CallbackRefusedError("the call is older than five minutes, or our clock is wrong")

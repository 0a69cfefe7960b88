"""Signatures and encryption of WeChat's and WeCom's callbacks (both platforms use the same scheme)."""

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.errors import CallbackRefusedError, SetupError

STALE_S = 600
_BLOCK = 32
_SALT = 16


def signature_of(*parts: str) -> str:
    """SHA-1 over the sorted parts, in hex."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the platforms' choice


def check_signature(given: str, *parts: str) -> None:
    """Raises CallbackRefusedError when `given` does not sign the parts."""
    if not given or not hmac.compare_digest(given.encode(), signature_of(*parts).encode()):
        raise CallbackRefusedError("the signature does not fit the token")


def check_time(timestamp: str, now: float) -> None:
    """Raises CallbackRefusedError for a call that was signed more than 10 minutes away from `now` (s)."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        raise CallbackRefusedError("there is no timestamp")
    if abs(now - int(timestamp)) > STALE_S:
        raise CallbackRefusedError("the timestamp is more than 10 minutes off: stale, or a clock is wrong")


class Envelope:
    """Encrypts and decrypts for one account; `receiver` is its appid (WeCom: corp id)."""

    def __init__(self, token: str, aes_key: str, receiver: str) -> None:
        try:
            key = base64.b64decode(aes_key + "=", validate=True)
        except (binascii.Error, ValueError) as error:
            raise SetupError("EncodingAESKey has 43 letters and digits, as the platform shows it") from error
        if len(key) != 32:
            raise SetupError("EncodingAESKey has 43 letters and digits, as the platform shows it")
        self._token = token
        self._key = key
        self._receiver = receiver.encode()

    def open(self, encrypted: str, signature: str, timestamp: str, nonce: str) -> bytes:
        """What was encrypted for us. Raises CallbackRefusedError for anything that was not."""
        check_signature(signature, self._token, timestamp, nonce, encrypted)
        try:
            data = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise CallbackRefusedError("the ciphertext is no base64") from error
        if not data or len(data) % 16:
            raise CallbackRefusedError("the ciphertext has no whole blocks")
        decryptor = self._cipher().decryptor()
        plain = decryptor.update(data) + decryptor.finalize()
        padding = plain[-1]
        if not 1 <= padding <= _BLOCK or len(plain) < _SALT + 4 + padding:
            raise CallbackRefusedError("the padding is wrong: another EncodingAESKey?")
        content = plain[_SALT:-padding]
        (length,) = struct.unpack("!I", content[:4])
        message, receiver = content[4 : 4 + length], content[4 + length :]
        if len(message) != length or not hmac.compare_digest(receiver, self._receiver):
            raise CallbackRefusedError("it was encrypted for another account")
        return message

    def seal(self, message: bytes, timestamp: str, nonce: str) -> tuple[str, str]:
        """The ciphertext and its signature."""
        content = secrets.token_bytes(_SALT) + struct.pack("!I", len(message)) + message + self._receiver
        padding = _BLOCK - len(content) % _BLOCK
        encryptor = self._cipher().encryptor()
        data = encryptor.update(content + bytes([padding]) * padding) + encryptor.finalize()
        encrypted = base64.b64encode(data).decode()
        return encrypted, signature_of(self._token, timestamp, nonce, encrypted)

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))

"""The platforms' side of signatures and encryption, written from their documents and not from our code.

Validated against other people's clients by `make peers`.
"""

import base64
import hashlib
import os

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def sha1_of_sorted(*words: str) -> str:
    ordered = list(words)
    ordered.sort()
    return hashlib.sha1("".join(ordered).encode("utf-8")).hexdigest()


class PlatformCipher:
    def __init__(self, token: str, encoding_aes_key: str, receiver_id: str) -> None:
        self.token = token
        self.key = base64.decodebytes(encoding_aes_key.encode() + b"=")
        assert len(self.key) == 32
        self.receiver_id = receiver_id

    def encrypt(self, text: bytes) -> str:
        body = os.urandom(16) + len(text).to_bytes(4, "big") + text + self.receiver_id.encode()
        padder = padding.PKCS7(256).padder()
        padded = padder.update(body) + padder.finalize()
        worker = Cipher(algorithms.AES256(self.key), modes.CBC(self.key[:16])).encryptor()
        return base64.b64encode(worker.update(padded) + worker.finalize()).decode()

    def decrypt(self, sealed: str) -> bytes:
        worker = Cipher(algorithms.AES256(self.key), modes.CBC(self.key[:16])).decryptor()
        padded = worker.update(base64.b64decode(sealed)) + worker.finalize()
        unpadder = padding.PKCS7(256).unpadder()
        body = unpadder.update(padded) + unpadder.finalize()
        size = int.from_bytes(body[16:20], "big")
        assert body[20 + size :].decode() == self.receiver_id
        return body[20 : 20 + size]

    def sign(self, timestamp: str, nonce: str, sealed: str) -> str:
        return sha1_of_sorted(self.token, timestamp, nonce, sealed)

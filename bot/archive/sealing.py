"""Encryption of the few fields that must not be read in a stolen database: AES-256-GCM."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SetupError

_NONCE = 12
_KEY = 32


class Seal:
    """Seals texts for one purpose, with a key made from the installation's own secret."""

    def __init__(self, secret: str, purpose: str) -> None:
        derived = HKDF(SHA256(), _KEY, salt=None, info=b"xiaoer " + purpose.encode())
        self._cipher = AESGCM(derived.derive(secret.encode()))

    def close(self, text: str, owner: str) -> str:
        """The text, sealed for `owner`: moved to another's row it can't be opened."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), owner.encode())).decode()

    def open(self, sealed: str, owner: str) -> str:
        """Raises SetupError when it was sealed with another secret, or for somebody else."""
        try:
            data = base64.b64decode(sealed)
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], owner.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise SetupError(
                "what was sealed with another XIAOER_SECRET can't be opened: put the old one back, or take"
                " the agents' second factors away (xiaoer agent forget-code)"
            ) from error

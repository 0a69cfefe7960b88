"""The signature on a request, as docs/platforms/rest.md describes it: who sent it, whole, and just now."""

import hashlib
import hmac
import time
from collections.abc import Mapping

VERSION = "v1"
LATE_S = 300
SHORTEST_NONCE = 16
MOST_NONCES = 1_000_000


class Doorkeeper:
    """Knows one key; lets a signed request in once, within five minutes of its time."""

    def __init__(self, key_id: str, secret: str) -> None:
        self._key_id = key_id
        self._secret = secret.encode()
        self._seen: dict[str, float] = {}

    def lets_in(self, request: tuple[str, str, bytes], headers: Mapping[str, str]) -> bool:
        """Whether this (method, path with query, body) is signed by whom we know, fresh, and new."""
        method, target, body = request
        at, nonce = headers.get("X-Xiaoer-Timestamp", ""), headers.get("X-Xiaoer-Nonce", "")
        digest = hashlib.sha256(body).hexdigest()
        key = headers.get("Idempotency-Key", "")
        told = f"{VERSION}\n{method}\n{target}\n{at}\n{nonce}\n{key}\n{digest}"
        mark = hmac.new(self._secret, told.encode(), hashlib.sha256).hexdigest()
        given = headers.get("X-Xiaoer-Signature", "")
        signed = hmac.compare_digest(given.encode(), f"{VERSION}={mark}".encode())
        known = hmac.compare_digest(headers.get("X-Xiaoer-Key", "").encode(), self._key_id.encode())
        return signed and known and self._is_fresh(at) and self._is_new(nonce)

    def _is_fresh(self, at: str) -> bool:
        return at.isascii() and at.isdigit() and abs(time.time() - int(at)) <= LATE_S

    def _is_new(self, nonce: str) -> bool:
        now = time.monotonic()
        while self._seen:  # in the order of their coming
            oldest = next(iter(self._seen))
            if now - self._seen[oldest] <= 2 * LATE_S:
                break
            del self._seen[oldest]
        # Full means shut: what was forgotten too early could be played again.
        if len(nonce) < SHORTEST_NONCE or nonce in self._seen or len(self._seen) >= MOST_NONCES:
            return False
        self._seen[nonce] = now
        return True

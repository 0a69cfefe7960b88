"""Our signature on a request to a merchant's own system (docs/platforms/rest.md), version 1."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping

VERSION = "v1"


def signed_headers(
    key_id: str, secret: str, request: tuple[str, str, bytes], idempotency_key: str = ""
) -> Mapping[str, str]:
    """The headers that prove who sends this (method, path with query, body), and that it is fresh."""
    method, target, body = request
    at, nonce = str(int(time.time())), secrets.token_hex(16)
    digest = hashlib.sha256(body).hexdigest()
    told = f"{VERSION}\n{method}\n{target}\n{at}\n{nonce}\n{idempotency_key}\n{digest}"
    mark = hmac.digest(secret.encode(), told.encode(), "sha256").hex()
    headers = {
        "X-Xiaoer-Key": key_id,
        "X-Xiaoer-Timestamp": at,
        "X-Xiaoer-Nonce": nonce,
        "X-Xiaoer-Signature": f"{VERSION}={mark}",
    }
    return headers | {"Idempotency-Key": idempotency_key} if idempotency_key else headers

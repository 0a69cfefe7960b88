"""Who talks in the bench: customers of the demo shop, at as many of its sites as there are conversations."""

import time
from dataclasses import dataclass
from typing import Protocol

import jwt

SECRET = "the-bench's-own-site-secret-of-more-than-32-characters"
ORIGIN = "http://bench.example"
SITES = 40
ANSWER_S = 60
_AT_A_SITE = 290
_FIRST = 100007  # those before are the storefront's


class UnansweredError(Exception):
    """A message that got no answer, an empty one, a refusal, or a human instead of the bot."""


@dataclass(frozen=True)
class Answered:
    """When the message was acknowledged, and when it was answered (seconds of `time.perf_counter`)."""

    acked: float
    answered: float


@dataclass(frozen=True)
class Who:
    """The customer of conversation `number`; each customer has one conversation at each site."""

    number: int

    @property
    def site(self) -> str:
        return f"s{self.number // _AT_A_SITE % SITES}"

    @property
    def customer(self) -> str:
        return f"C{_FIRST + self.number % _AT_A_SITE}"


class Customer(Protocol):
    """Somebody who writes, and waits for the answer."""

    async def ask(self, *texts: str) -> Answered:
        """Sends all of them at once; returns when all are answered. Raises UnansweredError."""

    async def close(self) -> None: ...


def identity(who: Who) -> str:
    """What the shop signs for this customer."""
    now = int(time.time())
    claims = {
        "sub": who.customer,
        "name": "顾客",
        "level": "普通",
        "aud": "xiaoer",
        "iss": who.site,
        "iat": now,
        "exp": now + 3500,
        "jti": f"{who.site}-{who.customer}-{now}",
    }
    return jwt.encode(claims, SECRET, algorithm="HS256")

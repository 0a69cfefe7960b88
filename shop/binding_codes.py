"""Codes that the shop sends to a customer's phone, and whose phone it is. The demo's messages go to its outbox."""

import secrets
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec

LASTS_S = 600
TRIES = 5
PER_HOUR = 5
AGAIN_S = 60
_KEPT = 2000


class Message(msgspec.Struct, frozen=True):
    """A text message as the demo's outbox page shows it; `time` is Unix seconds."""

    time: float
    phone: str
    text: str


class Challenge(msgspec.Struct):
    customer: str
    code: str
    until: float
    tries: int = 0
    confirmed_by: str = ""


class BindingCodes:
    """Sends nothing to a phone that is no customer's, and says nothing of it either."""

    def __init__(
        self, outbox: Path, customer_of: Callable[[str], str], clock: Callable[[], float] = time.time
    ) -> None:
        self.sent: deque[Message] = deque(maxlen=50)
        self._outbox = outbox
        self._customer_of = customer_of
        self._clock = clock
        self._challenges: dict[str, Challenge] = {}
        self._by_key: dict[str, str] = {}
        self._asked: dict[str, list[float]] = {}

    def ask(self, phone: str, conversation: str, key: str) -> str:
        """The name of the challenge; the same `key` asks once. A flood gets challenges that nothing can meet."""
        if key in self._by_key:
            return self._by_key[key]
        self._forget()
        now = self._clock()
        challenge = secrets.token_urlsafe(16)
        self._by_key[key] = challenge
        customer = "" if self._is_flood(phone, conversation, now) else self._customer_of(phone)
        code = f"{secrets.randbelow(10**6):06}"
        self._challenges[challenge] = Challenge(customer, code, now + LASTS_S)
        if customer:
            text = f"【小满优选】您的绑定验证码是 {code}，10 分钟内有效，请勿告诉他人。"
            self._send(Message(now, phone, text))
        return challenge

    def confirm(self, challenge: str, code: str, key: str) -> str:
        """The customer's id, "" when the code is wrong, used or too old. The same `key` gets the same answer."""
        found = self._challenges.get(challenge)
        if found is None or not found.customer or found.until < self._clock():
            return ""
        if found.confirmed_by:
            return found.customer if found.confirmed_by == key else ""
        found.tries += 1
        if found.tries > TRIES or not secrets.compare_digest(found.code.encode(), code.encode()):
            return ""
        found.confirmed_by = key
        return found.customer

    def _is_flood(self, phone: str, conversation: str, now: float) -> bool:
        flood = False
        for who, most, since in ((f"p{phone}", 1, AGAIN_S), (f"c{conversation}", PER_HOUR, 3600)):
            times = [at for at in self._asked.get(who, []) if at > now - since]
            flood = flood or len(times) >= most
            self._asked[who] = [*times, now]
        return flood

    def _send(self, message: Message) -> None:
        self.sent.appendleft(message)
        with self._outbox.open("a", encoding="utf-8") as file:
            file.write(msgspec.json.encode(message).decode() + "\n")
        self._outbox.chmod(0o600)

    def _forget(self) -> None:
        if len(self._challenges) > _KEPT:
            now = self._clock()
            self._challenges = {name: one for name, one in self._challenges.items() if one.until > now}
            self._by_key = {key: name for key, name in self._by_key.items() if name in self._challenges}
            self._asked = {}

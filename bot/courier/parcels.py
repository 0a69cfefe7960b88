"""A parcel: what goes out together, and how far it has come. Kept in Redis until its end is in the log."""

from hashlib import blake2b
from typing import Literal

import msgspec

from bot.conversation.bodies import Delivered
from bot.courier.contract import Failed, Label, Outcome, Piece, Sent

State = Literal["sent", "failed", "unknown"]
NOT_BEGUN = -1
_NOTHING = "这个渠道显示不了这种内容"


class Parcel(msgspec.Struct, frozen=True):
    """Events `of`, rendered to `pieces`; the first `len(came)` of them have come to their ends.

    `begun` is the piece that somebody set out with, or -1: without an outcome, it may have arrived.
    `push` is the platform's push that it answers, when it goes back as that push's answer.
    """

    of: tuple[int, ...]
    pieces: tuple[Piece, ...]
    context: str = ""
    came: tuple[State, ...] = ()
    reason: str = ""
    begun: int = NOT_BEGUN
    tries: int = 0
    push: str = ""

    @property
    def next(self) -> int:
        return len(self.came)

    @property
    def has_begun(self) -> bool:
        """Something of it may have arrived, or was tried."""
        return bool(self.came) or self.begun != NOT_BEGUN or self.tries > 0

    @property
    def is_over(self) -> bool:
        """Nothing is left to do: all gone, or one failed, after which the rest would make no sense."""
        return self.next >= len(self.pieces) or "failed" in self.came

    def begins(self) -> "Parcel":
        return msgspec.structs.replace(self, begun=self.next)

    def tried(self, *, in_hand: bool) -> "Parcel":
        """After a try that may be repeated; `in_hand`: it may have arrived all the same."""
        begun = self.next if in_hand else NOT_BEGUN
        return msgspec.structs.replace(self, begun=begun, tries=self.tries + 1)

    def ends(self, outcome: Outcome) -> "Parcel":
        """With the next piece come to its end."""
        state: State = "unknown"
        reason = self.reason
        if isinstance(outcome, Sent):
            state = "sent"
        else:
            state = "failed" if isinstance(outcome, Failed) else "unknown"
            reason = reason or outcome.reason
        came = (*self.came, state)
        return msgspec.structs.replace(self, came=came, reason=reason, begun=NOT_BEGUN, tries=0)

    def label(self, conversation: str) -> Label:
        """What the next piece is known by."""
        return Label(key_of(conversation, self.of[0], self.next), self.of[0], self.next, self.context)

    def used(self) -> int:
        """Messages of the quota that are certainly or possibly gone."""
        return sum(
            piece.cost for piece, state in zip(self.pieces, self.came, strict=False) if state != "failed"
        )

    def report(self, conversation: str) -> Delivered:
        """What is said of it in the log: the worst that happened to a part of it."""
        worst: State = "sent"
        if "failed" in self.came or not self.came:
            worst = "failed"
        elif "unknown" in self.came:
            worst = "unknown"
        reason = self.reason if self.pieces else _NOTHING
        if worst == "failed" and self.next > 1:
            reason = f"{reason}（共 {len(self.pieces)} 段，第 {self.next} 段起未送达）"
        keys = tuple(key_of(conversation, self.of[0], part) for part in range(self.next))
        return Delivered(self.of, worst, reason, self.used(), keys)


def key_of(conversation: str, seq: int, part: int) -> str:
    """32 characters of [0-9a-f], the same for the same part for ever."""
    return blake2b(f"{conversation}|{seq}|{part}".encode(), digest_size=16).hexdigest()


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Parcel).decode


def encode_parcel(parcel: Parcel) -> bytes:
    return _encode(parcel)


def decode_parcel(data: bytes) -> Parcel:
    return _decode(data)

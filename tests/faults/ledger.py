"""What the clients wrote down: the oracle of every fault."""

import time
from dataclasses import dataclass, field


@dataclass
class Sent:
    """One message of a shopper, or of an agent: its own id, when it was sent, what became of it (monotonic s)."""

    cid: str
    first: float = field(default_factory=time.monotonic)
    last: float = 0.0
    tries: int = 0
    acked: float = 0.0
    answered: float = 0.0
    seq: int = 0
    refused: str = ""


@dataclass
class Kept:
    """One conversation as its shopper knows it; `seen` are the visible seqs in the order of their coming."""

    conversation: str = ""
    sent: list[Sent] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    ordered: bool = True
    gaps: int = 0
    connections: int = 0


@dataclass
class Ledger:
    """Everything that was sent during one fault."""

    shoppers: list[Kept] = field(default_factory=list)
    replies: dict[str, list[Sent]] = field(default_factory=dict)
    early_refusals: int = 0

    def all_sent(self) -> list[Sent]:
        return [one for kept in self.shoppers for one in kept.sent]

    def acknowledged(self) -> int:
        agents = sum(bool(one.acked) for replies in self.replies.values() for one in replies)
        return sum(bool(one.acked) for one in self.all_sent()) + agents

    def acked_after(self, moment: float) -> float:
        """Seconds from `moment` to the first acknowledgement of what was sent (again) after it; -1 for none."""
        return _first([one.acked for one in self.all_sent() if one.last >= moment and one.acked], moment)

    def longest_wait(self) -> float:
        """Seconds that a message took to be acknowledged, tried again and again; of the unluckiest. -1 for none."""
        return max((one.acked - one.first for one in self.all_sent() if one.acked), default=-1.0)

    def answered_after(self, moment: float) -> float:
        """Seconds from `moment` to the first answer to a message that was accepted after it; -1 for none."""
        return _first(
            [one.answered for one in self.all_sent() if one.acked >= moment and one.answered], moment
        )


def _first(moments: list[float], since: float) -> float:
    return min(moments) - since if moments else -1.0

"""From the features of a turn to what the customer may mean, surest first."""

from dataclasses import dataclass

import numpy as np

from bot.nlu.linear import Floats, Linear, softmax
from bot.nlu.ngrams import Counts, Vocabulary
from bot.nlu.normal import FACTS, acts

INFO = "provide_info"
SOCIAL = frozenset({"greet", "thanks", "affirm", "deny", "goodbye", "chitchat", INFO, "needs_context"})
"""What a turn may say besides a request, without hiding it."""
_HUMAN = "request_human"
_INFO_WORDS = frozenset(
    "订单号编是的我这个单电话手机地址名称税抬头收件人姓发票开户行账银你好亲快递运物流售后服务联系方式 ?!在吗就一下"
)


@dataclass(frozen=True)
class Turn:
    """One message as features: whole, in its parts, and what was said before it."""

    signs: str
    whole: Counts
    parts: tuple[tuple[str, Counts], ...]
    before: str
    topic: Counts | None
    asked_for: str

    def fingerprint(self) -> str:
        """What Rasa's cache may compare it by."""
        return f"{self.signs}|{self.before}|{self.asked_for}"


@dataclass(frozen=True)
class Reading:
    """The readings of a turn with their calibrated confidence, surest first, and a second request if there is one."""

    ranking: tuple[tuple[str, float], ...]
    second: tuple[str, float] | None = None


def turn_of(vocabulary: Vocabulary, signs: str, before: str = "", asked_for: str = "") -> Turn:
    """The features of a normalised text, read after `before` (normalised too)."""
    found = acts(signs)
    parts = tuple((part, vocabulary.counts(part)) for part in found) if len(found) > 1 else ()
    topic = vocabulary.counts(before) if before else None
    return Turn(signs, vocabulary.counts(signs), parts, before, topic, asked_for)


def is_bare_fact(signs: str) -> bool:
    """Whether the turn hands over a number, name or address and asks for nothing."""
    rest = [letter for letter in signs if letter not in FACTS and letter not in _INFO_WORDS]
    return any(letter in FACTS for letter in signs) and not rest and "?" not in signs


@dataclass(frozen=True)
class Reader:
    """The trained model; every share it gives is calibrated by `temperature`."""

    intents: Linear
    temperature: float
    fact_confidence: float

    def read(self, turn: Turn) -> Reading:
        """What the turn may mean; always every intent, however unlikely."""
        shares = self.shares(turn)
        order = np.argsort(-shares, kind="stable")
        ranking = tuple((self.intents.labels[i], float(shares[i])) for i in order)
        return Reading(ranking, self._second(turn, ranking[0][0]))

    def shares(self, turn: Turn) -> Floats:
        """One confidence for each label, adding up to one."""
        return self.calibrated(self.intents.scores(turn.whole), turn)

    def calibrated(self, scores: Floats, turn: Turn) -> Floats:
        """What scores mean for this turn, the rule for bare facts included."""
        whole = softmax(scores, self.temperature)
        if INFO in self.intents.labels and is_bare_fact(turn.signs):
            place = self.intents.labels.index(INFO)
            rest = np.delete(whole, place).sum() or 1.0
            whole = whole * ((1 - self.fact_confidence) / rest)
            whole[place] = self.fact_confidence
        return whole

    def _second(self, turn: Turn, first: str) -> tuple[str, float] | None:
        return None

"""From the features of a turn to what the customer may mean, surest first."""

from dataclasses import dataclass

import numpy as np

from bot.nlu.context import INFO, SOCIAL, UNSETTLED, Context
from bot.nlu.habits import Habits
from bot.nlu.linear import Floats, Linear, softmax
from bot.nlu.ngrams import Counts, Vocabulary
from bot.nlu.normal import FACTS, acts

_INFO_WORDS = frozenset(
    "订单号编是的我这个单电话手机地址名称税抬头收件人姓发票开户行账银你好亲快递运物流售后服务联系方式 ?!在吗就一下"
)
_OF_FACTS = FACTS | _INFO_WORDS
_SHORTEST_PART = 3
_SHORTEST_SECOND = 5


@dataclass(frozen=True)
class Turn:
    """One message as features: whole, in its parts, and what was said before it."""

    signs: str
    whole: Counts
    parts: tuple[tuple[str, Counts], ...] = ()
    before: Counts | None = None
    asked_for: str = ""

    def fingerprint(self) -> str:
        """What Rasa's cache may compare it by."""
        return f"{self.signs}|{self.before and self.before.fingerprint()}|{self.asked_for}"


@dataclass(frozen=True)
class Reading:
    """The readings of a turn with their calibrated confidence, surest first, and a second request if there is one."""

    ranking: tuple[tuple[str, float], ...]
    second: tuple[str, float] | None = None


def turn_of(vocabulary: Vocabulary, signs: str, before: str = "", asked_for: str = "") -> Turn:
    """The features of a normalised text, read after `before` (normalised too)."""
    found = acts(signs)
    heard = [part for part in found if len(part) >= _SHORTEST_PART] if len(found) > 1 else []
    parts = tuple((part, vocabulary.counts(part)) for part in heard)
    said = vocabulary.counts_of_saying(before) if before else None
    return Turn(signs, vocabulary.counts(signs), parts, said, asked_for)


def is_bare_fact(signs: str) -> bool:
    """Whether the turn hands over a number, name or address and asks for nothing."""
    return not FACTS.isdisjoint(signs) and "?" not in signs and _OF_FACTS.issuperset(signs)


def margins(intents: Linear, turn: Turn) -> Floats:
    """How much a turn speaks for each label; a part that makes a request is heard over thanks and numbers around it."""
    whole = intents.scores(turn.whole)
    if not turn.parts:
        return whole
    requests = np.array([label not in SOCIAL for label in intents.labels])
    loudest = np.max([intents.scores(counts) for _, counts in turn.parts], axis=0)
    heard: Floats = np.where(requests, (whole + np.maximum(whole, loudest)) / 2, whole).astype(np.float32)
    return heard


def _unreadable(labels: tuple[str, ...]) -> Floats:
    """Nothing that was ever seen: no reading is likelier than another, save that it can't be understood."""
    worth = np.array([len(labels) if label == UNSETTLED else 1.0 for label in labels], np.float32)
    shares: Floats = worth / worth.sum()
    return shares


@dataclass(frozen=True)
class Reader:
    """The trained model; every share it gives is calibrated by `temperature`."""

    intents: Linear
    temperature: float
    fact_confidence: float
    context: Context | None = None
    second_from: float = 1.0
    habits: Habits | None = None

    def read(self, turn: Turn) -> Reading:
        """What the turn may mean; always every intent, however unlikely."""
        shares = self.shares(turn)
        order = np.argsort(-shares, kind="stable")
        labels = self.intents.labels
        ranking = tuple(
            (labels[i], share) for i, share in zip(order.tolist(), shares[order].tolist(), strict=True)
        )
        return Reading(ranking, self._second(turn, ranking[0]))

    def shares(self, turn: Turn) -> Floats:
        """One confidence for each label, adding up to one."""
        return self.calibrated(margins(self.intents, turn), turn)

    def calibrated(self, scores: Floats, turn: Turn) -> Floats:
        """What margins mean for this turn: as shares, with the rule for bare facts and what was said before."""
        labels = self.intents.labels
        if not len(turn.whole.numbers):
            return _unreadable(labels)
        shares: Floats = softmax(scores, self.temperature)
        if INFO in labels and is_bare_fact(turn.signs):
            place = labels.index(INFO)
            shares *= (1 - self.fact_confidence) / (1 - shares[place] + 1e-9)
            shares[place] = self.fact_confidence
            return shares
        if self.habits is not None:
            shares = self.habits.applied(shares, scores, turn.whole)
        if self.context is not None and turn.before is not None:
            shares = self.context.applied(shares, turn.before, labels)
        return shares

    def _second(self, turn: Turn, first: tuple[str, float]) -> tuple[str, float] | None:
        """Another request in a part of its own, when both are read surely: the first one in its part or as a whole."""
        surely: dict[str, float] = {}
        for part, counts in turn.parts:
            shares = softmax(self.intents.scores(counts), self.temperature)
            place = int(shares.argmax())
            intent, share = self.intents.labels[place], float(shares[place])
            if share >= self.second_from and len(part) >= _SHORTEST_SECOND and intent not in SOCIAL:
                surely[intent] = max(share, surely.get(intent, 0.0))
        if first[0] not in surely and (first[0] in SOCIAL or first[1] < self.second_from):
            return None
        others = [(share, intent) for intent, share in surely.items() if intent != first[0]]
        return max(others)[::-1] if others else None

"""What the shop knows without looking anything up: answers from the FAQ."""

from typing import NamedTuple, Protocol

from actions.action import ShopAction
from actions.asked import Asked
from actions.labels import label
from actions.reply import Reply
from actions.said import Choice, Means
from faq.entry import FaqError
from faq.shelf import Shelf

NEAR = 3


class Known(NamedTuple):
    """What the FAQ says to a question: answers, or questions that may be meant, or neither."""

    answer: tuple[str, str] | None
    near: tuple[tuple[str, str], ...]


class Knowledge(Protocol):
    def ask(self, text: str) -> Known: ...
    def about(self, intent: str) -> tuple[tuple[str, str], ...]: ...
    def entry(self, entry_id: str) -> tuple[str, str] | None: ...
    def near(self, text: str) -> tuple[str, str] | None: ...


class Faq:
    """The FAQ of this installation, loaded with the first question; as it was published last."""

    def __init__(self) -> None:
        self._shelf = Shelf()

    def ask(self, text: str) -> Known:
        """The answer, or the questions that may be meant."""
        search = self._shelf.search()
        hits = search.search(text, k=NEAR)
        verdict = search.verdict(hits)
        if verdict == "answer":
            return Known((hits[0].answer, hits[0].answer_en or hits[0].answer), ())
        return Known(None, tuple((hit.entry, hit.question) for hit in hits) if verdict == "choose" else ())

    def about(self, intent: str) -> tuple[tuple[str, str], ...]:
        """Ids and questions of the entries that are written for an intent."""
        return tuple((entry.id, entry.question) for entry in self._shelf.search().for_intent(intent))

    def near(self, text: str) -> tuple[str, str] | None:
        """Id and question of the entry that surely answers, to be offered where it was not asked for."""
        search = self._shelf.search()
        hits = search.search(text, k=NEAR)
        return (hits[0].entry, hits[0].question) if search.verdict(hits) == "answer" else None

    def entry(self, entry_id: str) -> tuple[str, str] | None:
        """Its answer in Chinese and English; none for a button that is older than the FAQ."""
        try:
            entry = self._shelf.search().entry(entry_id)
        except FaqError:
            return None
        return entry.answer, entry.answer_en or entry.answer


FAQ = Faq()


def say_from_knowledge(asked: Asked, reply: Reply, knowledge: Knowledge) -> bool:
    """Answers from the FAQ, or offers what may be meant; whether it had anything to say."""
    question = asked.text
    if not question or question.startswith("/"):
        question = label(asked.intent).zh
    known = knowledge.ask(question)
    near = _offered(known.near, knowledge.about(asked.intent))
    if known.answer:
        reply.say(*known.answer)
        return True
    if near:
        choices = (Choice(question, Means(faq=entry)) for entry, question in near)
        reply.offer("您想问的是下面哪一个？", "Which of these do you mean?", *choices, reply.human())
        return True
    return False


def _offered(
    near: tuple[tuple[str, str], ...], written: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """What to offer: hits that are about what was understood, or else what is `written` for that.

    Search alone mistakes 退货政策 for our privacy policy; what was understood knows better.
    """
    if not near or (written and not set(near) & set(written)):
        return written[:NEAR]
    return tuple(sorted(near, key=lambda hit: hit not in written))


def say_if_sure(asked: Asked, reply: Reply, knowledge: Knowledge) -> bool:
    """Answers from the FAQ beside what the shop says, when the answer is sure; whether it was."""
    known = knowledge.ask(asked.text) if asked.text else Known(None, ())
    if known.answer:
        reply.say(*known.answer)
    return known.answer is not None


class ActionKnowledge(ShopAction):
    """Answers what needs no look-up in the shop's data."""

    called = "action_knowledge"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not say_from_knowledge(asked, reply, self.knowledge):
            say_unknown(reply)


class ActionFaqPick(ShopAction):
    """Answers the question that the shopper pressed."""

    called = "action_faq_pick"
    knowledge: Knowledge = FAQ

    async def answer(self, asked: Asked, reply: Reply) -> None:
        answers = self.knowledge.entry(asked.value("faq_entry"))
        if answers:
            reply.say(*answers)
        else:
            say_unknown(reply)


def say_unknown(reply: Reply) -> None:
    """Honest words for a question that nothing here answers."""
    reply.offer(
        "这个问题我还没有准确的答案，不想随便回答您。可以换个说法再问我一次，或者转人工客服。",
        "I have no reliable answer to this yet. Please ask in other words, or talk to a person.",
        reply.human(),
    )

"""What the shop knows without looking anything up: answers from the FAQ."""

from typing import NamedTuple, Protocol

from actions.action import ShopAction
from actions.asked import Asked
from actions.labels import label
from actions.reply import Reply
from actions.said import Choice, Means

NEAR = 3


class Known(NamedTuple):
    """What the FAQ says to a question: answers, or questions that may be meant, or neither."""

    answer: tuple[str, str] | None
    near: tuple[tuple[str, str], ...]


class Knowledge(Protocol):
    def ask(self, text: str) -> Known: ...
    def entry(self, entry_id: str) -> tuple[str, str] | None: ...
    def near(self, text: str) -> tuple[str, str] | None: ...


class Faq:
    """The FAQ of this installation; the search is loaded with the first instance's first question."""

    def ask(self, text: str) -> Known:
        from faq import search  # noqa: PLC0415 - takes a second to load, and smalltalk never needs it

        hits = search.search(text, k=NEAR)
        verdict = search.verdict(hits)
        if verdict == "answer":
            return Known(self.entry(hits[0].entry), ())
        near = tuple((hit.entry, hit.question) for hit in hits) if verdict == "choose" else ()
        return Known(None, near)

    def near(self, text: str) -> tuple[str, str] | None:
        """Id and question of the entry that surely answers, to be offered where it was not asked for."""
        from faq import search  # noqa: PLC0415

        hits = search.search(text, k=NEAR)
        return (hits[0].entry, hits[0].question) if search.verdict(hits) == "answer" else None

    def entry(self, entry_id: str) -> tuple[str, str] | None:
        """Its answer in Chinese and English."""
        from faq import search  # noqa: PLC0415

        entry = search.answer_of(entry_id)
        return (entry.answer, entry.answer_en or entry.answer) if entry else None


FAQ = Faq()


def say_from_knowledge(asked: Asked, reply: Reply, knowledge: Knowledge) -> bool:
    """Answers from the FAQ, or offers what may be meant; whether it had anything to say."""
    question = asked.text
    if not question or question.startswith("/"):
        question = label(asked.intent).zh
    known = knowledge.ask(question)
    if known.answer:
        reply.say(*known.answer)
        return True
    if known.near:
        choices = (Choice(question, Means(faq=entry)) for entry, question in known.near)
        reply.offer("您想问的是下面哪一个？", "Which of these do you mean?", *choices, reply.human())
        return True
    return False


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

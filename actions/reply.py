"""An action's answer while it is being put together, in the order in which it is said."""

from typing import Any, Protocol

import msgspec

from actions.said import Card, Choice, Means
from actions.tongue import Tongue


class Dispatcher(Protocol):
    """The part of the Rasa SDK's dispatcher that is used."""

    def utter_message(
        self, text: str | None = None, *, json_message: dict[str, Any] | None = None
    ) -> None: ...


class Reply:
    """Collects what is said and remembered; nothing is said before `send`."""

    def __init__(self, tongue: Tongue) -> None:
        self.tongue = tongue
        self.slots: dict[str, Any] = {}
        self.changing = False
        self.form = ""
        self.leaves_form = False
        self.waits = False  # nothing was answered: what was asked before still stands
        self.handed_off = False
        self._said: list[str | dict[str, Any]] = []

    def say(self, zh: str, en: str) -> None:
        """A sentence; nothing where there is none in the shopper's language."""
        text = self.tongue(zh, en)
        if text:
            self._said.append(text)

    @property
    def asks(self) -> bool:
        """Whether it ends in a question of its own: a confirmation, or which order it is."""
        return bool(any(self.slots.get(slot) for slot in ("pending", "picking", "asking")) or self.form)

    def offer(self, zh: str, en: str, *choices: Choice) -> None:
        """A sentence with buttons; with orders in its choices it is an order picker."""
        self._said.append(
            {"type": "choices", "text": self.tongue(zh, en), "choices": _builtins(_numbered(choices))}
        )

    def ask(self, zh: str, en: str, *choices: Choice) -> None:
        """A question whose answer may be typed as well: the label, its place, or what it means."""
        options = [
            [each.label, {"intent": each.means.intent, "entities": each.means.entities}] for each in choices
        ]
        self.remember(asking=options)
        self.offer(zh, en, *choices, self.human())

    def show(self, card: Card, zh: str = "", en: str = "") -> None:
        """A card, with a sentence before it when there is one."""
        numbered = msgspec.structs.replace(card, choices=_numbered(card.choices))
        said = {"type": "card", "card": _builtins(numbered)}
        text = self.tongue(zh, en)
        self._said.append({"type": "card", "text": text, "card": said["card"]} if text else said)

    def hand_off(self, reason: str, note: str = "", proposal: dict[str, Any] | None = None) -> None:
        """A human takes over after everything that was said before; a `proposal` waits for his approval."""
        wish: dict[str, Any] = {"reason": reason}
        if note:
            wish["note"] = note
        if proposal:
            wish["proposal"] = proposal
        self.handed_off = True
        self._said.append({"hand_off": wish})

    def audit(self, line: dict[str, Any]) -> None:
        """Writes down what was changed at the shop; the shopper does not see it."""
        self._said.append({"changed": line})

    def is_understood(self) -> None:
        """What was asked is clear after all, however it was read: no human is needed for that."""
        self._said.append({"understood": True})

    def fill_in(self, form: str) -> None:
        """Asks for what the form still needs, after everything that was said before."""
        self.form = form

    def remember(self, **slots: Any) -> None:
        self.slots |= slots

    def forget_all_said(self) -> None:
        """For when it turned out halfway that the answer can't be given."""
        # What was changed stays written down, whatever went wrong after it.
        self._said = [said for said in self._said if isinstance(said, dict) and "changed" in said]
        self.slots.clear()
        self.form = ""

    def human(self) -> Choice:
        """The button that leads to a person."""
        return Choice(self.tongue("转人工客服", "Talk to a person"), Means(human=True))

    def send(self, dispatcher: Dispatcher) -> None:
        for said in self._said:
            if isinstance(said, str):
                dispatcher.utter_message(text=said)
            else:
                dispatcher.utter_message(json_message=said)


def _numbered(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    return tuple(msgspec.structs.replace(choice, id=str(number)) for number, choice in enumerate(choices, 1))


def _builtins(value: Any) -> Any:
    return msgspec.to_builtins(value)

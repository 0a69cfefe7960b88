"""A merchant's own labelled turns: how they are read, kept, and handed to Rasa as examples."""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from bot.errors import SetupError

OWN_TURNS = "learned.jsonl"
"""In the data folder: what the merchant taught, never in the repository."""
UNSETTLED = "needs_context"
_HELD_OUT = 5
"""One dialogue in so many is only measured on."""


@dataclass(frozen=True)
class Labelled:
    """One turn and what it means: by itself, and after what the agent said before it ("" when that isn't told).

    `model` is the archive that was trained when it was learned, "" before that.
    """

    id: str
    text: str
    intent: str
    prev_agent: str = ""
    intent_in_context: str = ""
    model: str = ""

    @property
    def is_held_out(self) -> bool:
        """Whether it is measured on: the same for every turn of a dialogue (`<dialogue>:<turn>`), every time."""
        dialogue = (self.id.split(":")[0] or self.text).encode()
        return int.from_bytes(hashlib.sha256(dialogue).digest()[:4]) % _HELD_OUT == 0


def learned_id(conversation: str, seq: int) -> str:
    """What a message of the archive is called here: `<dialogue>:<turn>`."""
    return f"{conversation.replace(':', '-')}:{seq}"


def read_labelled(path: Path, known: Collection[str] = ()) -> list[Labelled]:
    """The turns of a file of lines {"id","text","intent","prev_agent"?,"intent_in_context"?}.

    Raises SetupError that names the line when one is broken or its intent is not among `known`.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} can't be read: {error}") from error
    return [
        _labelled(line, f"{path}, line {number}", known)
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]


def latest_of(turns: Iterable[Labelled]) -> list[Labelled]:
    """Each turn once, as it was labelled last."""
    return list({(turn.text, turn.prev_agent): turn for turn in turns}.values())


def keep(path: Path, turns: Iterable[Labelled]) -> None:
    """Write the turns into the merchant's file, all at once."""
    lines = [json.dumps({k: v for k, v in vars(turn).items() if v}, ensure_ascii=False) for turn in turns]
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    new.replace(path)


def forget(path: Path, model: str) -> int:
    """Take out what was learned with a model that is no longer used; tells how many turns."""
    if not path.is_file():
        return 0
    turns = read_labelled(path)
    kept = [turn for turn in turns if turn.model != model]
    if len(kept) < len(turns):
        keep(path, kept)
    return len(turns) - len(kept)


def write_examples(path: Path, turns: Sequence[Labelled]) -> Path:
    """The turns as Rasa's training data, marked as the merchant's own and with what was said before them."""
    by_intent: dict[str, list[dict[str, Any]]] = {}
    for turn in turns:
        beside = {"learned": True, "prev_agent": turn.prev_agent, "intent_in_context": meant_in_context(turn)}
        one = {"text": " ".join(turn.text.split()), "metadata": {k: v for k, v in beside.items() if v}}
        by_intent.setdefault(turn.intent, []).append(one)
    nlu = [{"intent": intent, "examples": examples} for intent, examples in sorted(by_intent.items())]
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written out as a person would write it: Rasa passes over a file without its keys at the margin, unasked.
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True), encoding="utf-8")
    return path


def with_model(turns: Iterable[Labelled], model: str) -> list[Labelled]:
    """The turns as learned with this model, unless another one learned them before."""
    return [turn if turn.model else replace(turn, model=model) for turn in turns]


def meant_in_context(turn: Labelled) -> str:
    """What the turn means after the agent's sentence; "" when that can't be told from its labels."""
    if not turn.prev_agent:
        return ""
    # Without a label for it, a request is the same in context; "can't be understood alone" says nothing about it.
    return turn.intent_in_context or ("" if turn.intent == UNSETTLED else turn.intent)


def _labelled(line: str, place: str, known: Collection[str]) -> Labelled:
    try:
        told: Any = json.loads(line)
        text, intent = str(told["text"]).strip(), str(told["intent"]).strip()
        in_context = str(told.get("intent_in_context") or "").strip()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SetupError(f'{place}: expected {{"id", "text", "intent"}}.') from error
    if not text or not intent:
        raise SetupError(f"{place}: text or intent is empty.")
    for name in filter(None, (intent, in_context)):
        if known and name not in known:
            raise SetupError(f"{place}: {_unknown(name, known)}")
    said, model = str(told.get("prev_agent") or ""), str(told.get("model") or "")
    return Labelled(str(told.get("id") or ""), text, intent, said, in_context, model)


def _unknown(name: str, known: Collection[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - for this message only

    near = get_close_matches(name, known, n=1)
    meant = f" Did you mean {near[0]}?" if near else f" It knows: {', '.join(sorted(known))}."
    return f"the bot has no intent “{name}”.{meant}"

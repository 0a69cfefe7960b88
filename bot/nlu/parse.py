"""Reads lines of turns with a trained model: its very components, without an agent around them."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.nlu.constants import ENTITIES, INTENT_RANKING_KEY, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.errors import SetupError
from bot.nlu.classifier import ShopperIntents
from bot.nlu.turn import ANGER, DECISION, PREV_AGENT, SECOND

Step = Callable[[list[Message]], list[Message]]
_READING = 3


class Pipeline:
    """The NLU components of a model, in their order."""

    def __init__(self, steps: list[Step], intents: tuple[str, ...] = ()) -> None:
        self._steps = steps
        self.intents = intents
        """The intents that words may be read as; empty when the pipeline has no reader of ours."""

    @classmethod
    def of(cls, model: Path) -> "Pipeline":
        """The pipeline of a model archive; a folder stands for its newest model."""
        with tempfile.TemporaryDirectory() as folder:
            storage, metadata = LocalModelStorage.from_model_archive(Path(folder), newest(model))
            components = _components(metadata.predict_schema, metadata.nlu_target, storage)
        intents = next((one.intents for one in components if isinstance(one, ShopperIntents)), ())
        return cls([cast("Step", one.process) for one in components], intents)

    def read(self, text: str, prev_agent: str = "") -> Message:
        """One turn as Rasa would leave it, after what the agent said before it."""
        data: dict[str, Any] = {TEXT: text}
        if prev_agent:
            data[METADATA] = {PREV_AGENT: prev_agent}
        messages = [Message(data=data)]
        for step in self._steps:
            messages = step(messages)
        return messages[0]


def parse_lines(model: Path, lines: Iterable[str]) -> Iterator[str]:
    """For each line {"id","text","prev_agent"?} a line with its readings, decision, anger and entities, in order."""
    pipeline = Pipeline.of(model)
    for number, line in enumerate(lines, 1):
        if line.strip():
            asked = _asked(line, number)
            message = pipeline.read(str(asked.get("text") or ""), str(asked.get(PREV_AGENT) or ""))
            yield json.dumps({"id": asked.get("id"), **told(message)}, ensure_ascii=False)


def told(message: Message) -> dict[str, Any]:
    """What was understood of a turn: the likeliest real reading as intent, whatever was decided about it."""
    ranking = [
        {"intent": one["name"], "confidence": round(float(one["confidence"]), 4)}
        for one in message.get(INTENT_RANKING_KEY) or []
    ][:_READING]
    first = ranking[0] if ranking else {"intent": "", "confidence": 0.0}
    decided = message.get(DECISION) or {"decision": "ask", "reason": ""}
    entities = [
        {key: one[key] for key in ("entity", "value", "start", "end")} for one in message.get(ENTITIES) or []
    ]
    read = {**first, "ranking": ranking, **decided, "anger": message.get(ANGER) or 0.0, "entities": entities}
    if message.get(SECOND):
        read[SECOND] = message.get(SECOND)
    return read


def newest(model: Path) -> Path:
    """The model archive itself, or the newest one in a folder."""
    if model.is_file():
        return model
    found = sorted(model.glob("*.tar.gz"), key=lambda path: (path.stat().st_mtime, path.name))
    if not found:
        raise SetupError(f"No model in {model}/: run `rasa train` first.")
    return found[-1]


def _asked(line: str, number: int) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except ValueError as error:
        raise SetupError(f"Line {number} is not JSON: {error}") from error
    if not isinstance(asked, dict):
        raise SetupError(f'Line {number} is not an object like {{"id": "1", "text": "…"}}.')
    return asked


def _components(schema: GraphSchema, target: str | None, storage: LocalModelStorage) -> list[Any]:
    """The components that lead to the target, each after the one whose messages it takes."""
    components: list[Any] = []
    name = target or ""
    while name in schema.nodes:
        node = schema.nodes[name]
        # A slash command is plain text here, and messages don't come from a channel.
        if node.fn == "process" and node.uses is not RegexMessageHandler:
            component = getattr(node.uses, node.constructor_name)(
                config={**_defaults(node.uses), **node.config},
                model_storage=storage,
                resource=node.resource or Resource(name),
                execution_context=ExecutionContext(schema, node_name=name),
            )
            components.append(component)
        name = node.needs.get("messages", "")
    return components[::-1]


def _defaults(component: type) -> dict[str, Any]:
    return cast("dict[str, Any]", getattr(component, "get_default_config", dict)())

"""What an action answers, checked by a schema that was compiled once.

Rasa compiles the schema, and checks the schema itself, at every answer: 14 to 23 ms and 1.5 KB that are
not given back.
"""

from typing import Any

from jsonschema import Draft7Validator, ValidationError
from rasa.core.actions.action import RemoteAction

from bot.brain.lighter.known import is_known

_PLAIN = frozenset({"active_loop", "followup", "slot"})
_stock = RemoteAction._validate_action_result  # noqa: SLF001 - what is replaced


def compile_answers() -> None:
    """From now on Rasa checks actions' answers so."""
    if not is_known("compiled check of actions' answers"):
        return
    compiled = Draft7Validator(RemoteAction.action_response_format_spec())

    def validate(_: RemoteAction, result: dict[str, Any]) -> bool:
        if _is_plain(result):
            return True
        # Rasa's own says only more about where to read on; what is refused is the same.
        error = next(compiled.iter_errors(result), None)
        if error is not None:
            raise ValidationError(error.message)
        return True

    RemoteAction._validate_action_result = validate  # noqa: SLF001 - see above


def _is_plain(result: Any) -> bool:
    """Whether it is an answer as nearly all are, which the schema has nothing against. False says nothing."""
    if type(result) is not dict:
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    return (
        type(events) is list
        and type(responses) is list
        and all(type(response) is dict for response in responses)
        and all(type(event) is dict and _is_plain_event(event) for event in events)
    )


def _is_plain_event(event: dict[str, Any]) -> bool:
    kind = event.get("event")
    if type(kind) is not str or kind not in _PLAIN:
        return False
    if kind == "slot" and (type(event.get("name")) is not str or "value" not in event):
        return False
    timestamp, metadata = event.get("timestamp"), event.get("metadata")
    return (timestamp is None or type(timestamp) in (float, int)) and (
        metadata is None or type(metadata) is dict
    )


def restore() -> None:
    """Rasa's own way again, to compare with."""
    RemoteAction._validate_action_result = _stock  # noqa: SLF001 - see above

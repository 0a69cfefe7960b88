"""What an action in this process is told, with past events as they were written to the memory.

Rasa makes a dictionary of each event of the conversation for each call. Here what was committed is JSON
already, and on its way to the action it becomes JSON anyhow.
"""

from typing import Any

import rasa
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.brain.acting import ActionsWithin
from bot.brain.lighter.known import is_known
from bot.brain.memory import as_written

_stock = RemoteAction._action_call_format  # noqa: SLF001 - what is replaced


def tell_as_written() -> None:
    """From now on actions in this process are told so; a server is told by Rasa."""
    if is_known("events told to actions as they were written"):
        RemoteAction._action_call_format = _call  # noqa: SLF001 - see above


def restore() -> None:
    """Rasa's own way again, to compare with."""
    RemoteAction._action_call_format = _stock  # noqa: SLF001 - see above


def _call(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    if not isinstance(self.action_endpoint, ActionsWithin):
        stock: dict[str, Any] = _stock(self, tracker, domain)
        return stock
    call = {
        "next_action": self.name(),
        "sender_id": tracker.sender_id,
        "tracker": {
            **tracker.current_state(),
            "events": [as_written(event) or event.as_dict() for event in tracker.events],
        },
        "version": rasa.__version__,
    }
    selective = self._is_selective_domain_enabled()
    if not selective or domain.does_custom_action_explicitly_need_domain(self.name()):
        call["domain"] = domain.as_dict()
    return call

"""Rasa in this process: one turn from a message and a tracker, with nothing swallowed."""

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SENTRY_DSN", "")

import rasa.core.actions.action as rasa_actions
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.exceptions import ModelNotFound
from rasa.model import get_latest_model
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, DefinePrevUserUtteredFeaturization
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

from bot.brain.acting import Actions
from bot.brain.lighter.runner import runner_class
from bot.errors import BrainError, NoModelError

# They read the tracker and leave it as it is; others get a copy, as Rasa gives to all.
_READERS = (rasa_actions.RemoteAction, rasa_actions.ActionListen, rasa_actions.ActionSessionStart)
# What such an event did to a tracker can be taken back.
_UNDONE = (DefinePrevUserUtteredFeaturization,)


class ActionFailedError(BrainError):
    """An action could not be run, or answered with something that isn't an answer."""

    code = "action_failed"


class RasaProject(MessageProcessor):  # type: ignore[misc] # Rasa ships no types
    """A trained Rasa project. Its tracker and lock stores are not used: memory is the log's business."""

    runner: type[GraphRunner] | None = None  # the graph's, by default the light one

    def __init__(self, model: Path, actions: Actions) -> None:
        self._actions: dict[str, Any] = {}
        try:
            super().__init__(
                model_path=model,
                tracker_store=InMemoryTrackerStore(Domain.empty()),
                lock_store=InMemoryLockStore(),
                generator=NaturalLanguageGenerator.create(None, Domain.empty()),
                action_endpoint=actions,
            )
        except ModelNotFound as error:
            raise NoModelError(f"no trained model under {model}/: run `make model`") from error
        self.nlg = NaturalLanguageGenerator.create(None, self.domain)

    @classmethod
    def _load_model(cls, model_path: str | Path) -> tuple[str, Any, Any]:
        path = Path(model_path)
        archive = path if path.is_file() else get_latest_model(str(path)) if path.is_dir() else None
        if archive is None:
            raise ModelNotFound(f"No model found at path '{model_path}'.")
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            metadata, runner = load_predict_graph_runner(
                Path(folder), Path(archive), LocalModelStorage, cls.runner or runner_class()
            )
        return Path(archive).name, metadata, runner

    def new_tracker(self, conversation: str) -> DialogueStateTracker:
        return DialogueStateTracker(conversation, self.domain.slots)

    async def turn(self, tracker: DialogueStateTracker, message: UserMessage) -> list[dict[str, Any]]:
        """What the bot says to `message`, as Rasa's collecting channel lists it; the tracker is moved on.

        Raises ActionFailedError after which the tracker is worth nothing.
        """
        output = message.output_channel
        assert isinstance(output, CollectingOutputChannel)
        await self._update_tracker_session(tracker, output, None)
        await self._handle_message_with_tracker(message, tracker)
        await self.run_action_extract_slots(output, tracker)
        await self._run_prediction_loop(output, tracker)
        return list(output.messages)

    def _get_action(self, action_name: str) -> Any:
        action = self._actions.get(action_name)
        if action is None:
            action = super()._get_action(action_name)
            if type(action) in _READERS:  # the others may hold state of their turn
                self._actions[action_name] = action
        return action

    async def _run_action(
        self,
        action: Any,
        tracker: DialogueStateTracker,
        output_channel: CollectingOutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        # Stock Rasa logs a failed action, loses its events and answers nothing; a customer must hear of it.
        try:
            if type(action) in _READERS and all(type(event) in _UNDONE for event in prediction.events):
                events = await self._run_on_this(action, tracker, output_channel, nlg, prediction.events)
            else:
                seen = tracker.copy()
                seen.update_with_events(prediction.events, self.domain)
                events = await action.run(output_channel, nlg, seen, self.domain)
        except rasa_actions.ActionExecutionRejection:
            rejected = ActionExecutionRejected(
                action.name(), prediction.policy_name, prediction.max_confidence
            )
            tracker.update(rejected)
            return bool(self.should_predict_another_action(action.name()))
        except Exception as error:
            raise ActionFailedError(f"{action.name()}: {type(error).__name__}") from error
        self._log_action_on_tracker(tracker, action, events, prediction)
        await self.execute_side_effects(events, tracker, output_channel)
        return bool(self.should_predict_another_action(action.name()))

    async def _run_on_this(
        self,
        action: Any,
        tracker: DialogueStateTracker,
        output_channel: CollectingOutputChannel,
        nlg: NaturalLanguageGenerator,
        foreseen: list[Any],
    ) -> Any:
        """What the action comes to on the tracker itself, which meanwhile has the prediction's events, too."""
        message = tracker.latest_message
        featurized = message.use_text_for_featurization if message else None
        tracker.update_with_events(foreseen, self.domain)
        try:
            return await action.run(output_channel, nlg, tracker, self.domain)
        finally:
            for _ in foreseen:
                tracker.events.pop()
            if message:
                message.use_text_for_featurization = featurized

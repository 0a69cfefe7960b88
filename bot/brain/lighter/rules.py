"""Rules looked up by what they begin with at the end. Rasa tries each rule against each state of the conversation."""

import json
from collections import defaultdict
from itertools import product
from typing import Any

from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bot.brain.lighter.known import is_known
from bot.brain.lighter.states import seen_states

_stock_keys = RulePolicy._get_possible_keys  # noqa: SLF001 - what is replaced, here and below
_stock_find = RulePolicy._find_action_from_rules  # noqa: SLF001
_stock_remember = MemoizationPolicy.predict_action_probabilities
_LISTEN = "action_listen"
_ANY, _NONE = "\x00any", "\x00none"
_KEPT = "_indexed_by_us"

Rule = list[dict[str, dict[str, Any]]]


class _Index:
    """The rules of one lookup by the action and the intent of their last state."""

    def __init__(self, lookup: dict[str, Any]) -> None:
        self.lookup, self.size = lookup, len(lookup)
        self._rules: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
        self.by_text = self.about_text = False
        for key in lookup:
            rule: Rule = json.loads(key)
            action, intent = (
                _named(rule[-1], "prev_action", "action_name"),
                _named(rule[-1], "user", "intent"),
            )
            if not rule[-1].get("prev_action"):
                action, intent = _NONE, _ANY  # where a conversation begins nothing else is compared
            self._rules[action, intent].append((key, len(rule)))
            self.by_text |= action in (_LISTEN, _ANY) and intent is _ANY
            self.about_text |= any("text" in (state.get("user") or {}) for state in rule)

    def is_of(self, lookup: dict[str, Any]) -> bool:
        return self.lookup is lookup and self.size == len(lookup)

    def candidates(self, state: dict[str, Any]) -> list[tuple[str, int]]:
        """Every rule that may fit a last state, with its length; some that don't."""
        action: str = (state.get("prev_action") or {}).get("action_name") or _ANY
        intent: str = (state.get("user") or {}).get("intent") or _ANY
        first = {_NONE} if not state.get("prev_action") else {action, _ANY}
        return [rule for at in product(first, {intent, _ANY}) for rule in self._rules.get(at, ())]


def index_rules() -> None:
    """From now on only rules that may fit are tried, and none by text when none is about text."""
    if not is_known("rules looked up by their end"):
        return
    RulePolicy._get_possible_keys = _possible_keys  # noqa: SLF001
    RulePolicy._find_action_from_rules = _find  # noqa: SLF001
    MemoizationPolicy.predict_action_probabilities = _remember


def restore() -> None:
    """Rasa's own way again, to compare with."""
    RulePolicy._get_possible_keys = _stock_keys  # noqa: SLF001
    RulePolicy._find_action_from_rules = _stock_find  # noqa: SLF001
    MemoizationPolicy.predict_action_probabilities = _stock_remember


def _named(state: dict[str, dict[str, Any]], kind: str, name: str) -> str:
    value = (state.get(kind) or {}).get(name)
    return value if isinstance(value, str) and value and value != "should_not_be_set" else _ANY


def _index(policy: RulePolicy, lookup: dict[str, Any]) -> _Index:
    known: dict[int, _Index] = policy.__dict__.setdefault(_KEPT, {})
    index = known.get(id(lookup))
    if index is None or not index.is_of(lookup):
        index = known[id(lookup)] = _Index(lookup)
    return index


def _possible_keys(self: RulePolicy, lookup: dict[str, Any], states: list[dict[str, Any]]) -> set[str]:
    if not states:
        return set(lookup)
    return {
        key
        for key, length in _index(self, lookup).candidates(states[-1])
        if all(
            self._is_rule_applicable(key, turn, states[-1 - turn]) for turn in range(min(length, len(states)))
        )
    }


def _find(
    self: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool,  # noqa: FBT001 - Rasa's own signature
) -> tuple[str | None, str | None, bool]:
    # In a loop rules also tell whether it was left; outside of one, no rule means no answer.
    if type(self) is RulePolicy and not tracker.active_loop_name:
        index = _index(self, self.lookup["rules"])
        if use_text_for_last_user_input and not index.by_text:
            return None, None, False
        if (
            not use_text_for_last_user_input
            and not index.about_text
            and (rule := _rule(self, tracker, domain))
        ):
            return self.lookup["rules"][rule], rule, False
    found: tuple[str | None, str | None, bool] = _stock_find(
        self, tracker, domain, use_text_for_last_user_input
    )
    return found


def _rule(policy: RulePolicy, tracker: DialogueStateTracker, domain: Domain) -> str:
    """The rule that fits; "" for none. Only rules about text make it matter which of both a message is read by."""
    # Rasa copies all states of the conversation first, to take the text of each message out of them.
    states = seen_states(tracker, domain)
    if (longest := policy.featurizer.max_history) is not None:
        states = states[-longest:]
    fitting = policy._get_possible_keys(policy.lookup["rules"], states)  # noqa: SLF001
    return max(fitting, key=len, default="")


def _remember(
    self: MemoizationPolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    rule_only_data: dict[str, Any] | None = None,
    **more: Any,
) -> PolicyPrediction:
    # A project of rules has no stories to remember; Rasa writes the conversation as JSON to look for one.
    if type(self) is MemoizationPolicy and not self.lookup:
        return self._prediction(self._default_predictions(domain))
    return _stock_remember(self, tracker, domain, rule_only_data=rule_only_data, **more)

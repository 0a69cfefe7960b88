"""Nothing is done for lines that nobody logs. Rasa copies whole states for its debug log before it knows of any."""

import copy
from types import ModuleType, SimpleNamespace
from typing import Any

import rasa.core.policies.memoization
import rasa.core.policies.rule_policy
import rasa.core.processor
from rasa.core.policies.rule_policy import RulePolicy

from bot.brain.lighter.known import is_known

# In these modules of KNOWN every deepcopy is an argument of a debug line.
_stock_format = RulePolicy.format_tracker_states  # only for a debug line, too
_MODULES: tuple[ModuleType, ...] = (
    rasa.core.processor,
    rasa.core.policies.memoization,
    rasa.core.policies.rule_policy,
)
_stock_loggers = {module: module.structlogger for module in _MODULES}


class _Undebugged:
    """A logger as Rasa's own, which has nothing to say of details."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def debug(self, *_: Any, **__: Any) -> None:
        """Not even the level is asked for, seven times a turn."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logger, name)


def _same(value: Any) -> Any:
    return value


def copy_nothing() -> None:
    """From now on debug lines get the values themselves. Not to be called where debug lines are written."""
    if not is_known("nothing done for unwritten log lines"):
        return
    for module in _MODULES:
        module.copy = SimpleNamespace(deepcopy=_same, copy=copy.copy)  # type: ignore[attr-defined] # what is replaced
        module.structlogger = _Undebugged(_stock_loggers[module])  # type: ignore[attr-defined] # here, too
    RulePolicy.format_tracker_states = staticmethod(_same)


def restore() -> None:
    """Rasa's own way again, to compare with."""
    for module in _MODULES:
        module.copy = copy  # type: ignore[attr-defined] # what was replaced
        module.structlogger = _stock_loggers[module]  # type: ignore[attr-defined] # here, too
    RulePolicy.format_tracker_states = staticmethod(_stock_format)

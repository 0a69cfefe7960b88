"""The desk's own rules, as `desk.yml` states them."""

from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from bot.desk.hours import Hours
from bot.errors import SetupError


class Skill(msgspec.Struct, frozen=True):
    """What an agent can be good at, and the hand-offs that call for it."""

    id: str
    zh: str
    en: str
    intents: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()


class Assignment(msgspec.Struct, frozen=True):
    """Seconds; `automatic` gives customers to agents, otherwise these pick by hand."""

    automatic: bool = False
    anybody_after_s: float = 120
    answer_within_s: float = 120


class Promise(msgspec.Struct, frozen=True):
    """A clock: `first` runs until a person's first word, `next` until his next, `resolution` until closing."""

    id: str
    zh: str
    en: str
    kind: Literal["first", "next", "resolution"]
    within_s: float
    always: bool = False


class Deadlines(msgspec.Struct, frozen=True):
    """By when a ticket's customer hears what, and from which to which day after its end he is asked again."""

    first_feedback_h: float = 24
    proposal_h: float = 48
    result_working_days: int = 2
    follow_up_days: int = 3
    follow_up_by_days: int = 7


class DeskRules(msgspec.Struct, frozen=True):
    """All of `desk.yml`."""

    timezone: str
    hours: Hours
    skills: tuple[Skill, ...]
    assignment: Assignment
    promises: tuple[Promise, ...]
    warn_at: float
    deadlines: Deadlines

    def skill(self, identifier: str) -> Skill | None:
        return next((skill for skill in self.skills if skill.id == identifier), None)


def read_desk_rules(path: Path) -> DeskRules:
    """Raises SetupError that names what is wrong in the file."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise msgspec.ValidationError("expected a mapping")
        return _rules(content)
    except (OSError, yaml.YAMLError, msgspec.MsgspecError, ValueError, KeyError) as error:
        raise SetupError(f"{path.name}, the desk's rules, can't be read: {error}") from error


def _rules(content: dict[str, Any]) -> DeskRules:
    holidays = {str(day): spans for day, spans in (content.get("holidays") or {}).items()}
    rules = DeskRules(
        timezone=content["timezone"],
        hours=Hours(
            content["timezone"],
            content["hours"],
            holidays,
            content.get("working_days") or ("mon", "tue", "wed", "thu", "fri"),
        ),
        skills=msgspec.convert(content.get("skills") or (), tuple[Skill, ...]),
        assignment=msgspec.convert(content.get("assignment") or {}, Assignment),
        promises=msgspec.convert(content.get("clocks") or (), tuple[Promise, ...]),
        warn_at=msgspec.convert(content.get("warn_at", 0.7), float),
        deadlines=msgspec.convert(content.get("tickets") or {}, Deadlines),
    )
    for named in (rules.skills, rules.promises):
        ids = [one.id for one in named]
        if len(set(ids)) < len(ids):
            raise ValueError(f"an id stands twice among {', '.join(ids)}")
    if not 0 < rules.deadlines.follow_up_days <= rules.deadlines.follow_up_by_days:
        raise ValueError("follow_up_days must be 1 or more, and not more than follow_up_by_days")
    if not 0 < rules.warn_at < 1:
        raise ValueError("warn_at must lie between 0 and 1")
    return rules

"""The rows of which cards are made."""

from collections.abc import Mapping

from actions.platforms import values
from actions.said import Field, Step
from actions.tongue import Tongue, iso


def next_step(step: values.NextStep | None, t: Tongue, en: str = "") -> str:
    """What comes next and when; `en` says it in English, where the shop's own sentence is Chinese."""
    if step is None or (t.english and not en):
        return ""
    by = (
        t(f"（预计 {t.moment(step.expected)}）", f" (expected {t.moment(step.expected)})")
        if step.expected
        else ""
    )
    return t(step.text, en) + by


def fields_of(pairs: list[tuple[str, str]]) -> tuple[Field, ...]:
    return tuple(Field(label, value) for label, value in pairs if value)


def steps_of(
    steps: tuple[values.Step, ...], t: Tongue, names: Mapping[str, tuple[str, ...]]
) -> tuple[Step, ...]:
    """The shop's own words, or in English those of each step's key (the second last of `names`)."""
    return newest_first(
        tuple(
            Step(iso(step.time), t(step.text, names.get(step.key, ("", step.key, ""))[-2]), step.done)
            for step in steps
        )
    )


def newest_first(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    # What is still to come has no time and stands above what has happened.
    return tuple(sorted(steps, key=lambda step: step.time or "9999", reverse=True))

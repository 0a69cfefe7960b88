"""The rows of which cards are made."""

from actions.platforms import values
from actions.said import Field, Step
from actions.tongue import Tongue, iso


def next_step(step: values.NextStep | None, t: Tongue) -> str:
    if step is None:
        return ""
    by = (
        t(f"（预计 {t.moment(step.expected)}）", f" (expected {t.moment(step.expected)})")
        if step.expected
        else ""
    )
    return step.text + by


def fields_of(pairs: list[tuple[str, str]]) -> tuple[Field, ...]:
    return tuple(Field(label, value) for label, value in pairs if value)


def steps_of(steps: tuple[values.Step, ...]) -> tuple[Step, ...]:
    return newest_first(tuple(Step(iso(step.time), step.text, step.done) for step in steps))


def newest_first(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    # What is still to come has no time and stands above what has happened.
    return tuple(sorted(steps, key=lambda step: step.time or "9999", reverse=True))

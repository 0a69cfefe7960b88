"""A line for the person at the terminal."""

from contextlib import suppress


def tell(line: str) -> None:
    with suppress(BrokenPipeError):  # the terminal may be gone; the work goes on
        print(line, flush=True)  # noqa: T201 - that is what it is for

"""`xiaoer faq < in.jsonl`: the three nearest entries for each line."""

import sys
from typing import IO

import msgspec

from faq.entry import FaqError
from faq.knowledge import own_file, read_knowledge
from faq.search import Search, load


class Asked(msgspec.Struct):
    """A line of the input."""

    id: str | int
    text: str


class Near(msgspec.Struct):
    """A hit as the output tells it."""

    entry: str
    question: str
    score: float


class Found(msgspec.Struct):
    """A line of the output."""

    id: str | int
    hits: list[Near]


def answer_lines(search: Search, lines: IO[bytes], out: IO[bytes]) -> None:
    """Writes one line per line read, in order; FaqError names the line that cannot be read."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            asked = msgspec.json.decode(line, type=Asked)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FaqError(f'line {number}: expected {{"id", "text"}}: {error}') from error
        near = [Near(hit.entry, hit.question, hit.score) for hit in search.search(asked.text)]
        out.write(msgspec.json.encode(Found(asked.id, near)) + b"\n")
        out.flush()


def main() -> int:
    """Answers standard input on standard output; 1 with a clear sentence when that cannot be done."""
    try:
        answer_lines(load(knowledge=read_knowledge(own=own_file())), sys.stdin.buffer, sys.stdout.buffer)
    except FaqError as error:
        print(f"xiaoer faq: {error}", file=sys.stderr)  # noqa: T201 - a command
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

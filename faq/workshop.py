"""`python -m faq.workshop`: the editor's questions on standard input, answers on standard output, a line each.

In a process of its own: an index is built for each draft, and who asks serves shoppers meanwhile.
"""

import sys
from contextlib import suppress
from typing import IO, Any, Literal

import msgspec

from faq.editing import Bench
from faq.entry import Entry, FaqError
from faq.own import Own


class Call(msgspec.Struct, frozen=True):
    """What is asked: the files (`shipped`), how a draft stands (`check`), or what words find (`ask`)."""

    call: Literal["shipped", "check", "ask"]
    own: Own = Own()
    draft: Entry | None = None
    asked: str = ""
    known: tuple[str, ...] = ()
    full: bool = False


def answered(bench: Bench, call: Call) -> dict[str, Any]:
    """The answer to one call, ready for JSON. FaqError when the FAQ can't be used as it stands."""
    if call.call == "shipped":
        return {"entries": bench.shipped(), "values": bench.shop().values}
    if call.call == "ask":
        verdict, hits = bench.asked(call.own, call.draft, call.asked)
        return {"verdict": verdict, "hits": hits}
    if call.draft is None:
        raise FaqError("there is no draft to check")
    return {
        "problems": [problem._asdict() for problem in bench.problems(call.draft, call.known)],
        "alike": [one._asdict() for one in bench.alike(call.own, call.draft)],
        "moved": [one._asdict() for one in bench.moved(call.own, call.draft)] if call.full else [],
    }


def serve(lines: IO[bytes], out: IO[bytes]) -> None:
    """Answers until the input ends: with it ends who asked."""
    bench = Bench()
    for line in lines:
        try:
            told = answered(bench, msgspec.json.decode(line, type=Call))
        except (FaqError, msgspec.MsgspecError) as error:
            told = {"error": str(error)}
        out.write(msgspec.json.encode(told) + b"\n")
        out.flush()
        if told.get("entries"):  # an editor was opened: its next question need not wait for the index
            with suppress(FaqError):
                bench.tried(Own())


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)

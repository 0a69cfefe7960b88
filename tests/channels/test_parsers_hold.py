"""Whatever anybody sends, a parser answers with what it promises: a value, or the error that it names."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

FUZZ = Path(__file__).parent.parent / "fuzz"
sys.path.insert(0, str(FUZZ))

from targets import TARGETS  # noqa: E402 - tests/fuzz is shared with atheris, which runs without pytest

SEEDS = {name: sorted(p.read_bytes() for p in FUZZ.glob(f"seeds/{name}/*")) for name in TARGETS}
BROKE_ONCE = [(name, path) for name in TARGETS for path in sorted(FUZZ.glob(f"crashes/{name}/*"))]
TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b",",
    b":",
    b"\\",
    b"\xff",
    b"\xed\xa0\x80",
    b"[CQ:",
    b"&amp;",
    b"1e999",
]
TOKENS += [
    b"<",
    b">",
    b"<!DOCTYPE",
    b"&#0;",
    b"null",
    b"-1",
    b"9" * 30,
    b"\x00",
    "😀".encode(),
    b"\xe2\x80\xae",
]


def spoiled(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """A seed with pieces cut out and put in."""

    @st.composite
    def make(draw: st.DrawFn) -> bytes:
        data = draw(st.sampled_from(seeds))
        for _ in range(draw(st.integers(1, 4))):
            start = draw(st.integers(0, len(data)))
            end = draw(st.integers(start, min(len(data), start + 12)))
            piece = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=6)))
            data = data[:start] + piece + data[end:]
        return data

    return make()


@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_keeps_its_promise_whatever_it_is_sent(name: str) -> None:
    target, seeds = TARGETS[name], SEEDS[name]
    assert seeds, f"{name} has no seeds in tests/fuzz/seeds"
    for seed in seeds:
        target(seed)

    @settings(max_examples=100, deadline=None)
    @given(st.one_of(spoiled(seeds), st.binary(max_size=200)))
    def holds(data: bytes) -> None:
        target(data)

    holds()


@pytest.mark.parametrize(
    ("name", "path"), BROKE_ONCE, ids=[f"{name}-{path.name[:20]}" for name, path in BROKE_ONCE]
)
def test_what_broke_a_parser_once_breaks_it_no_more(name: str, path: Path) -> None:
    TARGETS[name](path.read_bytes())

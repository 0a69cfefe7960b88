"""The desk's board: what comes together is put together, and whoever watches it is told."""

import asyncio
from typing import Any

import pytest

from bot.errors import LogUnavailableError
from bot.log.board import Board


async def put(board: Board, name: str, seq: int, score: float | None = None, owner: str = "") -> None:
    await board.put(name, seq, f"{name} {seq}".encode(), score=score, owner=owner, updated=1000 + seq)


async def test_hundreds_that_come_together_all_stand_on_the_board(board: Board) -> None:
    names = [f"x{n}" for n in range(250)]

    await asyncio.gather(*(put(board, name, 1, score=n) for n, name in enumerate(names)))

    assert await board.line() == names
    assert await board.summaries(names) == [f"{name} 1".encode() for name in names]
    assert await board.count() == len(names)


async def test_the_newest_of_a_conversation_stands_whatever_comes_with_it_or_after_it(board: Board) -> None:
    await put(board, "x1", 5, score=1)
    await put(board, "x3", 9, owner="a-1")

    await asyncio.gather(
        put(board, "x1", 4, score=1),  # an older one than stands there
        put(board, "x2", 2, owner="a-2"),
        put(board, "x2", 1, score=2),  # an older one in the same turn
        put(board, "x3", 10, score=3),
    )

    assert await board.summaries(["x1", "x2", "x3"]) == [b"x1 5", b"x2 2", b"x3 10"]
    assert await board.line() == ["x1", "x3"]
    assert await board.owned() == {"x2": "a-2"}


async def test_each_is_told_when_redis_is_away(board: Board, redis: Any) -> None:
    await redis.aclose()

    told = await asyncio.gather(put(board, "x1", 1), put(board, "x2", 1), return_exceptions=True)

    assert all(isinstance(one, LogUnavailableError) for one in told)


async def test_one_who_gives_up_keeps_no_other_conversation_off_the_board(board: Board) -> None:
    first, second = asyncio.create_task(put(board, "x1", 1)), asyncio.create_task(put(board, "x2", 1))
    await asyncio.sleep(0)
    first.cancel()

    await second
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await board.summaries(["x2"]) == [b"x2 1"]


async def test_all_who_watch_are_told_and_one_who_leaves_takes_nothing_from_the_others(
    board: Board, redis: Any
) -> None:
    told: dict[str, list[str]] = {"stays": [], "leaves": []}
    watching = {name: asyncio.create_task(board.watch(said.append)) for name, said in told.items()}
    async with asyncio.timeout(60):
        while not all(told.values()):
            await board.announce("agent:a-1")
            await asyncio.sleep(0.02)
        watching["leaves"].cancel()
        await asyncio.wait({watching["leaves"]})
        before = len(told["leaves"])
        await put(board, "x1", 1)
        while told["stays"][-1] != "x1":  # noqa: ASYNC110 - the watcher has no other sign
            await asyncio.sleep(0.02)
    assert len(told["leaves"]) == before
    assert len([one for one in await redis.client_list() if one["cmd"] == "xread"]) == 1, "read once for all"

    watching["stays"].cancel()
    await asyncio.wait({watching["stays"]})
    told["comes"] = []
    comes = asyncio.create_task(board.watch(told["comes"].append))
    async with asyncio.timeout(60):
        while not told["comes"]:
            await board.announce("agent:a-1")
            await asyncio.sleep(0.02)
    comes.cancel()
    await asyncio.wait({comes})
    assert comes.cancelled()

"""Whole conversations, as shoppers have them: what is heard, and what the shop's books say afterwards.

Each entry of conversations/*.yml: `who` (a customer of the storefront; none is not signed in), `turns`
(`says`, `presses` part of a label, or `shows` a picture at an address, with words if it also `says`; then `hears`, `never`, `offers`, `human`), and `books`: of the order of
a product (`order`) or of the customer's tickets (`tickets`), what is to be found at a path.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import yaml
from flows_end import IDS, House, Shopper, handed, labels_of, told

from bot.conversation.bodies import Image
from bot.conversation.events import Event
from shop.store import Store

pytestmark = pytest.mark.model
TOLD: list[dict[str, Any]] = [
    entry
    for path in sorted((Path(__file__).parent / "conversations").glob("*.yml"))
    for entry in yaml.safe_load(path.read_text("utf-8"))
]


def test_there_are_sixty_whole_conversations_and_more_each_with_a_name_of_its_own() -> None:
    assert len({entry["name"] for entry in TOLD}) == len(TOLD) >= 60


@pytest.mark.parametrize("entry", TOLD, ids=[entry["name"] for entry in TOLD])
async def test_conversation(
    entry: dict[str, Any], houses: Callable[[], AbstractAsyncContextManager[House]]
) -> None:
    async with houses() as house:
        shopper = house.shopper(entry.get("who", ""), entry.get("lang", "zh-CN"), mark="1")
        for turn in entry["turns"]:
            said = turn.get("says") or turn.get("shows") or f"[{turn['presses']}]"
            heard = await _takes_turn(shopper, turn)
            text, labels = told(heard), labels_of(heard)
            where = f"after {said!r}:\n{text}\n{labels}"
            for part in _listed(turn.get("hears")):
                assert part in text, f"{part!r} not heard {where}"
            for part in _listed(turn.get("never")):
                assert part not in text, f"{part!r} heard {where}"
            for label in _listed(turn.get("offers")):
                assert any(label in each for each in labels), f"{label!r} not offered {where}"
            assert handed(heard) == turn.get("human", ""), where
        await asyncio.to_thread(_check_books, house, entry)


async def _takes_turn(shopper: Shopper, turn: dict[str, Any]) -> list[Event]:
    if "shows" in turn:
        return await shopper.says(Image(turn["shows"], turn.get("says", "")))
    return await (shopper.says(turn["says"]) if "says" in turn else shopper.presses(turn["presses"]))


def _check_books(house: House, entry: dict[str, Any]) -> None:
    for book in entry.get("books", []):
        if "tickets" in book:
            store = Store(house.shop.settings.data / "shop.db")
            tickets = store.tickets(IDS[entry["who"]])
            store.close()
            assert [ticket.kind for ticket in tickets] == book["tickets"], tickets
            assert [list(ticket.photos) for ticket in tickets] == book.get("photos", [[] for _ in tickets])
            continue
        order = house.shop.order(entry["who"], book["order"])
        for path, expected in book["is"].items():
            assert _found(order, path) == expected, f"{path} of {book['order']}"


def _found(value: Any, path: str) -> Any:
    for step in path.split("."):
        if step == "count":
            value = len(value)
        elif step == "listed":
            value = list(value)
        elif step.lstrip("-").isdigit():
            value = value[int(step)]
        else:
            value = getattr(value, step)
    return value


def _listed(told: str | list[str] | None) -> list[str]:
    return [] if told is None else told if isinstance(told, list) else [told]

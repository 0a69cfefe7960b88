"""Random flows against a shop that fails at random: its books hold what was confirmed, once, and nothing else."""

import asyncio
import tempfile
from collections import Counter
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import msgspec
from flows_end import API_KEY, IDS, Actions, Shop
from hypothesis import HealthCheck, given, settings, strategies as st

from actions.platforms.demo import DemoPlatform
from actions.settings import Settings
from shop.values import Order

FAULTS = st.sampled_from(["", "", "", "refuses", "breaks", "drops", "hangs"])
# A flow that changes something: intent, customer, product, and what was pressed or filled in before.
FLOWS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("order_cancel", "赵磊", "三人自动帐篷", {}),
    ("order_urge_ship", "赵磊", "三人自动帐篷", {}),
    ("order_modify", "赵磊", "三人自动帐篷", {"remark": "请放门卫处"}),
    ("order_cancel", "陈大明", "商务皮带", {}),
    ("order_modify", "陈大明", "商务皮带", {"phone": "13912345678"}),
    ("payment_deducted", "陈大明", "机械键盘", {}),
    ("return_request", "林小雨", "缓震跑步鞋", {"item": "I1", "reason": "no_reason"}),
    ("exchange_request", "林小雨", "缓震跑步鞋", {"item": "I1", "reason": "quality", "evidence": "-", "new_spec": "40"}),
    ("invoice", "林小雨", "手冲咖啡豆", {"title": "个人"}),
    ("delivery_change", "林小雨", "主动降噪蓝牙耳机", {"option": "pickup_point"}),
    ("delivery_not_received", "王秀兰", "修身打底衫", {}),
    ("open_ticket", "王秀兰", "修身打底衫", {"kind": "compensation", "ticket_text": "晚了三天"}),
)  # fmt: skip
PLAN = st.lists(
    st.tuples(st.integers(0, len(FLOWS) - 1), st.integers(0, 3), st.lists(FAULTS, max_size=6)),
    min_size=1,
    max_size=6,
)


class Talking:
    """A customer who presses, as the action server sees him."""

    def __init__(self, served: Actions, name: str) -> None:
        self._served, self._name = served, name
        self.slots: dict[str, Any] = {}
        self._messages = 0

    async def asks(self, intent: str, entities: dict[str, str]) -> list[dict[str, Any]]:
        self._messages += 1
        call = {
            "next_action": f"action_{intent}",
            "tracker": {
                "sender_id": self._name,
                "slots": self.slots,
                "events": [],
                "latest_message": {
                    "text": "",
                    "intent": {"name": intent, "confidence": 1.0},
                    "intent_ranking": [{"name": intent, "confidence": 1.0}],
                    "entities": [{"entity": name, "value": value} for name, value in entities.items()],
                    "metadata": {
                        "conversation": self._name,
                        "message_id": f"m{self._messages}",
                        "customer": {"id": IDS[self._name]},
                    },
                },
            },
            "domain": {},
        }
        answer = await self._served.executor.run(call)  # type: ignore[arg-type]
        self.slots |= {e["name"]: e["value"] for e in answer["events"] if e["event"] == "slot"}
        return [each["custom"] or {"text": each["text"]} for each in answer["responses"]]


def confirmation(said: list[dict[str, Any]]) -> dict[str, str] | None:
    offered = chain.from_iterable(each.get("choices", []) for each in said)
    return next(
        (each["means"]["entities"] for each in offered if "confirm" in each["means"].get("entities", {})),
        None,
    )


async def live(plan: list[tuple[int, int, list[str]]], seed: Path, folder: Path) -> None:
    shop = Shop(seed, folder)
    await shop.open()
    limits = Settings(shop_url=shop.url, shop_api_key=API_KEY, total_s=0.25, breaker_failures=100_000)
    platform = DemoPlatform(limits)
    served = Actions(platform, turn_s=1.0)
    talking = {name: Talking(served, name) for name in IDS}
    before = {name: shop.books(name) for name in IDS}
    pressed: Counter[tuple[str, str, str]] = Counter()
    try:
        for place, presses, faults in plan:
            intent, name, product, given_before = FLOWS[place]
            number = shop.order(name, product).number
            asked = confirmation(await talking[name].asks(intent, {"order_number": number, **given_before}))
            if asked is None:
                continue
            assert shop.books(name) == before[name] or sum(pressed.values()), "changed without a yes"
            shop.faults = chain(faults, repeat(""))
            for _ in range(presses):
                await talking[name].asks(intent, asked)
            if presses:
                pressed[intent, name, number] += 1
            shop.faults = repeat("")
        for name in IDS:
            for old, new in zip(before[name], shop.books(name), strict=True):
                check(old, new, {i: n for (i, _, number), n in pressed.items() if number == old.number})
    finally:
        await platform.close()
        await shop.close()


def check(old: Order, new: Order, confirmed: dict[str, int]) -> None:
    """What is different about the order is what was confirmed for it, at most once for each yes."""
    times = {intent: confirmed.get(intent, 0) for intent, *_ in FLOWS}
    if new.status != old.status:
        assert (new.status, bool(times["order_cancel"])) == ("cancelled", True)
    refunds = len(new.refunds) - len(old.refunds)
    assert refunds <= times["order_cancel"] + times["payment_deducted"]
    assert sum(r.reason == "取消订单退款" for r in new.refunds) <= 1
    assert len(new.returns) - len(old.returns) <= min(times["return_request"] + times["exchange_request"], 1)
    assert len(new.cases) - len(old.cases) <= min(times["delivery_not_received"], 1)
    if not times["order_modify"]:
        assert (new.remark, new.recipient) == (old.remark, old.recipient)
    if not times["order_urge_ship"]:
        assert new.urged_at == old.urged_at
    if not times["invoice"]:
        assert new.invoice == old.invoice
    if not confirmed:
        assert msgspec.structs.replace(new, due=(), parcels=()) == msgspec.structs.replace(
            old, due=(), parcels=()
        )


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=PLAN)
def test_the_shops_books_hold_what_was_confirmed_once_whatever_fails(
    plan: list[tuple[int, int, list[str]]], seed: Path
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live(plan, seed, Path(folder)))

"""docs/coverage.md tells the truth: each question reaches the flow or the FAQ entry that it names."""

import re
from pathlib import Path

import pytest
import yaml
from flows_end import House, handed, labels_of, told

from bot.conversation.bodies import Acted
from faq.entry import Entry
from faq.search import load

pytestmark = pytest.mark.model
ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (\S+ \w+) \| (.+?) \| (?:FAQ `([\w.]+)`|`(\w+)` → `(action_\w+)`) \|$", re.MULTILINE)
ROWS = ROW.findall((ROOT / "docs" / "coverage.md").read_text("utf-8"))
CHAPTERS = {"订单 Orders", "支付 Payment", "物流 Logistics", "退换 Returns", "投诉 Complaints"}


@pytest.fixture(scope="module")
def entries() -> dict[str, Entry]:
    search = load()
    return {faq: search.entry(faq) for _, _, faq, _, _ in ROWS if faq}


def test_every_chapter_is_there_and_every_name_exists() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    lines = (ROOT / "docs" / "coverage.md").read_text("utf-8").count("\n| ") - 1

    assert len(ROWS) == lines >= 60
    assert {chapter for chapter, *_ in ROWS} == CHAPTERS
    assert {intent for *_, intent, _ in ROWS if intent} <= set(domain["intents"])
    assert {action for *_, action in ROWS if action} <= set(domain["actions"])


async def test_every_question_reaches_what_is_written_for_it(house: House, entries: dict[str, Entry]) -> None:
    wrong: list[str] = []
    for place, (_, question, faq, _, action) in enumerate(ROWS):
        heard = await house.shopper("林小雨", mark=str(place)).says(question)
        acted = [event.body.action for event in heard if isinstance(event.body, Acted)]
        if faq:
            entry = entries[faq]
            first = entry.answer.strip().splitlines()[0][:12]
            reached = first in told(heard) or any(entry.question in label for label in labels_of(heard))
        elif action == "action_open_ticket":
            reached = "登记" in told(heard)
        elif action == "action_add_photos":
            reached = "请把照片直接发在这里" in told(heard)
        elif action == "action_service_complaint":
            reached = handed(heard) in {"complaint", "anger"}
        else:
            reached = action in acted
        if not reached:
            wrong.append(f"{question}: {acted} {told(heard)[:80]!r}")
    assert not wrong, "\n".join(wrong)

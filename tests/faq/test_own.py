"""What a merchant publishes answers at once, beside what was shipped and in its place."""

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from faq.editing import Bench
from faq.entry import Entry, load_shop
from faq.knowledge import Knowledge, read_knowledge
from faq.own import Own, merged
from faq.shelf import LOOK_S, Shelf
from faq.workshop import serve

SOCKS = Entry(
    "products.own_1",
    "袜子会起球吗？",
    ("袜子穿久了起不起球", "会不会起毛球", "洗几次会起球", "棉袜起球怎么办"),
    "{shop}的袜子 {warranty_months} 个月内起球包换。",
    "Socks of {shop} that pill within {warranty_months} months are replaced.",
)


@pytest.fixture(scope="module")
def bench(model: Path) -> Bench:
    return Bench(model)


def published(path: Path, own: Own) -> None:
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(own))
    new.replace(path)


def until(true: Callable[[], bool]) -> None:
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("never")


def test_published_entry_answers_in_a_running_process_and_one_that_is_withdrawn_no_more(
    model: Path, tmp_path: Path
) -> None:
    shelf = Shelf(model, tmp_path / "faq.json")
    before = shelf.search()
    assert before.verdict(before.search("袜子会不会起球")) != "answer"
    time.sleep(LOOK_S)

    published(tmp_path / "faq.json", Own(1, (SOCKS,), ("returns.freight",)))
    assert shelf.search() is before  # nobody waits for the new edition
    until(lambda: shelf.search() is not before)

    search = shelf.search()
    hits = search.search("袜子会不会起球")
    assert (search.verdict(hits), hits[0].entry) == ("answer", "products.own_1")
    assert hits[0].answer == "店小二商城的袜子 12 个月内起球包换。"
    assert "returns.freight" not in [hit.entry for hit in search.search("退货运费谁出")]

    time.sleep(LOOK_S)
    (tmp_path / "faq.json").write_bytes(b"{broken")
    shelf.search()
    until(lambda: shelf.search() is not search)
    assert shelf.search().search("退货运费谁出")[0].entry == "returns.freight"


def test_own_entry_takes_the_shipped_ones_place_and_needs_no_new_training(knowledge: Knowledge) -> None:
    shop = load_shop()
    changed = msgspec.structs.replace(SOCKS, id="returns.freight")
    entries = merged(knowledge.entries, Own(1, (changed,), ("returns.time",)), shop)
    assert [entry.id for entry in entries if entry.question == "袜子会起球吗？"] == ["returns.freight"]
    with_own = Knowledge(entries, knowledge.out_of_scope, knowledge.encoder, knowledge.entries)
    assert with_own.digest == knowledge.digest


def test_entries_that_lead_to_a_withdrawn_one_do_not_any_more(knowledge: Knowledge) -> None:
    gone = next(other for entry in knowledge.entries for other in entry.related)
    entries = merged(knowledge.entries, Own(1, (), (gone,)), load_shop())
    assert all(gone not in entry.related for entry in entries)


def test_own_entry_with_a_value_that_the_shop_took_away_is_left_out_and_the_rest_answers(
    knowledge: Knowledge, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = msgspec.structs.replace(SOCKS, answer="{gone_value}")
    published(tmp_path / "faq.json", Own(1, (broken,)))
    assert read_knowledge(own=tmp_path / "faq.json").entries == knowledge.entries
    assert "gone_value" in caplog.text


def test_writer_is_told_which_entry_says_nearly_the_same(bench: Bench) -> None:
    draft = msgspec.structs.replace(SOCKS, phrasings=("退货运费谁来出", *SOCKS.phrasings))
    alike = bench.alike(Own(), draft)
    assert (alike[0].text, alike[0].entry, alike[0].same) == ("退货运费谁来出", "returns.freight", True)
    assert alike[0].likeness > 0.9
    assert [one.text for one in alike if one.text in SOCKS.phrasings] == []
    assert bench.alike(Own(1, (draft,)), draft) == alike  # it is never like itself


def test_writer_is_told_whose_words_the_draft_would_take(bench: Bench, knowledge: Knowledge) -> None:
    texts = next(entry.texts for entry in knowledge.entries if entry.id == "returns.freight")
    taken = msgspec.structs.replace(SOCKS, phrasings=texts, answer=" ".join(texts))
    assert "returns.freight" in [one.entry for one in bench.moved(Own(), taken)]
    assert bench.moved(Own(), SOCKS) == []


def test_writer_tries_a_draft_before_anybody_gets_it(bench: Bench) -> None:
    verdict, hits = bench.asked(Own(), SOCKS, "袜子起球怎么办")
    assert (verdict, hits[0].entry) == ("answer", SOCKS.id)
    unfinished = msgspec.structs.replace(SOCKS, answer="{not_yet}")
    assert bench.asked(Own(), unfinished, "袜子起球怎么办")[1][0].answer == "{not_yet}"
    assert SOCKS.id not in [hit.entry for hit in bench.asked(Own(), None, "袜子起球怎么办")[1]]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"question": " "}, ("question", "empty", "")),
        ({"answer_en": "{foo} and {foo}"}, ("answer_en", "no_value", "foo")),
        ({"phrasings": SOCKS.phrasings[:3]}, ("phrasings", "few", "4")),
        ({"phrasings": (*SOCKS.phrasings, SOCKS.question)}, ("phrasings", "twice", SOCKS.question)),
        ({"phrasings": (*SOCKS.phrasings, "？？")}, ("phrasings", "unreadable", "？？")),
        ({"related": ("no.such",)}, ("related", "unknown", "no.such")),
    ],
)
def test_what_is_wrong_with_a_draft_is_named(changes: dict[str, Any], problem: tuple[str, str, str]) -> None:
    draft = msgspec.structs.replace(SOCKS, **changes)
    assert [tuple(one) for one in Bench().problems(draft, [SOCKS.id])] == [problem]
    assert Bench().problems(SOCKS, [SOCKS.id]) == []


def test_workshop_answers_each_line_and_names_what_it_cannot_read() -> None:
    out = io.BytesIO()
    serve(io.BytesIO(b'{"call":"shipped"}\n{"call":"dance"}\n{"call":"check"}\n'), out)
    shipped, *wrong = map(json.loads, out.getvalue().splitlines())
    assert {"returns.freight"} < {entry["id"] for entry in shipped["entries"]}
    assert "{return_days}" in json.dumps(shipped["entries"], ensure_ascii=False)
    assert all(one["error"] for one in wrong)

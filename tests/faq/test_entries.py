import re
from pathlib import Path

import pytest
import yaml

from faq.entry import EntryError, load_entries, load_shop
from faq.knowledge import Knowledge
from faq.lint import near_duplicates
from faq.text import plain

HAN = re.compile(r"[\u3000-\u9fff]")
ENTRY = {
    "id": "returns.seven_days",
    "question": "能退吗？",
    "phrasings": ["退货可以不", "不想要了", "退一下", "几天能退"],
    "answer": "{return_days} 天内可以退。",
    "answer_en": "Within {return_days} days.",
}


def written(home: Path, *entries: object) -> Path:
    (home / "returns.yml").write_text(yaml.safe_dump(list(entries), allow_unicode=True), encoding="utf-8")
    return home


def test_shop_knows_at_least_120_answers_in_both_languages(knowledge: Knowledge) -> None:
    assert len(knowledge.entries) >= 120
    assert all(entry.answer.strip() and entry.answer_en.strip() for entry in knowledge.entries)
    assert [entry.id for entry in knowledge.entries if HAN.search(entry.answer_en)] == []


def test_every_entry_has_an_id_of_its_own_and_four_phrasings(knowledge: Knowledge) -> None:
    assert len({entry.id for entry in knowledge.entries}) == len(knowledge.entries)
    assert min(len(entry.phrasings) for entry in knowledge.entries) >= 4


def test_customer_never_reads_an_unfilled_placeholder(knowledge: Knowledge) -> None:
    shown = [text for entry in knowledge.entries for text in (entry.question, entry.answer, entry.answer_en)]
    assert [text for text in shown if "{" in text or "}" in text] == []


def test_no_phrasing_stands_under_two_entries(knowledge: Knowledge) -> None:
    seen: dict[str, str] = {}
    twice = []
    for entry in knowledge.entries:
        for text in entry.texts:
            owner = seen.setdefault(plain(text), entry.id)
            if owner != entry.id:
                twice.append((text, owner, entry.id))
    assert twice == []


def test_nearly_equal_phrasings_under_two_entries_are_found(knowledge: Knowledge) -> None:
    assert near_duplicates(knowledge.entries) == []
    first, second = knowledge.entries[:2]
    copied = type(second)("copy.of", first.question + "呀", second.phrasings, second.answer, second.answer_en)
    assert [pair.first for pair in near_duplicates([first, copied], near=0.6)] == [first.id]


def test_every_value_of_the_shop_is_used_by_some_answer() -> None:
    bare = "".join(path.read_text(encoding="utf-8") for path in Path("faq/entries").glob("*.yml"))
    unused = [name for name in load_shop().values if f"{{{name}}}" not in bare and name != "shop"]
    assert unused == []


def test_intents_of_entries_are_labels_the_bot_knows(knowledge: Knowledge) -> None:
    labels = set(yaml.safe_load(Path("domain.yml").read_text(encoding="utf-8"))["intents"])
    named = {intent for entry in knowledge.entries for intent in entry.intents}
    assert named
    assert named <= labels


def test_merchants_value_fills_both_languages(tmp_path: Path) -> None:
    entry = load_entries(written(tmp_path, ENTRY))[0]
    assert entry.answer == "7 天内可以退。"
    assert entry.answer_en == "Within 7 days."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"answer": None}, "answer"),
        ({"answer": "  "}, "field `answer` is empty"),
        ({"phrasings": ["退"]}, "field `phrasings`: 1, at least 4 needed"),
        ({"phrasings": ["退", "退", "换", "修"]}, "stands there twice"),
        ({"answr": "退"}, "answr"),
        ({"id": "orders.cancel"}, "field `id`: expected returns."),
        ({"answer": "{retrun_days} 天"}, "field `answer`: {retrun_days} is not in shop.yml"),
        ({"related": ["returns.nothing"]}, "field `related`: there is no entry returns.nothing"),
    ],
)
def test_merchant_reads_which_file_entry_and_field_is_wrong(
    tmp_path: Path, change: dict[str, object], told: str
) -> None:
    with pytest.raises(EntryError) as error:
        load_entries(written(tmp_path, ENTRY | change))
    assert "returns.yml" in str(error.value)
    assert told in str(error.value)


def test_same_id_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EntryError, match=r"returns\.seven_days is also in"):
        load_entries(written(tmp_path, ENTRY, ENTRY))


def test_file_that_is_not_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "returns.yml").write_text("- id: [", encoding="utf-8")
    with pytest.raises(EntryError, match=r"returns\.yml: not YAML"):
        load_entries(tmp_path)

"""What the trained components say about whole turns."""

import io
import json
import tarfile
import warnings
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SetupError
from bot.nlu.calibration import Threshold
from bot.nlu.decision import ShopperDecision
from bot.nlu.parse import Pipeline, newest, parse_lines, told


@pytest.fixture(scope="module")
def pipeline(small_model: Path) -> Pipeline:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Pipeline.of(small_model)


def read(pipeline: Pipeline, text: str, before: str = "") -> dict[str, Any]:
    return told(pipeline.read(text, before))


def test_a_model_holds_no_pickle(small_model: Path) -> None:
    with tarfile.open(small_model) as archive:
        names = [member.name for member in archive if member.isfile()]
    assert names
    assert all(name.endswith((".json", ".npz")) for name in names if "/train_bot." in name)
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]


def test_thresholds_are_stored_with_the_model_and_keep_their_promise(small_model: Path) -> None:
    with tarfile.open(small_model) as archive:
        member = next(m for m in archive if m.name.endswith("thresholds.json"))
        stored = json.load(io.BytesIO(archive.extractfile(member).read()))  # type: ignore[union-attr]
    assert set(stored) == {"acting", "answering"}
    assert stored["acting"]["promised"] == 0.9
    assert stored["acting"]["confidence"] >= stored["answering"]["confidence"]


def test_a_request_in_traditional_characters_is_read_as_in_simplified(pipeline: Pipeline) -> None:
    assert read(pipeline, "我的快遞到哪裡了")["intent"] == "logistics_track"
    assert read(pipeline, "我要開發票")["intent"] == "invoice"


def test_a_request_typed_with_homophones_is_read(pipeline: Pipeline) -> None:
    assert read(pipeline, "申请腿货")["intent"] == "return_request"


def test_thanks_and_greetings_do_not_hide_a_request(pipeline: Pipeline) -> None:
    assert read(pipeline, "你好 我要开发票 谢谢")["intent"] == "invoice"
    assert read(pipeline, "订单号20251120123456789012 帮我查下物流")["intent"] == "logistics_track"


def test_a_short_turn_is_read_after_what_was_said_before(pipeline: Pipeline) -> None:
    assert read(pipeline, "那几点？")["intent"] == "needs_context"
    assert read(pipeline, "那几点？", "您的包裹预计明天送达")["intent"] == "logistics_track"


def test_a_bare_number_is_information(pipeline: Pipeline) -> None:
    turn = read(pipeline, "订单号：20251120123456789012")
    assert turn["intent"] == "provide_info"
    assert [(e["entity"], e["start"], e["end"]) for e in turn["entities"]] == [("order_number", 4, 24)]


def test_a_slash_command_is_plain_text(pipeline: Pipeline) -> None:
    for text in ("/restart", '/request_human{"a": 1}', "/intent"):
        assert read(pipeline, text)["confidence"] < 1


@pytest.mark.parametrize("text", ["", " ", "\x00\x07", "🙂🙂", "！？。"])
def test_nothing_readable_is_asked_about(pipeline: Pipeline, text: str) -> None:
    turn = read(pipeline, text)
    assert turn["decision"] in {"ask", "answer"}
    assert len(turn["ranking"]) == 3
    assert turn["anger"] < 0.75


def test_ten_thousand_characters_are_read(pipeline: Pipeline) -> None:
    turn = read(pipeline, "我的快递到哪了" + "啊哈" * 5000)
    assert len(turn["ranking"]) == 3


def test_insults_hand_over_to_a_person(pipeline: Pipeline) -> None:
    turn = read(pipeline, "骗子 投诉 骗子 差评")
    assert (turn["decision"], turn["reason"]) == ("hand_off", "anger")
    assert turn["anger"] > read(pipeline, "谢谢你")["anger"]


def test_the_same_line_is_read_the_same_every_time(small_model: Path) -> None:
    lines = [
        '{"id": "1", "text": "查快递"}',
        "",
        '{"id": "2", "text": "怎么样了", "prev_agent": "正在派送了"}',
    ]
    first, again = list(parse_lines(small_model, lines)), list(parse_lines(small_model.parent, lines))
    assert first == again
    assert [json.loads(line)["id"] for line in first] == ["1", "2"]
    assert set(json.loads(first[0])) >= {
        "id",
        "intent",
        "confidence",
        "ranking",
        "decision",
        "anger",
        "entities",
    }


def test_a_broken_line_is_named(small_model: Path) -> None:
    with pytest.raises(SetupError, match="Line 2"):
        list(parse_lines(small_model, ['{"id": 1, "text": "在吗"}', "{"]))


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="rasa train"):
        newest(tmp_path)


def deciding(**config: Any) -> ShopperDecision:
    thresholds = {"acting": Threshold(0.9, 0.9, 0.9, 0.4), "answering": Threshold(0.8, 0.6, 0.8, 0.6)}
    decision = ShopperDecision({"acting": ["order_cancel"], **config}, None, None)
    decision.thresholds = thresholds
    return decision


def test_two_requests_that_were_each_read_surely_are_answered_though_the_whole_is_torn() -> None:
    assert deciding().decide("invoice", 0.5, 0.0, 0) == ("ask", "")
    assert deciding().decide("invoice", 0.5, 0.0, 0, two=True) == ("answer", "")
    assert deciding().decide("invoice", 0.5, 0.9, 0, two=True) == ("hand_off", "anger")


def test_what_changes_an_order_needs_more_certainty() -> None:
    assert deciding().decide("invoice", 0.7, 0.0, 0) == ("answer", "")
    assert deciding().decide("order_cancel", 0.7, 0.0, 0) == ("ask", "")
    assert deciding().decide("order_cancel", 0.95, 0.0, 0) == ("answer", "")


def test_the_second_miss_in_a_row_goes_to_a_person() -> None:
    assert deciding().decide("invoice", 0.2, 0.0, 1) == ("hand_off", "second_miss")


def test_a_clear_wish_for_a_person_is_answered_even_in_anger() -> None:
    assert deciding().decide("request_human", 0.9, 1.0, 0) == ("answer", "")
    assert deciding().decide("invoice", 0.9, 0.9, 0) == ("hand_off", "anger")

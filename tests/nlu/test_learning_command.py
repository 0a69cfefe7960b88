"""`xiaoer learn` and `xiaoer models rollback`, with Rasa training a small project for real."""

import json
import shutil
from pathlib import Path

import pytest

from bot import cli, model_commands

MISREAD = "到底啥时候轮到我家小院呀"
"""What only this merchant's shoppers say."""


@pytest.fixture
def shop(tmp_path: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with a trained model, in which the command runs."""
    project = tmp_path / "project"
    (project / "data/nlu").mkdir(parents=True)
    (project / "data/rules").mkdir()
    written = small_model.parent.parent
    shutil.copy(written / "config.yml", project)
    shutil.copy(written / "nlu.yml", project / "data/nlu")
    intents = [line for line in (written / "nlu.yml").read_text("utf-8").splitlines() if "- intent:" in line]
    domain = ["intents:", *(line.replace("intent: ", "") for line in intents)]
    (project / "domain.yml").write_text("\n".join(domain), encoding="utf-8")
    (project / "models").mkdir()
    shutil.copy(small_model, project / "models/old.tar.gz")
    monkeypatch.chdir(tmp_path)
    for module in (cli, model_commands):
        monkeypatch.setattr(module, "ROOT", project)
    monkeypatch.setenv("XIAOER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("XIAOER_MODELS", str(project / "models"))
    return project


def chats(folder: Path, intent: str) -> None:
    texts = [f"{first}{MISREAD} {last}" for first in ("", "亲", "唉") for last in ("", "呢", "嘛", "急")]
    lines = [
        json.dumps({"id": f"{number}:1", "text": text, "intent": intent}) for number, text in enumerate(texts)
    ]
    (folder / "chats.jsonl").write_text("\n".join(lines), encoding="utf-8")


def models(shop: Path) -> list[str]:
    return sorted(path.name for path in (shop / "models").glob("*.tar.gz"))


def test_a_merchant_teaches_the_bot_his_shoppers_words_and_takes_it_back(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chats(tmp_path, "logistics_track")
    assert cli.main(["learn", "chats.jsonl"]) == 0
    told = capsys.readouterr().out
    assert "after:  100.0%" in told
    assert len(models(shop)) == 2
    assert len((tmp_path / "var/learned.jsonl").read_text("utf-8").splitlines()) == 12

    assert cli.main(["models", "rollback"]) == 0
    assert "old.tar.gz" in (told := capsys.readouterr().out)
    assert "12 turns" in told
    assert models(shop) == ["old.tar.gz"]
    assert (tmp_path / "var/learned.jsonl").read_text("utf-8") == ""


def test_a_file_that_is_not_there_is_named_and_nothing_is_trained(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["learn", "none.jsonl"]) == 1
    assert "none.jsonl" in capsys.readouterr().err
    assert models(shop) == ["old.tar.gz"]
    assert not list((shop / "models").glob("retired/*"))

"""Only a model that is as it was trained is opened, and it takes the other's place between two turns."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from brain_end import House, texts

from bot.brain import models
from bot.brain.models import Models
from bot.brain.rasa_project import RasaProject
from bot.errors import NoModelError, RefusedModelError
from bot.setting_up.model import newest_model
from bot.setting_up.seal import check_seal, seal, seal_of, seal_what_was_there

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "key"


def trained(folder: Path, name: str, content: bytes = b"a model", age_s: float = 0) -> Path:
    archive = folder / f"{name}.tar.gz"
    archive.write_bytes(content)
    stamp = archive.stat().st_mtime - age_s
    os.utime(archive, (stamp, stamp))
    return archive


def test_a_sealed_model_is_opened_and_its_key_is_for_its_owner_only(folder: Path, key: Path) -> None:
    archive = trained(folder, "m")
    seal(archive, key)

    assert len(check_seal(archive, key)) == 64
    assert key.stat().st_mode & 0o077 == 0


def _tampered(archive: Path, key: Path) -> None:
    archive.write_bytes(b"another model")


def _cut_short(archive: Path, key: Path) -> None:
    archive.write_bytes(b"a mo")


def _unsealed(archive: Path, key: Path) -> None:
    seal_of(archive).unlink()


def _forged(archive: Path, key: Path) -> None:
    archive.write_bytes(b"another model")
    seal(archive, key.with_name("forger's"))


def _another_ones_seal(archive: Path, key: Path) -> None:
    other = trained(archive.parent, "other", b"another model")
    shutil.copy(seal(other, key), seal_of(archive))
    shutil.copy(other, archive)


def _without_signature(archive: Path, key: Path) -> None:
    seal_of(archive).write_text(seal_of(archive).read_text().splitlines()[0])


def _without_key(archive: Path, key: Path) -> None:
    key.unlink()


@pytest.mark.parametrize(
    "harm", [_tampered, _cut_short, _unsealed, _forged, _another_ones_seal, _without_signature, _without_key]
)
def test_a_model_that_is_not_as_it_was_trained_is_refused(
    folder: Path, key: Path, harm: Callable[[Path, Path], None]
) -> None:
    archive = trained(folder, "m")
    seal(archive, key)
    harm(archive, key)

    with pytest.raises(RefusedModelError, match=r"m\.tar\.gz"):
        check_seal(archive, key)


def test_models_from_before_there_were_seals_are_sealed_once_and_never_again(folder: Path, key: Path) -> None:
    trained(folder, "m")
    assert len(seal_what_was_there(folder, key)) == 1

    planted = trained(folder, "planted")
    assert seal_what_was_there(folder, key) == []
    key.unlink()
    assert seal_what_was_there(folder, key) == []
    with pytest.raises(RefusedModelError):
        check_seal(planted, key)


def test_an_older_model_is_opened_when_the_newest_can_not_be(folder: Path, key: Path) -> None:
    good = trained(folder, "good", b"good", age_s=20)
    broken = trained(folder, "broken", b"broken", age_s=10)
    for archive in (good, broken):
        seal(archive, key)
    trained(folder, "planted")
    choice = Models(folder, key)

    def load(archive: Path) -> Any:
        if archive.read_bytes() == b"broken":
            raise ValueError("not a graph")
        return archive.read_bytes()

    assert choice.open_newest(load) == b"good"
    assert choice.name == "good.tar.gz"
    assert "broken.tar.gz refused: not a graph" in choice.note


def test_no_model_that_can_be_opened_is_told_with_the_reason(folder: Path, key: Path) -> None:
    trained(folder, "planted")

    with pytest.raises(NoModelError, match="no seal"):
        Models(folder, key).open_newest(lambda archive: archive)  # type: ignore[arg-type,return-value]


class Used:
    """What a brain's turns were given."""

    def __init__(self) -> None:
        self.projects: list[Any] = []

    async def load(self, archive: Path) -> Any:
        content = await asyncio.to_thread(archive.read_bytes)
        if content == b"broken":
            raise ValueError("not a graph")
        return content

    def use(self, project: Any) -> None:
        self.projects.append(project)


@pytest.fixture
def choice(folder: Path, key: Path, monkeypatch: pytest.MonkeyPatch) -> Models:
    monkeypatch.setattr(models, "is_light", lambda archive: archive.read_bytes() != b"heavy")
    seal(trained(folder, "a", b"a", age_s=100), key)
    choice = Models(folder, key)
    choice.open_newest(lambda archive: archive.read_bytes())  # type: ignore[arg-type,return-value]
    return choice


async def test_a_newer_model_is_taken_up_once(choice: Models, folder: Path, key: Path) -> None:
    used = Used()
    assert not await choice.look(used.load, used.use)
    seal(trained(folder, "b", b"b"), key)

    assert await choice.look(used.load, used.use)
    assert not await choice.look(used.load, used.use)
    assert used.projects == [b"b"]
    assert (choice.name, choice.note) == ("b.tar.gz", "")


async def test_going_back_takes_up_the_older_model(choice: Models, folder: Path, key: Path) -> None:
    used = Used()
    newer = trained(folder, "b", b"b")
    seal(newer, key)
    await choice.look(used.load, used.use)
    newer.unlink()

    assert await choice.look(used.load, used.use)
    assert used.projects == [b"b", b"a"]


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"broken", "not a graph"), (b"heavy", "start the brain again"), (b"b", "no seal")],
)
async def test_a_model_that_can_not_be_used_leaves_the_old_one_at_work_and_says_why(
    choice: Models, folder: Path, key: Path, content: bytes, why: str
) -> None:
    used = Used()
    archive = trained(folder, "b", content)
    if why != "no seal":
        seal(archive, key)

    assert not await choice.look(used.load, used.use)
    assert not await choice.look(used.load, used.use)
    assert used.projects == []
    assert choice.name == "a.tar.gz"
    assert why in choice.note


async def test_a_model_that_is_sealed_late_is_taken_up_then(choice: Models, folder: Path, key: Path) -> None:
    used = Used()
    archive = trained(folder, "b", b"b")
    await choice.look(used.load, used.use)
    seal(archive, key)

    assert await choice.look(used.load, used.use)
    assert choice.note == ""


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")  # what Rasa says of every model
async def test_no_turn_is_lost_while_another_model_is_taken_up(
    house: House, tmp_path: Path, folder: Path, key: Path
) -> None:
    async def repeats(call: dict[str, Any]) -> Any:
        return await house.actions.says(call["tracker"]["latest_message"]["text"])({})

    house.actions.answer = repeats
    real = newest_model(ROOT / "models")
    seal(Path(shutil.copy(real, folder / "a.tar.gz")), key)
    choice = Models(folder, key)
    choice.open_newest(lambda _: house.project)
    turns = house.brain._turns
    before = turns._project

    async def load(archive: Path) -> RasaProject:
        return await asyncio.to_thread(RasaProject, archive, house.project.action_endpoint)

    seal(Path(shutil.copy(real, folder / "b.tar.gz")), key)
    taking_up = asyncio.create_task(choice.look(load, turns.take_up))
    said, answered = [], []
    while not taking_up.done() or len(said) < 8:
        said.append(f"退货政策是什么{len(said)}")
        answered += texts(await house.says(said[-1]))

    assert await taking_up, choice.note
    assert turns._project is not before
    assert answered == said

"""The documents say what the code does: settings, commands, links, and both languages alike."""

import re
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
PAGES = (
    *READMES,
    "CONTRIBUTING.md",
    "models/README.md",
    *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```", re.DOTALL)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def settings_in(*sources: str) -> set[str]:
    """Names of environment variables of ours in the code."""
    return {name for source in sources for name in re.findall(r'"(XIAOER_[A-Z0-9_]+)"', text_of(source))}


def test_every_setting_is_explained_to_operators() -> None:
    ours = {f"XIAOER_{field.upper()}" for field in Settings.__struct_fields__}
    others = settings_in(
        "shop/settings.py", "actions/settings.py", "faq/knowledge.py", "actions/platforms/chosen.py"
    )
    assert len(others) > 10
    told = set(re.findall(r"`([A-Z0-9_]+)`", text_of("docs/operations.md")))

    assert ours | others | {"REDIS_URL", "DATABASE_URL"} <= told


def test_no_setting_is_explained_that_nothing_reads() -> None:
    ours = {f"XIAOER_{field.upper()}" for field in Settings.__struct_fields__}
    others = settings_in(
        "shop/settings.py", "actions/settings.py", "faq/knowledge.py", "actions/platforms/chosen.py"
    )
    told = set(re.findall(r"`(XIAOER_[A-Z0-9_]+)`", text_of("docs/operations.md")))

    assert told <= ours | others


def test_defaults_in_the_table_are_those_of_the_code() -> None:
    rows = dict(
        re.findall(r"^\| `(XIAOER_[A-Z0-9_]+)` \| `([^`]*)` \|", text_of("docs/operations.md"), re.MULTILINE)
    )
    for field in Settings.__struct_fields__:
        default = getattr(Settings(), field)
        shown = rows.get(f"XIAOER_{field.upper()}")
        if shown is None or field == "public_url":
            continue
        said = f"{default:g}" if isinstance(default, float) else str(default)
        assert shown == said, field


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for target in _LINK.findall(_CODE.sub("", text_of(page))):
        if "://" in target or target.startswith("#"):
            continue
        path, _, anchor = target.partition("#")
        found = (ROOT / page).parent / path
        assert found.exists(), f"{page}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-") for heading in headings}, f"{page}: {target}"


@pytest.mark.parametrize("page", [*READMES, "CONTRIBUTING.md", "docs/operations.md", "models/README.md"])
def test_every_make_target_that_is_named_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    named = re.findall(r"(?:`|^)make ((?:[a-z]+ ?)+)", text_of(page), re.MULTILINE)

    assert {word for words in named for word in words.split()} <= targets
    assert named


@pytest.mark.parametrize("page", READMES)
def test_every_command_that_is_named_exists(page: str) -> None:
    commands = set(re.findall(r'add_parser\(\s*"([a-z]+)"', text_of("bot/cli.py")))
    commands |= {"gateway", "brain", "followers"}
    named = set(re.findall(r"xiaoer ([a-z]+)", text_of(page)))

    assert {"up", "gateway", "brain", "followers", "shop", "parse", "faq", "agent"} <= named <= commands


@pytest.mark.parametrize("page", READMES)
def test_every_path_that_is_named_exists(page: str) -> None:
    named = re.findall(r"`((?:bot|faq|data|actions|tests|docs)/[\w./]*)`", text_of(page))

    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_both_languages_have_the_same_parts() -> None:
    english, chinese = (_CODE.sub("", text_of(page)) for page in READMES)

    def shape(text: str) -> list[str]:
        return re.findall(r"^(?:#+|\||- |!\[)", text, re.MULTILINE)

    assert shape(english) == shape(chinese)
    assert sorted(set(_LINK.findall(english)) - {"README.zh-CN.md"}) == sorted(
        set(_LINK.findall(chinese)) - {"README.md"}
    )


def test_pictures_are_small_enough_to_load() -> None:
    pictures = list((ROOT / "docs" / "images").iterdir())
    named = {
        Path(target).name
        for page in READMES
        for target in _LINK.findall(text_of(page))
        if "images/" in target
    }

    assert len(pictures) <= 9
    assert all(picture.stat().st_size < 300_000 for picture in pictures)
    assert {picture.name for picture in pictures} == named

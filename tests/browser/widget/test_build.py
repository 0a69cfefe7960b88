"""What is built is small enough for a shop's page, and says nothing it should not."""

import gzip
import json
import re
from pathlib import Path
from typing import Any


def test_loader_and_chat_stay_within_their_budgets(widget: Path) -> None:
    dist = widget / "dist"
    chat = json.loads((dist / ".vite" / "manifest.json").read_text())["src/chat.tsx"]["file"]

    assert len(gzip.compress((dist / "widget.js").read_bytes(), 9)) <= 2 * 1024
    assert len(gzip.compress((dist / chat).read_bytes(), 9)) <= 16 * 1024


def test_page_has_nothing_inline(widget: Path) -> None:
    page = (widget / "dist" / "chat.html").read_text()

    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_lock_file_names_no_registry(widget: Path) -> None:
    lock = json.loads((widget / "package-lock.json").read_text())

    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


def test_protocol_keeps_its_word(npm: Any, widget: Path) -> None:
    assert (widget / "tests").is_dir()
    npm("test")

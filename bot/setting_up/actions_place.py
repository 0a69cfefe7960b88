"""Where the actions run: what XIAOER_ACTIONS_URL says, else endpoints.yml."""

from pathlib import Path
from typing import Any

import yaml

from bot.errors import SetupError

ROOT = Path(__file__).resolve().parents[2]
IN_PROCESS = "in_process"


def actions_place(url: str) -> str:
    """The action server's address, or `in_process:` and a package. Raises SetupError when nothing says so."""
    endpoint = action_endpoint()
    place = url
    if not place:
        place = IN_PROCESS if endpoint.get("type") == IN_PROCESS else str(endpoint.get("url") or "")
    if place == IN_PROCESS:
        place = f"{IN_PROCESS}:{endpoint.get('package', 'actions')}"
    if not place:
        raise SetupError("no actions: set XIAOER_ACTIONS_URL, or action_endpoint in endpoints.yml")
    return place


def action_endpoint() -> dict[str, Any]:
    """What endpoints.yml says of the actions."""
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8")) or {}
    return dict(endpoints.get("action_endpoint") or {})

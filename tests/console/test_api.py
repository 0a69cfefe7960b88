"""The console's API is as its document says, whoever asks, and whatever he sends."""

import asyncio
import json
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import openapi_v31_spec_validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from bot.archive.accounts import AgentRole
from bot.console.calls import CALLS
from bot.console.openapi import Call, document
from bot.console.roles import MAY

logger = logging.getLogger(__name__)

CASES = int(os.environ.get("API_CASES", "2"))  # of each kind, operation and role; `make api` runs many
WRITTEN = Path(__file__).parents[2] / "docs" / "api" / "console.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Signing out ends the session that the others use; signing in is held up after ten tries.
ELSEWHERE = {"sign-in", "sign-out"}
NOBODY = {"id": "nobody", "ticket": "T0", "agent": "a-0", "entry": "no.such", "reply": "nobody"}
IN_SESSION = [call for call in CALLS if call.path not in ELSEWHERE]
SIGNED = [call for call in CALLS if call.path != "sign-in"]
name_of: Callable[[Call], str] = lambda call: f"{call.method} {call.path}"  # noqa: E731


def test_the_written_document_is_what_the_code_says_and_valid() -> None:
    written = json.loads(WRITTEN.read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(document(CALLS))), "out of date: make openapi"
    openapi_v31_spec_validator.validate(written)


def test_every_route_of_the_console_is_in_the_table_and_has_a_verb(desk: Any) -> None:
    served = {
        (route.method, route.resource.canonical)
        for route in desk.app.router.routes()
        if route.method != "HEAD" and route.resource.canonical.startswith("/api/console")
    }
    told = {(call.method, call.address) for call in CALLS}
    assert served == told | {("*", "/api/console/{rest}")}
    assert [call.path for call in CALLS if call.verb is None] == ["sign-in"]


async def test_the_document_is_served_to_who_is_signed_in(desk: Any) -> None:
    assert (await desk.browser().gets("openapi.json"))[0] == 401
    assert (await (await desk.agent("xiaowang")).gets("openapi.json"))[1]["openapi"] == "3.1.0"


@pytest.mark.parametrize("path", ["nothing", "me/too", "conversations/x/claim/now"])
async def test_what_is_no_call_is_refused_in_the_manner_of_calls(desk: Any, path: str) -> None:
    browser = await desk.agent("xiaowang")
    status, content = await browser.gets(path)
    assert (status, content["error"]["code"]) == (404, "no_call")
    async with browser.session.delete("/api/console/me") as response:
        assert (response.status, (await response.json())["error"]["code"]) == (404, "no_call")


async def test_each_role_may_what_its_verb_allows_and_nobody_anything(desk: Any) -> None:
    """Garbage is sent, so that whoever may gets a 400 or 404 and nothing happens."""
    browsers = {role: await desk.agent(f"w-{role.value}", role.value) for role in AgentRole}
    stranger = desk.browser()
    seen: Counter[str] = Counter()
    for call in SIGNED:
        assert call.verb is not None
        path = call.path.format(**NOBODY)
        for role, browser in browsers.items():
            if call.path == "sign-out":
                continue
            status = await asked(browser, call, path)
            allowed = role in MAY[call.verb]
            assert (status != 403) == allowed, f"{role} {name_of(call)}: {status}"
            assert status in (200, 400, 403, 404), f"{role} {name_of(call)}: {status}"
            seen[role.value] += 1
        assert await asked(stranger, call, path) == 401, name_of(call)
    assert set(seen.values()) == {len(SIGNED) - 1}


async def test_nothing_changes_without_the_csrf_token_or_from_a_foreign_page(desk: Any) -> None:
    browser = await desk.agent("chef", "admin")
    for call in (one for one in SIGNED if one.method != "GET"):
        path = call.path.format(**NOBODY)
        assert await asked(browser, call, path, token="") == 403, name_of(call)
        assert await asked(browser, call, path, token="x" * 43) == 403, name_of(call)
        assert await asked(browser, call, path, origin="https://evil.example") == 403, name_of(call)


GARBAGE = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"\xff\xfe",
    b"{}" + b" " * 70_000,
    b'{"epoch":"1"}',
    b"[" * 9999,
]


@pytest.mark.parametrize("call", [one for one in CALLS if one.given is not None], ids=name_of)
async def test_garbage_is_refused_with_a_code_and_a_sentence(desk: Any, call: Call) -> None:
    browser = await desk.agent("chef", "admin")
    path = f"/api/console/{call.path.format(**NOBODY)}"
    for body in GARBAGE:
        headers = {"X-CSRF-Token": browser.csrf, "Content-Type": "application/json"}
        async with browser.session.post(path, data=body, headers=headers) as response:
            assert response.status == 400, body[:20]
            error = (await response.json())["error"]
            assert error["code"] == "bad_call"
            assert error["message"]


@pytest.mark.parametrize("role", ["supervisor", "agent"])
async def test_every_operation_answers_as_the_document_says(desk: Any, role: str) -> None:
    browser, real = await busy_desk(desk, role)
    cookie = "; ".join(f"{one.key}={one.value}" for one in browser.session.cookie_jar)
    headers = {"Cookie": cookie, "X-CSRF-Token": browser.csrf, "Origin": desk.url}
    tried = await asyncio.to_thread(try_all, desk.url, headers, real, role)
    assert len(tried) == len(IN_SESSION)
    total = sum(tried.values(), Counter())
    logger.info("%s: %d operations, %d cases, statuses %s", role, len(tried), total.total(), dict(total))
    for call in IN_SESSION:
        if call.verb and AgentRole(role) not in MAY[call.verb]:
            assert set(tried[name_of(call)]) == {403}, name_of(call)


def try_all(url: str, headers: dict[str, str], real: dict[str, str], role: str) -> dict[str, Counter[int]]:
    """Statuses by operation; every operation is tried before the first failure is told."""
    schema = schemathesis.openapi.from_dict(strict(document(CALLS)))
    calls = {(one.method.lower(), one.address): one for one in IN_SESSION}
    tried: dict[str, Counter[int]] = {}
    failures: list[BaseException] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        call = calls.get((operation.method, operation.path))
        if call is None:
            continue
        may = call.verb is None or AgentRole(role) in MAY[call.verb]
        statuses = tried.setdefault(name_of(call), Counter())
        for mode, known in kinds(call):
            checks = list(CHECKS)
            if mode is GenerationMode.NEGATIVE and may:
                checks.append(negative_data_rejection)
            places = {name: real[name] for name in places_of(call)} if known else None
            strategy = operation.as_strategy(generation_mode=mode, path_parameters=places)
            sending = partial(send, url, headers, checks, statuses)
            try:
                each_of(strategy, sending)
            except BaseExceptionGroup as error:
                failures.append(error)
    if failures:
        raise BaseExceptionGroup(f"as {role}", failures)
    return tried


def send(url: str, headers: dict[str, str], checks: list[Any], statuses: Counter[int], case: Any) -> None:
    response = case.call(base_url=url, headers=headers)
    statuses[response.status_code] += 1
    case.validate_response(response, checks=checks)


def each_of(strategy: Any, sending: Callable[[Any], None]) -> None:
    """Sends cases that the strategy makes."""

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        derandomize=CASES < 10,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def one(case: Any) -> None:
        sending(case)

    one()


def kinds(call: Call) -> Iterator[tuple[GenerationMode, bool]]:
    """Right and wrong data, at places that exist and at others."""
    yield GenerationMode.POSITIVE, False
    if places_of(call):
        yield GenerationMode.POSITIVE, True
    if call.given is not None:
        yield GenerationMode.NEGATIVE, bool(places_of(call))


def places_of(call: Call) -> list[str]:
    return [name for name in NOBODY if f"{{{name}}}" in call.path]


def strict(made: dict[str, Any]) -> dict[str, Any]:
    """Answers may have nothing that the document does not name; who asks is settled by our own headers."""
    schemas = made["components"]["schemas"]
    taken: set[str] = set()

    def reach(node: Any) -> None:
        if isinstance(node, dict):
            reference = node.get("$ref", "").rpartition("/")[2]
            if reference and reference not in taken:
                taken.add(reference)
                reach(schemas[reference])
            for value in node.values():
                reach(value)
        elif isinstance(node, list):
            for value in node:
                reach(value)

    for path in made["paths"].values():
        for operation in path.values():
            reach(operation.get("requestBody"))
            operation.pop("security", None)
    for name, schema in schemas.items():
        if name not in taken and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    made.pop("security")
    made["components"].pop("securitySchemes")
    return made


async def busy_desk(desk: Any, role: str) -> tuple[Any, dict[str, str]]:
    """Somebody with the role who serves a customer, and the ids of what there is."""
    browser = await desk.agent("w-busy", role)
    epoch = await desk.customer_waits("demo:one")
    await desk.customer_waits("demo:two")
    status, told = await browser.does("claim", "demo:one", epoch=epoch)
    assert status == 200, told
    given = {"category": "order", "title": "少发了一件", "note": "仓库查一下"}
    status, opened = await browser.does("tickets", "demo:one", **given)
    assert status == 200, opened
    await browser.does("note", "demo:one", cid="n1", text="先看监控")
    await desk.archived("demo:one", "demo:two")
    return browser, {
        "id": "demo:one",
        "ticket": opened["ticket"]["id"],
        "agent": browser.id,
        "entry": "returns.freight",
        "reply": "bye",
    }


async def asked(
    browser: Any, call: Call, path: str, token: str | None = None, origin: str | None = None
) -> int:
    headers = {"X-CSRF-Token": browser.csrf if token is None else token, "Origin": origin or browser.desk.url}
    body = None if call.method == "GET" else {}
    async with browser.session.request(
        call.method, f"/api/console/{path}", json=body, headers=headers
    ) as response:
        if response.status >= 400:
            error = (await response.json())["error"]
            assert error["code"]
            assert error["message"]
        return int(response.status)


async def test_a_ticket_of_an_unnamed_customer_needs_no_name(desk: Any) -> None:
    browser = await desk.agent("xiaowang")
    status, opened = await browser.posts("tickets", category="order", title="匿名来电")
    assert (status, opened["ticket"]["title"]) == (200, "匿名来电")

"""Who gets into the console, and what a browser has to show."""

from typing import Any

import pytest

from bot.archive.accounts import AgentRole
from bot.console.pace import SignInPace
from bot.console.roles import MAY, Verb, may
from bot.errors import LockedOutError

PASSWORD = "correct horse 41"

TRIES = 10


async def test_agent_signs_in_with_a_strict_http_only_cookie(desk: Any) -> None:
    await desk.hire("wang", "supervisor")
    browser = desk.browser()

    async with browser.session.post(
        "/api/console/sign-in", json={"name": "wang", "password": PASSWORD}
    ) as response:
        cookie = response.headers["Set-Cookie"]
        content = await response.json()

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert content["agent"]["role"] == "supervisor"
    assert content["agent"]["display"] == "客服wang"
    assert await browser.gets("me") == (200, content)


async def test_wrong_password_is_told_in_the_readers_language(desk: Any) -> None:
    await desk.hire("wang")
    status, content = await desk.browser().signs_in("wang", "not the one")
    assert (status, content["error"]["message"]) == (401, "用户名或密码不对。")
    status, content = await desk.browser("en-GB,zh;q=0.5").signs_in("nobody", "not the one")
    assert (status, content["error"]) == (401, {"code": "sign_in", "message": "Wrong name or password."})


async def test_nobody_looks_without_a_session(desk: Any) -> None:
    for path in ("me", "conversations", "conversations/x", "conversations/x/events", "agents"):
        assert (await desk.browser().gets(path))[0] == 401
    assert (await desk.browser().does("claim", "x", epoch=1))[0] == 401


async def test_signing_in_again_rotates_the_session(desk: Any) -> None:
    wang = await desk.agent("wang")
    jar = {cookie.key: cookie.value for cookie in wang.session.cookie_jar}
    await wang.signs_in("wang")

    other = desk.browser()
    other.session.cookie_jar.update_cookies(jar)
    assert (await other.gets("me"))[0] == 401
    assert (await wang.gets("me"))[0] == 200


async def test_signing_out_ends_the_session(desk: Any) -> None:
    wang = await desk.agent("wang")
    jar = {cookie.key: cookie.value for cookie in wang.session.cookie_jar}
    assert (await wang.posts("sign-out"))[0] == 204

    wang.session.cookie_jar.update_cookies(jar)
    assert (await wang.gets("me"))[0] == 401


async def test_a_change_without_the_csrf_token_is_refused(desk: Any) -> None:
    wang = await desk.agent("wang")
    epoch = await desk.customer_waits("x1")
    wang.csrf = "forged"
    status, content = await wang.does("claim", "x1", epoch=epoch)
    assert (status, content["error"]["code"]) == (403, "forbidden")
    assert (await desk.log.state("x1")).stage == "waiting"


async def test_a_change_from_a_foreign_page_is_refused(desk: Any) -> None:
    wang = await desk.agent("wang")
    wang.session.headers["Origin"] = "https://evil.example"
    assert (await wang.posts("presence", presence="busy"))[0] == 403
    assert (await desk.browser().signs_in("wang"))[0] == 200
    foreign = desk.browser()
    foreign.session.headers["Origin"] = "https://evil.example"
    assert (await foreign.signs_in("wang"))[0] == 403


async def test_a_foreign_page_gets_no_socket_and_a_stranger_is_told_to_sign_in(desk: Any) -> None:
    wang = await desk.agent("wang")
    async with wang.session.get(
        "/ws/console",
        headers={
            "Origin": "https://evil.example",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13",
        },
    ) as response:
        assert response.status == 403
    ws = await desk.browser().session.ws_connect("/ws/console")
    assert (await ws.receive()).data == 4401


async def test_guessing_passwords_is_stopped_for_a_while(desk: Any) -> None:
    await desk.hire("wang")
    browser = desk.browser()
    answers = [await browser.signs_in("wang", f"guess number {n}") for n in range(6)]
    assert [status for status, _ in answers] == [401] * 5 + [429]
    assert answers[-1][1]["error"]["code"] == "locked"
    assert (await browser.signs_in("wang"))[0] == 429


def test_one_address_has_only_so_many_tries() -> None:
    pace = SignInPace(TRIES)
    for _ in range(TRIES):
        pace.check("10.0.0.1")
    with pytest.raises(LockedOutError):
        pace.check("10.0.0.1")
    pace.check("10.0.0.2")


def test_every_verb_has_its_roles_and_only_those_in_charge_take_over() -> None:
    assert MAY.keys() == set(Verb)
    assert not may(AgentRole.AGENT, Verb.TAKE)
    assert may(AgentRole.SUPERVISOR, Verb.TAKE)
    assert may(AgentRole.ADMIN, Verb.TAKE)
    in_charge = {
        Verb.TAKE,
        Verb.WHISPER,
        Verb.STAFF,
        Verb.REPORT,
        Verb.TEACH,
        Verb.AUDIT,
        Verb.REVEAL_ANY,
        Verb.WORD,
    }
    assert {verb for verb in Verb if not may(AgentRole.AGENT, verb)} == in_charge


@pytest.mark.parametrize(("role", "status"), [("agent", 403), ("supervisor", 200), ("admin", 200)])
async def test_taking_over_is_for_those_in_charge(desk: Any, role: str, status: int) -> None:
    li, boss = await desk.agent("li"), await desk.agent("boss", role)
    epoch = await desk.customer_waits("x1")
    await li.does("claim", "x1", epoch=epoch)

    answered, _ = await boss.does("take", "x1", epoch=epoch + 1)

    assert answered == status
    assert (await desk.log.state("x1")).owner == (boss.id if status == 200 else li.id)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("conversations/x1/claim", {}),
        ("conversations/x1/claim", {"epoch": "1"}),
        ("conversations/x1/reply", {"cid": "a b", "epoch": 1, "body": {"type": "text", "text": "您好"}}),
        ("conversations/x1/reply", {"cid": "1", "epoch": 1, "body": {"type": "text", "text": " \u200b "}}),
        ("conversations/x1/reply", {"cid": "1", "epoch": 1, "body": {"type": "text", "text": "好" * 2001}}),
        ("conversations/x1/reply", {"cid": "1", "epoch": 1, "body": {"type": "card"}}),
        ("conversations/x1/note", {"cid": "1", "text": ""}),
        ("presence", {"presence": "asleep"}),
    ],
)
async def test_malformed_calls_are_refused_and_write_nothing(desk: Any, path: str, content: Any) -> None:
    wang = await desk.agent("wang")
    await desk.customer_waits("x1")
    before = await desk.log.state("x1")
    status, answer = await wang.posts(path, **content)
    assert status == 400
    assert answer["error"]["message"]
    assert await desk.log.state("x1") == before

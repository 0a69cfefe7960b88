"""Signing in with a second factor, and what ends a session."""

from typing import Any

import pyotp

PASSWORD = "correct horse 41"


async def sets_up(desk: Any, browser: Any) -> tuple[pyotp.TOTP, list[str]]:
    """The agent scans the code and types the first one; his authenticator and his recovery codes."""
    status, offered = await browser.posts("me/factor", password=PASSWORD)
    assert status == 200, offered
    totp = pyotp.parse_uri(offered["uri"])
    assert isinstance(totp, pyotp.TOTP)
    assert totp.issuer == "店小二"
    status, told = await browser.posts("me/factor/confirm", code=code(desk, totp))
    assert status == 200, told
    desk.clock.passes(30)
    return totp, told["codes"]


def code(desk: Any, totp: pyotp.TOTP) -> str:
    return totp.at(desk.clock.now // 1000)


async def test_who_set_up_a_second_factor_needs_it_to_sign_in_and_each_code_once(desk: Any) -> None:
    wang = await desk.agent("wang")
    totp, recovery = await sets_up(desk, wang)
    other = desk.browser()
    status, told = await other.signs_in("wang")
    assert (status, told["error"]["code"]) == (401, "code_wanted")
    now = code(desk, totp)
    assert (await other.posts("sign-in", name="wang", password="wrong " * 3, code=now))[0] == 401
    assert (await other.posts("sign-in", name="wang", password=PASSWORD, code=now))[0] == 200
    status, told = await desk.browser().posts("sign-in", name="wang", password=PASSWORD, code=now)
    assert (status, told["error"]["code"]) == (401, "wrong_code")
    assert (await desk.browser().posts("sign-in", name="wang", password=PASSWORD, code=recovery[0]))[0] == 200
    assert (await wang.gets("me/factor"))[1]["codes_left"] == 9


async def test_the_qr_code_is_the_uri_and_made_by_ourselves(desk: Any) -> None:
    import segno  # noqa: PLC0415

    wang = await desk.agent("wang")
    _, offered = await wang.posts("me/factor", password=PASSWORD)
    again = segno.make(offered["uri"], error="m", micro=False)
    assert offered["qr"] == ["".join(str(int(square)) for square in row) for row in again.matrix]
    assert offered["secret"] in offered["uri"]


async def test_guessing_codes_with_the_right_password_locks_the_account(desk: Any) -> None:
    await sets_up(desk, await desk.agent("wang"))
    for _ in range(5):
        status, _ = await desk.browser().posts("sign-in", name="wang", password=PASSWORD, code="000000")
        assert status == 401
    status, told = await desk.browser().posts("sign-in", name="wang", password=PASSWORD, code="000000")
    assert (status, told["error"]["code"]) == (429, "locked")


async def test_when_it_is_required_nothing_else_is_answered_until_it_is_set_up(desk: Any) -> None:
    boss, wang = await desk.agent("boss", "supervisor"), await desk.agent("wang")
    assert (await wang.posts("security", required=True))[0] == 403
    assert (await boss.posts("security", required=True))[1] == {"required": True, "with_factor": []}
    for browser in (boss, wang):
        status, told = await browser.gets("conversations")
        assert (status, told["error"]["code"]) == (403, "factor_missing")
        assert (await browser.gets("me"))[1]["unsecured"]
    line = await wang.session.ws_connect("/ws/console", protocols=("xiaoer.console.v1",))
    await line.receive()
    assert line.close_code == 4403
    await sets_up(desk, wang)
    assert (await wang.gets("conversations"))[0] == 200
    assert not (await wang.gets("me"))[1]["unsecured"]
    assert (await boss.gets("audit"))[0] == 403


async def test_a_supervisor_takes_a_lost_phone_back_and_that_is_written_down(desk: Any) -> None:
    boss, wang = await desk.agent("boss", "supervisor"), await desk.agent("wang")
    chef = await desk.agent("chef", "admin")
    await sets_up(desk, wang)
    await sets_up(desk, chef)
    assert (await wang.posts(f"agents/{wang.id}/factor-reset"))[0] == 403
    assert (await boss.posts(f"agents/{chef.id}/factor-reset"))[0] == 403
    assert (await boss.posts("agents/a-0/factor-reset"))[0] == 404
    status, told = await boss.posts(f"agents/{wang.id}/factor-reset")
    assert (status, told["with_factor"]) == (200, [chef.id])
    assert (await wang.gets("me"))[0] == 401
    assert (await wang.signs_in("wang"))[0] == 200
    _, kept = await boss.gets("audit")
    assert [(one["deed"], one["by_name"], one["whom_name"]) for one in kept["entries"]] == [
        ("factor_reset", "客服boss", "客服wang"),
        ("factor_set", "客服chef", "客服chef"),
        ("factor_set", "客服wang", "客服wang"),
    ]


async def test_a_new_password_ends_every_session_and_the_browser_that_set_it_gets_a_new_one(
    desk: Any,
) -> None:
    wang = await desk.agent("wang")
    elsewhere = desk.browser()
    await elsewhere.signs_in("wang")
    stolen = {one.key: one.value for one in wang.session.cookie_jar}
    bad = await wang.posts("me/password", old="not his own", new="another pass 7")
    assert (bad[0], bad[1]["error"]["code"]) == (400, "not_proven")
    assert (await wang.posts("me/password", old=PASSWORD, new="short"))[0] == 400
    status, told = await wang.posts("me/password", old=PASSWORD, new="another pass 7")
    assert status == 200
    assert told["csrf"] != wang.csrf
    assert (await wang.gets("me"))[0] == 200
    assert (await elsewhere.gets("me"))[0] == 401
    thief = desk.browser()
    thief.session.cookie_jar.update_cookies(stolen, thief.session._base_url)
    assert (await thief.gets("me"))[0] == 401
    assert (await desk.browser().signs_in("wang"))[0] == 401


async def test_a_sign_in_gives_another_session_than_the_one_the_browser_brought(desk: Any) -> None:
    wang = await desk.agent("wang")
    before = {one.key: one.value for one in wang.session.cookie_jar}
    await wang.signs_in("wang")
    assert {one.key: one.value for one in wang.session.cookie_jar} != before
    old = desk.browser()
    old.session.cookie_jar.update_cookies(before, old.session._base_url)
    assert (await old.gets("me"))[0] == 401


async def test_it_is_taken_away_only_with_password_and_code(desk: Any) -> None:
    wang = await desk.agent("wang")
    totp, codes = await sets_up(desk, wang)
    assert (await wang.posts("me/factor/off", password=PASSWORD))[0] == 400
    status, fresh = await wang.posts("me/factor/codes", password=PASSWORD, code=codes[0])
    assert (status, len(fresh["codes"])) == (200, 10)
    assert (await wang.posts("me/factor/off", password=PASSWORD, code=code(desk, totp)))[0] == 200
    assert (await desk.browser().signs_in("wang"))[0] == 200

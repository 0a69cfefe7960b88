"""Agents' accounts: who gets in, who does not, and for how long."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.archive import people
from bot.archive.accounts import SESSION_MS, Accounts, AgentRole, add_agent
from bot.archive.database import Database
from bot.errors import (
    BadNameError,
    LockedOutError,
    NameTakenError,
    SignInError,
    UnknownAgentError,
    WeakPasswordError,
)

PASSWORD = "correct horse 41"


async def test_agent_signs_in_with_his_own_password_only(accounts: Accounts) -> None:
    wang = await accounts.add("wang", AgentRole.AGENT, PASSWORD, "小王")

    assert await accounts.verify("wang", PASSWORD) == wang
    assert wang.display == "小王"
    with pytest.raises(SignInError):
        await accounts.verify("wang", PASSWORD + "x")
    with pytest.raises(SignInError):
        await accounts.verify("nobody", PASSWORD)


async def test_passwords_are_kept_as_argon2id_that_takes_its_time_and_tokens_as_hashes(
    database: Database, clock: Any
) -> None:
    accounts = Accounts(database, clock)
    wang = await accounts.add("wang", AgentRole.AGENT, PASSWORD)
    token, session = await accounts.begin_session(wang)

    async with database.reading() as connection:
        stored = (await connection.execute(select(people.agents.c.password))).scalar_one()
        tokens = (await connection.execute(select(people.sessions.c.token))).scalars().all()
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,")
    assert token not in tokens
    assert session.csrf != token


@pytest.mark.parametrize("password", ["short", "x" * 300, ""])
async def test_weak_passwords_are_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(WeakPasswordError):
        await accounts.add("wang", AgentRole.AGENT, password)


@pytest.mark.parametrize("name", ["", "a", "two words", "<b>x</b>", "x" * 65])
async def test_odd_names_are_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(BadNameError):
        await accounts.add(name, AgentRole.AGENT, PASSWORD)


async def test_a_name_belongs_to_one_agent(accounts: Accounts) -> None:
    await accounts.add("wang", AgentRole.AGENT, PASSWORD)
    with pytest.raises(NameTakenError):
        await accounts.add("wang", AgentRole.ADMIN, PASSWORD)


async def test_guessing_locks_the_account_for_longer_each_time(accounts: Accounts, clock: Any) -> None:
    await accounts.add("wang", AgentRole.AGENT, PASSWORD)
    for _ in range(5):
        with pytest.raises(SignInError):
            await accounts.verify("wang", "guess" * 3)

    with pytest.raises(LockedOutError) as locked:
        await accounts.verify("wang", PASSWORD)
    assert locked.value.after_s == 60

    clock.passes(61)
    with pytest.raises(SignInError):
        await accounts.verify("wang", "guess" * 3)
    with pytest.raises(LockedOutError) as longer:
        await accounts.verify("wang", PASSWORD)
    assert longer.value.after_s == 120

    clock.passes(121)
    wang = await accounts.verify("wang", PASSWORD)
    await accounts.begin_session(wang)
    with pytest.raises(SignInError):
        await accounts.verify("wang", "one slip")
    assert (await accounts.verify("wang", PASSWORD)).name == "wang"


async def test_guesses_made_at_the_same_time_are_all_counted(accounts: Accounts) -> None:
    await accounts.add("wang", AgentRole.AGENT, PASSWORD)
    tries = await asyncio.gather(
        *(accounts.verify("wang", f"guess number {n}") for n in range(5)), return_exceptions=True
    )
    assert all(isinstance(outcome, SignInError) for outcome in tries)
    with pytest.raises(LockedOutError):
        await accounts.verify("wang", PASSWORD)


async def test_a_session_ends_with_sign_out_time_password_or_dismissal(
    accounts: Accounts, clock: Any
) -> None:
    wang = await accounts.add("wang", AgentRole.SUPERVISOR, PASSWORD)

    async def fresh() -> str:
        return (await accounts.begin_session(wang))[0]

    token = await fresh()
    found = await accounts.session(token)
    assert found is not None
    assert found.agent == wang
    assert await accounts.session(token + "x") is None

    await accounts.end_session(token)
    assert await accounts.session(token) is None

    token = await fresh()
    clock.passes(SESSION_MS / 1000 + 1)
    assert await accounts.session(token) is None

    token = await fresh()
    await accounts.set_password("wang", "another pass 7")
    assert await accounts.session(token) is None
    assert (await accounts.verify("wang", "another pass 7")) == wang

    token = await fresh()
    await accounts.disable("wang")
    assert await accounts.session(token) is None
    assert await accounts.agents() == []
    with pytest.raises(SignInError):
        await accounts.verify("wang", "another pass 7")


async def test_changing_an_account_that_is_not_there_says_so(accounts: Accounts) -> None:
    with pytest.raises(UnknownAgentError):
        await accounts.set_password("nobody", PASSWORD)


async def test_the_command_makes_the_archive_and_adds_to_it(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'archive.db'}"
    await add_agent(url, "li", "admin", PASSWORD, "小李")
    with pytest.raises(NameTakenError):
        await add_agent(url, "li", "agent", "another pass 7")
    await add_agent(url, "li", "agent", "another pass 7", or_set=True)

    database = Database(url)
    li = await Accounts(database).verify("li", "another pass 7")
    assert (li.role, li.display) == (AgentRole.ADMIN, "小李")
    await database.close()

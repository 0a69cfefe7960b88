"""Codes of the second factor: RFC 6238 by its own numbers, each good once, never readable in the database."""

import asyncio
import base64
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, update

from bot.archive import people
from bot.archive.accounts import Accounts, Agent, AgentRole
from bot.archive.database import Database
from bot.archive.sealing import Seal
from bot.archive.second_factors import SecondFactors, take_factor
from bot.errors import (
    FactorIsSetError,
    FactorIsWantedError,
    NoFactorError,
    SetupError,
    UnknownAgentError,
    WrongCodeError,
)

PASSWORD = "correct horse 41"
# RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
RFC_SECRET, RFC = b"12345678901234567890", {59: "287082", 1111111109: "081804", 20000000000: "353130"}


@pytest.fixture
def factors(database: Database, clock: Any) -> SecondFactors:
    return SecondFactors(database, "s" * 32, clock)


@pytest.fixture
async def wang(accounts: Accounts) -> Agent:
    return await accounts.add("wang", AgentRole.AGENT, PASSWORD)


async def set_up(factors: SecondFactors, agent: Agent, clock: Any) -> tuple[pyotp.TOTP, list[str]]:
    """The authenticator, and the recovery codes."""
    totp = pyotp.TOTP((await factors.offer(agent.id, agent.name)).secret)
    codes = await factors.confirm(agent.id, totp.at(clock() // 1000))
    clock.passes(30)
    return totp, codes


async def test_codes_are_those_of_the_standard(
    factors: SecondFactors, wang: Agent, database: Database, clock: Any
) -> None:
    await factors.offer(wang.id, "wang")
    sealed = Seal("s" * 32, "second factors").close(base64.b32encode(RFC_SECRET).decode(), wang.id)
    async with database.writing() as connection:
        await connection.execute(update(people.second_factors).values(sealed=sealed))
    clock.at(59_000)
    await factors.confirm(wang.id, RFC[59])
    for seconds in (1111111109, 20000000000):
        clock.at(seconds * 1000)
        await factors.check(wang.id, RFC[seconds])


async def test_a_code_is_good_once_even_for_two_at_the_same_moment(
    factors: SecondFactors, wang: Agent, clock: Any
) -> None:
    totp, _ = await set_up(factors, wang, clock)
    code = totp.at(clock() // 1000)
    tries = await asyncio.gather(*(factors.check(wang.id, code) for _ in range(5)), return_exceptions=True)
    assert sum(one is None for one in tries) == 1
    assert sum(isinstance(one, WrongCodeError) for one in tries) == 4


async def test_a_clock_may_be_one_step_off_and_no_more_and_an_older_code_is_void_after_a_newer(
    factors: SecondFactors, wang: Agent, clock: Any
) -> None:
    totp, _ = await set_up(factors, wang, clock)
    now = clock() // 1000
    for off in (-60, 60):
        with pytest.raises(WrongCodeError):
            await factors.check(wang.id, totp.at(now + off))
    await factors.check(wang.id, totp.at(now + 30))
    with pytest.raises(WrongCodeError):
        await factors.check(wang.id, totp.at(now))


async def test_recovery_codes_are_good_once_and_void_when_renewed(
    factors: SecondFactors, wang: Agent, clock: Any
) -> None:
    _, codes = await set_up(factors, wang, clock)
    await factors.check(wang.id, codes[0].upper().replace("-", " - "))
    with pytest.raises(WrongCodeError):
        await factors.check(wang.id, codes[0])
    assert (await factors.of(wang.id)).codes_left == 9
    fresh = await factors.renew_codes(wang.id)
    with pytest.raises(WrongCodeError):
        await factors.check(wang.id, codes[1])
    await factors.check(wang.id, fresh[1])


async def test_nothing_is_on_before_the_first_code_and_nobody_overwrites_what_is(
    factors: SecondFactors, wang: Agent, clock: Any
) -> None:
    with pytest.raises(NoFactorError):
        await factors.confirm(wang.id, "000000")
    await factors.offer(wang.id, "wang")
    assert not (await factors.of(wang.id)).is_set
    with pytest.raises(WrongCodeError):
        await factors.confirm(wang.id, "abc")
    await set_up(factors, wang, clock)
    assert (await factors.of(wang.id)).is_set
    with pytest.raises(FactorIsSetError):
        await factors.offer(wang.id, "wang")


async def test_no_secret_and_no_code_can_be_read_in_the_database(
    factors: SecondFactors, wang: Agent, database: Database, clock: Any
) -> None:
    totp, codes = await set_up(factors, wang, clock)
    async with database.reading() as connection:
        sealed = (await connection.execute(select(people.second_factors.c.sealed))).scalar_one()
        hashes = (await connection.execute(select(people.recovery_codes.c.code))).scalars().all()
    assert totp.secret not in sealed
    assert not set(hashes) & {codes[0], codes[0].replace("-", "")}
    with pytest.raises(SetupError):
        Seal("t" * 32, "second factors").open(sealed, wang.id)
    with pytest.raises(SetupError):
        Seal("s" * 32, "second factors").open(sealed, "a-another")


async def test_what_is_required_of_everybody_can_not_be_taken_away_by_oneself(
    factors: SecondFactors, accounts: Accounts, wang: Agent, clock: Any
) -> None:
    token, _ = await accounts.begin_session(wang)
    await factors.require(of_everybody=True)
    session = await accounts.session(token)
    assert session is not None
    assert session.unsecured
    await set_up(factors, wang, clock)
    session = await accounts.session(token)
    assert session is not None
    assert not session.unsecured
    with pytest.raises(FactorIsWantedError):
        await factors.remove(wang.id)
    await factors.require(of_everybody=False)
    await factors.remove(wang.id)
    assert not (await factors.of(wang.id)).is_set


async def test_the_command_takes_it_from_who_lost_his_phone(
    factors: SecondFactors, accounts: Accounts, wang: Agent, database: Database, clock: Any
) -> None:
    await set_up(factors, wang, clock)
    token, _ = await accounts.begin_session(wang)
    with pytest.raises(UnknownAgentError):
        await take_factor(database, "nobody")
    await take_factor(database, "wang")
    assert not (await factors.of(wang.id)).is_set
    assert await accounts.session(token) is None

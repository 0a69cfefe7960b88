"""Every adapter bears out every claim of the contract."""

from collections.abc import Awaitable, Callable

import pytest
from platform_contract import CLAIMS, Stage, our_logs_name_nobody

ADAPTERS = ("demo", "rest", "composed", "vendure")
OVER_HTTP = ("demo", "rest", "composed")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
@pytest.mark.parametrize("stage", ADAPTERS, indirect=True)
async def test_contract(stage: Stage, claim: Callable[[Stage], Awaitable[None]]) -> None:
    await claim(stage)


@pytest.mark.parametrize("stage", OVER_HTTP, indirect=True)
async def test_logs_name_nobody(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    await our_logs_name_nobody(stage, caplog)

"""`xiaoer platform check`: tells a merchant what works with his shop, and what to do about what does not.

Nothing secret and nothing personal is printed: amounts, states and counts are, names and numbers are not.
Exit status: 0 all that is declared works, 1 something does not, 2 the settings can't be used.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from actions.platforms import base
from actions.platforms.base import Platform
from actions.platforms.capabilities import CHANGES, Capability
from actions.platforms.chosen import chosen_platform
from actions.platforms.composed import ComposedPlatform
from actions.settings import BadSettingError, environment, read_settings

C = Capability
NOBODYS = "xiaoer-check-0"
"""An order number that no shop has: reading it must be answered as not found."""
MOST_LOOKED_AT = 5
WHAT_TO_DO: dict[type[base.PlatformError], str] = {
    base.PlatformDenied: "the shop does not accept our key: compare the key id and secret (or user and password)"
    " on both sides, what the account may read, and the clocks (a signature lives for five minutes)",
    base.PlatformBusy: "the shop asks us to slow down: raise its limit for us, then check again",
    base.PlatformDown: "the shop can't be reached or says that it is broken: check XIAOER_SHOP_URL, the shop's"
    " own log, and whether this machine may reach it",
    base.PlatformSlow: "no answer in time: check the shop's load, or raise XIAOER_SHOP_TOTAL_SECONDS",
    base.PlatformGarbage: "the answer is not what was agreed: compare it with docs/platforms/openapi.yaml",
    base.Unsupported: "declared, and yet the shop says that it has no such thing: take it out of"
    " XIAOER_PLATFORM_CAPABILITIES",
    base.NotFound: "the shop does not know this customer: --customer takes the id that the shop's pages sign (sub)",
    base.Refused: "the shop refused: its words are above",
}


class Finding(msgspec.Struct, frozen=True):
    """One line of the report; `mend` is empty when all is well."""

    what: str
    told: str
    well: bool
    mend: str = ""


async def examine(platform: Platform, customer: str) -> list[Finding]:
    """Everything that can be found out without changing anything."""
    if not customer:
        return await _without_a_customer(platform)
    first = await _try("orders", lambda: platform.orders(customer, size=20), _count)
    found = [first[0]]
    orders = first[1]
    if orders is None:
        return found
    if not orders:
        found.append(
            Finding("order", "this customer has no orders: name one who has", well=False, mend="--customer")
        )
        return found
    number = orders[0].number
    for capability, ask in _reads(platform, customer, number).items():
        if platform.offers(capability):
            found.append((await _try(capability.value, ask, _count))[0])
    found += await _parts(platform, customer, [order.number for order in orders])
    found.append(await _hides_the_rest(platform, customer))
    return found


async def _parts(platform: Platform, customer: str, numbers: list[str]) -> list[Finding]:
    """Whether each part that the shop is composed with answers; one that knows nothing of the thing does."""
    asks: dict[str, Callable[[], Awaitable[Any]]] = {}
    if isinstance(platform, ComposedPlatform):
        for number in numbers[:MOST_LOOKED_AT]:
            asks |= await platform.parts(customer, number)
    found = []
    for name, ask in asks.items():
        finding, _ = await _try(name, ask, _count)
        if finding.told.startswith(base.NotFound.__name__):
            finding = Finding(name, "answers, and knows nothing of this one", well=True)
        found.append(finding)
    return found


async def _without_a_customer(platform: Platform) -> list[Finding]:
    if platform.offers(C.PRODUCTS):
        return [(await _try("products", lambda: platform.products("", 1), _count))[0]]
    return [await _hides_the_rest(platform, NOBODYS)]


def _reads(platform: Platform, customer: str, number: str) -> dict[Capability, Callable[[], Awaitable[Any]]]:
    return {
        C.ORDER: lambda: platform.order(customer, number),
        C.ELIGIBILITY: lambda: platform.eligibility(customer, number),
        C.PAYMENTS: lambda: platform.payments(customer, number),
        C.SHIPMENTS: lambda: platform.shipments(customer, number),
        C.CASES: lambda: platform.cases(customer, number),
        C.RETURNS: lambda: platform.returns(customer, number),
        C.REFUNDS: lambda: platform.refunds(customer, number),
        C.INVOICE: lambda: platform.invoice(customer, number),
        C.TICKETS: lambda: platform.tickets(customer, number),
        C.MEMBER: lambda: platform.member(customer),
        C.COUPONS: lambda: platform.coupons(customer),
        C.POINTS: lambda: platform.points(customer),
        C.PRODUCTS: lambda: platform.products("", 1),
    }


async def _try(
    what: str, ask: Callable[[], Awaitable[Any]], tell: Callable[[Any], str]
) -> tuple[Finding, Any | None]:
    try:
        answer = await ask()
    except base.PlatformError as error:
        words = (
            f": {error.message}" if isinstance(error, base.Refused) else f" ({error})" if str(error) else ""
        )
        mend = next(mend for kind, mend in WHAT_TO_DO.items() if isinstance(error, kind))
        return Finding(what, f"{type(error).__name__}{words}", well=False, mend=mend), None
    return Finding(what, tell(answer), well=True), answer


async def _hides_the_rest(platform: Platform, customer: str) -> Finding:
    """Whether what is not this customer's is answered as not found."""
    try:
        await platform.order(customer, NOBODYS)
    except base.NotFound:
        return Finding("someone else's order", "not found, as it should be", well=True)
    except base.PlatformError as error:
        return Finding(
            "someone else's order", type(error).__name__, well=False,
            mend="an order that is not this customer's must answer 404 not_found",
        )  # fmt: skip
    return Finding(
        "someone else's order",
        "was shown",
        well=False,
        mend="the shop shows orders that are not this customer's",
    )


def _count(answer: Any) -> str:
    return f"{len(answer)} read" if isinstance(answer, tuple) else "read"


def report(platform: Platform, found: list[Finding]) -> str:
    """What the merchant reads."""
    lines = [f"platform  {platform.name}", ""]
    for finding in found:
        lines.append(f"{'✓' if finding.well else '✗'} {finding.what}: {finding.told}")
        if finding.mend:
            lines.append(f"    → {finding.mend}")
    lines += ["", "capabilities (nothing that changes something was tried)"]
    for capability in C:
        kind = "changes" if capability in CHANGES else "reads"
        lines.append(f"  {'yes' if platform.offers(capability) else 'no ':3}  {capability.value}  ({kind})")
    return "\n".join(lines)


async def _check(platform: Platform, customer: str) -> int:
    try:
        found = await examine(platform, customer)
    finally:
        await platform.close()
    print(report(platform, found))  # noqa: T201 - the merchant reads it
    if not customer:
        print("\nwith --customer ID an order is read, too")  # noqa: T201
    return 0 if all(finding.well for finding in found) else 1


def main(words: list[str] | None = None) -> int:
    """Checks the platform that the settings name."""
    parser = argparse.ArgumentParser(prog="xiaoer platform check", description=__doc__)
    parser.add_argument("--customer", default="", help="a customer id of the shop, to read an order of")
    customer = parser.parse_args(words).customer
    try:
        platform = chosen_platform(read_settings(environment()), environment())
    except BadSettingError as error:
        print(f"xiaoer: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return asyncio.run(_check(platform, customer))


if __name__ == "__main__":
    sys.exit(main())

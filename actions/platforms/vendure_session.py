"""Being signed in to Vendure's Admin API: asking it, and signing in anew when the session has ended."""

from typing import Any

import msgspec

from actions.platforms import base, vendure_queries as queries
from actions.platforms.base import PlatformDenied, PlatformDown, PlatformGarbage
from actions.platforms.client import Call, Client, decoded
from actions.platforms.vendure_told import Outcome


class VendureShop(msgspec.Struct, frozen=True):
    """`url` is the Admin API's; the user needs ReadOrder, UpdateOrder, ReadCustomer and ReadCatalog.

    `order_page` and `again_page` are the storefront's addresses of an order and of buying the same again, with
    `{code}` where the order's code stands; empty where the storefront has none.
    """

    url: str
    user: str
    password: str
    order_page: str = ""
    again_page: str = ""


class _Told(msgspec.Struct, frozen=True):
    data: dict[str, Any] | None = None
    errors: tuple[dict[str, Any], ...] = ()


class VendureSession:
    """One for the process; its token is Vendure's to end."""

    def __init__(self, shop: VendureShop, client: Client) -> None:
        self._shop = shop
        self._client = client
        self._token = ""

    async def close(self) -> None:
        await self._client.close()

    async def ask(
        self, what: str, query: str, variables: dict[str, Any], *, again: bool = True
    ) -> dict[str, Any]:
        """The data of the answer. Raises PlatformError's kin; with `again` it may be sent twice."""
        if not self._token:
            await self._sign_in()
        try:
            return await self._once(what, query, variables, again=again)
        except PlatformDenied:  # the session ended; what was denied did not happen
            await self._sign_in()
            return await self._once(what, query, variables, again=again)

    async def _sign_in(self) -> None:
        self._token = ""
        asked = {"user": self._shop.user, "password": self._shop.password}
        told = await self._once("sign in", queries.SIGN_IN, asked, again=True)
        if within(told, Outcome, "login").kind != "CurrentUser":
            raise PlatformDenied("sign in")

    async def _once(self, what: str, query: str, variables: dict[str, Any], *, again: bool) -> dict[str, Any]:
        body = msgspec.json.encode({"query": query, "variables": variables})
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        call = Call(what, "POST", self._shop.url, headers, body)
        answer = await self._client.send(lambda: call, again=again)
        told = decoded(_Told, answer.body)
        if told.errors or told.data is None:
            raise _error(told.errors)
        self._token = answer.headers.get("vendure-auth-token", self._token)
        return told.data


def within(told: Any, kind: Any, *names: str) -> Any:
    """What stands there, as that kind. Raises PlatformGarbage when it does not."""
    try:
        for name in names:
            told = told[name]
        return msgspec.convert(told, kind)
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise PlatformGarbage(names[-1]) from error


def _error(errors: tuple[dict[str, Any], ...]) -> base.PlatformError:
    codes = {str((each.get("extensions") or {}).get("code")) for each in errors}
    if "FORBIDDEN" in codes:
        return PlatformDenied("FORBIDDEN")
    if "INTERNAL_SERVER_ERROR" in codes:
        return PlatformDown("INTERNAL_SERVER_ERROR")
    return PlatformGarbage(", ".join(sorted(codes)) or "no data")

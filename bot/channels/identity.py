"""Who a web shopper is: the shop's signed word for it, and our own token for those it says nothing about."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping

import jwt
import msgspec

from bot.conversation.bodies import Customer
from bot.errors import IdentityError
from bot.settings import Site

AUDIENCE = "xiaoer"
TOKEN_AUDIENCE = "xiaoer-conversation"  # noqa: S105 - a name, not a secret
LONGEST_IDENTITY_S = 3600 + 60
VISITOR_S = 30 * 86400
VERIFIED_S = 3600
_LEEWAY_S = 30
_LONGEST_NAME = 64


class Shopper(msgspec.Struct, frozen=True):
    """A shopper at one site and the conversation that is his; `token` proves it to our HTTP API."""

    site: str
    customer: Customer
    conversation: str
    token: str


class Identities:
    """Reads identities and tokens. Raises IdentityError for what is forged, expired or for somebody else."""

    def __init__(self, sites: Mapping[str, Site], secret: str) -> None:
        self._sites = sites
        self._secret = secret

    def welcome(self, site: str, identity: str, token: str, lang: str = "zh-CN") -> Shopper:
        """The shopper whom `identity` names; without one, the anonymous visitor of `token`, or a new one.

        A token never gives a verified identity back: who has signed out of the shop is anonymous here too.
        """
        if site not in self._sites:
            raise IdentityError(f"no site {site!r}")
        if identity:
            return self._signed(site, self._customer(site, identity, lang))
        visitor = ""
        if token:
            claims = self._claims(token)
            if claims.get("site") == site and not claims.get("verified"):
                visitor = str(claims["sub"])
        return self._signed(site, Customer(lang=lang), visitor or secrets.token_urlsafe(16))

    def conversation_of(self, token: str) -> str:
        """The conversation that the bearer of `token` may read."""
        return str(self._claims(token)["conversation"])

    def conversation_of_customer(self, site: str, customer: str) -> str:
        """The conversation that a verified customer has on that site's pages."""
        return self._conversation(f"web|{site}|customer|{customer}")

    def _customer(self, site: str, identity: str, lang: str) -> Customer:
        try:
            claims = jwt.decode(
                identity,
                self._sites[site].secret,
                algorithms=["HS256"],
                audience=AUDIENCE,
                issuer=site,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "jti"]},
            )
        except jwt.PyJWTError as error:
            raise IdentityError(str(error)) from error
        if claims["exp"] - time.time() > LONGEST_IDENTITY_S:
            raise IdentityError("the identity is valid for longer than an hour")
        return Customer(
            id=str(claims["sub"])[:_LONGEST_NAME],
            name=str(claims.get("name", ""))[:_LONGEST_NAME],
            level=str(claims.get("level", ""))[:_LONGEST_NAME],
            verified=True,
            lang=lang,
        )

    def _claims(self, token: str) -> dict[str, object]:
        try:
            claims: dict[str, object] = jwt.decode(
                token,
                self._secret,
                algorithms=["HS256"],
                audience=TOKEN_AUDIENCE,
                options={"require": ["exp", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise IdentityError(str(error)) from error
        return claims

    def _signed(self, site: str, customer: Customer, visitor: str = "") -> Shopper:
        who = customer.id if customer.verified else visitor
        kind = "customer" if customer.verified else "visitor"
        conversation = self._conversation(f"web|{site}|{kind}|{who}")
        claims = {
            "sub": who,
            "site": site,
            "verified": customer.verified,
            "conversation": conversation,
            "aud": TOKEN_AUDIENCE,
            "exp": int(time.time()) + (VERIFIED_S if customer.verified else VISITOR_S),
        }
        token = jwt.encode(claims, self._secret, algorithm="HS256")
        return Shopper(site, customer, conversation, token)

    def _conversation(self, who: str) -> str:
        # Nobody can guess it, and nobody has to look it up.
        digest = hmac.new(self._secret.encode(), who.encode(), hashlib.sha256).digest()
        return "w" + base64.b32encode(digest[:16]).decode().rstrip("=").lower()

"""`/channels/notices`: the shop tells a customer of something that he did not ask about, such as a delay."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import jwt
import msgspec
import structlog
from aiohttp import web

from bot.channels.binding import TICKET_S
from bot.channels.frames import LONGEST_TEXT, clean
from bot.conversation.bodies import Text
from bot.conversation.commands import ShopNotifies
from bot.courier.courier import OUTSIDE
from bot.errors import (
    ArchiveUnavailableError,
    IdentityError,
    LogUnavailableError,
    LostRaceError,
    NotReachableError,
)
from bot.log.log import Log

logger = structlog.get_logger(__name__)

PATH = "/channels/notices"
AUDIENCE = "xiaoer-notice"

Chats = Callable[[str], Awaitable[list[str]]]


class _Call(msgspec.Struct):
    notice: str


class NoticeDoor:
    """A notice goes to one chat: the newest in which the customer agreed and which a message can reach now.

    `chats` gives a customer's conversations, the newest first. A notice that comes again counts once.
    """

    def __init__(self, log: Log, chats: Chats, site: str, secret: str) -> None:
        self._log = log
        self._chats = chats
        self._site = site
        self._secret = secret

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.post(PATH, self._notify)]

    async def _notify(self, request: web.Request) -> web.Response:
        try:
            call = msgspec.json.decode(await request.read(), type=_Call)
            return web.json_response({"told": await self._tell(call.notice)})
        except msgspec.MsgspecError:
            return _told(400, "bad_call", "notice is missing")
        except IdentityError as error:
            logger.warning("notice_refused", why=str(error))
            return _told(403, error.code, error.zh)
        except (LogUnavailableError, LostRaceError, ArchiveUnavailableError) as error:
            return _told(503, error.code, error.zh)

    async def _tell(self, notice: str) -> int:
        try:
            claims = jwt.decode(
                notice,
                self._secret,
                algorithms=["HS256"],
                audience=AUDIENCE,
                issuer=self._site,
                options={"require": ["exp", "iat", "sub", "jti", "text"]},
            )
        except jwt.PyJWTError as error:
            raise IdentityError(str(error)) from error
        text = clean(str(claims["text"]))[:LONGEST_TEXT]
        if not text or not claims["sub"] or claims["exp"] - claims["iat"] > TICKET_S:
            raise IdentityError("the notice is empty, for nobody, or valid for too long")
        command = ShopNotifies(f"notice:{claims['jti']}", (Text(text),), await self._log.now())
        for conversation in await self._chats(str(claims["sub"])):
            state = await self._log.state(conversation)
            if not conversation.startswith(OUTSIDE) or state.customer.id != claims["sub"]:
                continue  # it was bound anew since
            with suppress(NotReachableError):
                await self._log.commit(conversation, command)
                return 1
        return 0


def _told(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)

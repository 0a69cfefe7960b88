"""`/channels/bind`: the shop's signed word for who a shopper of an outside channel is."""

import msgspec
import structlog
from aiohttp import web

from bot.channels.outside import Outside
from bot.errors import IdentityError, LogUnavailableError, LostRaceError
from bot.log.log import Log

logger = structlog.get_logger(__name__)

PATH = "/channels/bind"
_LARGEST = 8 * 1024


class _Call(msgspec.Struct):
    grant: str


class BindingDoor:
    """The shop's server posts the grant; what it grants is told in the chat. A grant counts once."""

    def __init__(self, outside: Outside, log: Log) -> None:
        self._outside = outside
        self._log = log

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.post(PATH, self._grant)]

    async def _grant(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            call = msgspec.json.decode(body[:_LARGEST], type=_Call)
            await self._outside.bind(call.grant)
        except msgspec.MsgspecError:
            return _told(400, "bad_call", "grant is missing")
        except IdentityError as error:
            logger.warning("grant_refused", why=str(error))
            return _told(403, error.code, error.zh)
        except (LogUnavailableError, LostRaceError) as error:
            return _told(503, error.code, error.zh)
        return web.json_response({"bound": True})


def _told(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)

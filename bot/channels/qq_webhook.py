"""`POST /channels/qq`: what the QQ platform tells us, checked, accepted, acknowledged."""

import time
from collections.abc import Callable
from typing import Any

import structlog
from aiohttp import web

from bot.channels.greeting import GREETING
from bot.channels.outside import Incoming, Outside
from bot.channels.pictures import Pictures, said
from bot.channels.qq import group_address, private_address
from bot.channels.qq_events import OP_ACK, QQMessage, parse_callback
from bot.channels.qq_signature import Validation, answer_to, check_event, key_of
from bot.conversation.bodies import Reach, Text
from bot.errors import BadFrameError, CallbackRefusedError, LogUnavailableError, LostRaceError, RefusedError
from bot.settings import Settings

logger = structlog.get_logger(__name__)

PATH = "/channels/qq"
_ACK = {"op": OP_ACK, "d": 0}


class QQWebhook:
    """Answers the platform only after what it told us is in the log; a message told again counts once."""

    def __init__(
        self, settings: Settings, outside: Outside, pictures: Pictures, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._key = key_of(settings.qq_secret)
        self._outside = outside
        self._pictures = pictures
        self._clock = clock

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.post(PATH, self._called)]

    async def _called(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            return web.json_response(await self._take(request, body))
        except CallbackRefusedError as error:
            logger.warning("qq_callback_refused", why=str(error))
            return web.json_response({"error": str(error)}, status=401)
        except BadFrameError as error:
            logger.warning("qq_callback_malformed", why=str(error)[:200])
            return web.json_response({"error": "malformed"}, status=400)
        except (LogUnavailableError, LostRaceError) as error:
            logger.warning("qq_callback_not_taken", why=error.code)
            return web.json_response({"error": error.code}, status=503)
        except RefusedError as error:
            if getattr(error, "retry", False):  # told again later, it may be accepted
                return web.json_response({"error": error.code}, status=503)
            logger.info("qq_message_refused", why=error.code)
            return web.json_response(_ACK)

    async def _take(self, request: web.Request, body: bytes) -> dict[str, Any]:
        if request.headers.get("X-Bot-Appid", "") != self._settings.qq_app_id:
            raise CallbackRefusedError("X-Bot-Appid is missing, or of another app")
        callback = parse_callback(body)
        now = self._clock()
        if isinstance(callback, Validation):
            return answer_to(callback, self._key, now)
        check_event(
            self._key,
            timestamp=request.headers.get("X-Signature-Timestamp", ""),
            signature=request.headers.get("X-Signature-Ed25519", ""),
            body=body,
            now=now,
        )
        if isinstance(callback, QQMessage):
            for incoming in await self._incoming(callback):
                await self._outside.accept(incoming)
        return _ACK

    async def _incoming(self, message: QQMessage) -> list[Incoming]:
        """The message as the house takes it: a picture each, the words beside the first."""
        settings = self._settings
        if message.group:
            address = group_address(settings.qq_app_id, message.group, message.who)
            minutes = settings.qq_group_minutes
        else:
            address = private_address(settings.qq_app_id, message.who)
            minutes = settings.qq_private_minutes
        reach = Reach(settings.qq_replies, int(minutes * 60), "message", message.id)
        bodies = await said(message.text, tuple(one.url for one in message.pictures), self._pictures)
        if not bodies:  # called by name, and nothing else
            return [Incoming(address, message.id, None, reach, greeting=(Text(GREETING),))]
        first, *others = bodies
        later = [Incoming(address, f"{message.id}#{n}", body, None) for n, body in enumerate(others, 1)]
        return [Incoming(address, message.id, first, reach), *later]

"""`/channels/wecom`: 微信客服 says that there is something to fetch; who fetches it is elsewhere."""

import time
from collections.abc import Callable

import structlog
from aiohttp import web

from bot.channels.wechat_crypto import Envelope, check_time
from bot.channels.wechat_xml import parse_flat
from bot.errors import BadFrameError, CallbackRefusedError, LogUnavailableError
from bot.log.pulls import Pulls

logger = structlog.get_logger(__name__)

PATH = "/channels/wecom"
_TOKEN_S = 600
_LONGEST = 128


class WeComDoor:
    """Answers at once: the platform gives us 5 s, and what it told us is noted in Redis by then."""

    def __init__(self, envelope: Envelope, pulls: Pulls, clock: Callable[[], float] = time.time) -> None:
        self._envelope = envelope
        self._pulls = pulls
        self._clock = clock

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.get(PATH, self._verify, allow_head=False), web.post(PATH, self._call)]

    async def _verify(self, request: web.Request) -> web.Response:
        """The platform asks whether this address is ours; its question is encrypted."""
        try:
            plain = self._opened(request, request.query.get("echostr", ""))
        except CallbackRefusedError as error:
            return _refused(error)
        return web.Response(body=plain, content_type="text/plain")

    async def _call(self, request: web.Request) -> web.Response:
        try:
            sealed = parse_flat(await request.read()).get("Encrypt", "")
            fields = parse_flat(self._opened(request, sealed))
        except CallbackRefusedError as error:
            return _refused(error)
        except BadFrameError as error:
            logger.warning("callback_malformed", channel="wecom", why=str(error)[:200])
            return web.Response(status=400, text="malformed")
        kfid, token = fields.get("OpenKfId", ""), fields.get("Token", "")
        if fields.get("Event") == "kf_msg_or_event" and 0 < len(kfid) <= _LONGEST and len(token) <= _LONGEST:
            try:
                await self._pulls.wake(kfid, token, _TOKEN_S)
            except LogUnavailableError:
                logger.warning("push_not_taken", channel="wecom", why=LogUnavailableError.code)
                return web.Response(status=503)
        return web.Response(text="success", content_type="text/plain")

    def _opened(self, request: web.Request, sealed: str) -> bytes:
        query = request.query
        timestamp = query.get("timestamp", "")
        check_time(timestamp, self._clock())
        return self._envelope.open(sealed, query.get("msg_signature", ""), timestamp, query.get("nonce", ""))


def _refused(error: CallbackRefusedError) -> web.Response:
    logger.warning("callback_refused", channel="wecom", why=str(error))
    return web.Response(status=403, text="refused")

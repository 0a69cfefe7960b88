"""The OneBot bridges that are connected to this process: their sockets, and what they answer to actions."""

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any

import msgspec
import structlog
from aiohttp import web

from bot.channels.onebot_frames import Answer, Sign, action
from bot.errors import NoAnswerError, NobodyThereError

logger = structlog.get_logger(__name__)

WITHIN_S = 15.0
_SEND_S = 5.0


class Bridge(msgspec.Struct, frozen=True):
    """How one account's bridge is, for those who look after it; `heard` is seconds since 1970."""

    account: str
    online: bool
    heard: float


class Bridges:
    """Sockets by account. An account may have several, of one bridge or of several."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._sockets: dict[str, list[web.WebSocketResponse]] = {}
        self._signs: dict[str, Bridge] = {}
        self._asked: dict[str, tuple[str, asyncio.Future[Answer]]] = {}
        self._numbers = itertools.count(1)
        self._own = f"xiaoer-{id(self):x}-{time.time_ns():x}"

    def accounts(self) -> list[str]:
        """Accounts whose bridge takes actions here."""
        return sorted(self._sockets)

    def states(self) -> list[Bridge]:
        return [self._signs[account] for account in sorted(self._signs)]

    def enter(self, account: str, socket: web.WebSocketResponse) -> None:
        self._sockets.setdefault(account, []).append(socket)
        self._signs[account] = Bridge(account, online=True, heard=self._clock())

    def leave(self, account: str, socket: web.WebSocketResponse) -> None:
        """Forgets the socket. What was asked on it and not answered is unknown from now on."""
        left = [other for other in self._sockets.get(account, []) if other is not socket]
        if left:
            self._sockets[account] = left
            return
        self._sockets.pop(account, None)
        self._signs.pop(account, None)
        for of, waiting in list(self._asked.values()):
            if of == account and not waiting.done():
                waiting.set_exception(NoAnswerError("the bridge went away"))

    def heard(self, sign: Sign) -> None:
        """Notes a heartbeat; an account that QQ signed out is told in the log."""
        before = self._signs.get(sign.account)
        self._signs[sign.account] = Bridge(sign.account, sign.online, self._clock())
        if before is not None and before.online != sign.online:
            logger.warning("onebot_account", account=sign.account[-4:], online=sign.online)

    def answered(self, answer: Answer) -> None:
        """Hands an answer to whoever asked; one that nobody waits for any more is dropped."""
        if not isinstance(answer.echo, str):
            return
        _, waiting = self._asked.get(answer.echo, ("", None))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def call(
        self, account: str, name: str, params: dict[str, Any], within_s: float = WITHIN_S
    ) -> Answer:
        """What the account's bridge answers to the action.

        Raises NobodyThereError when nothing was sent, NoAnswerError when it was and nothing came back.
        """
        sockets = [socket for socket in self._sockets.get(account, []) if not socket.closed]
        if not sockets:
            raise NobodyThereError(account)
        echo = f"{self._own}-{next(self._numbers)}"
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked[echo] = (account, waiting)
        try:
            async with asyncio.timeout(within_s):
                async with asyncio.timeout(_SEND_S):
                    await sockets[-1].send_str(action(name, params, echo).decode())
                return await waiting
        except (TimeoutError, ConnectionError) as error:
            raise NoAnswerError(name) from error
        finally:
            del self._asked[echo]
            if waiting.done() and not waiting.cancelled():
                waiting.exception()  # nobody else will look at it

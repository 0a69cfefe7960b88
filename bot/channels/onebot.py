"""QQ over a OneBot v11 bridge: what goes out, over the bridge's socket or its HTTP API."""

from typing import Any, Literal
from urllib.parse import urljoin

import aiohttp
import msgspec

from bot.channels.discreet import discreet
from bot.channels.onebot_cq import Segment, write_array
from bot.channels.onebot_frames import Answer, parse_frame
from bot.conversation.bodies import Image
from bot.courier.contract import Address, Failed, Label, Outcome, Piece, Sent, Told, Unknown
from bot.courier.plain import join
from bot.errors import BadFrameError, NoAnswerError, NobodyThereError
from bot.log.relay import Relay

LONGEST = 1500
PRIVATE, GROUP = "onebot", "onebot_group"
_HTTP_S = 5.0
_RELAYED_S = 6.0

REASONS = {
    100: "参数不对",
    102: "桥接程序不支持这个动作",
    103: "QQ 账号没有权限或被风控",
    1200: "QQ 拒绝了这条消息（常见原因：不是好友、被禁言、账号被风控）",
    1400: "参数不对",
    1401: "桥接程序的 HTTP 令牌不对",
    1403: "桥接程序的 HTTP 令牌不对",
    1404: "桥接程序不支持这个动作",
}


class Asked(msgspec.Struct, frozen=True):
    """An action on its way to the process that holds the bridge's socket."""

    name: str
    params: dict[str, Any]


class OneBot:
    """Sends through the merchant's own bridge. It knows no ids of ours, so that nothing unknown is repeated."""

    repeatable = False
    metered = False

    def __init__(
        self,
        name: Literal["onebot", "onebot_group"],
        relay: Relay,
        session: aiohttp.ClientSession,
        settings: "HttpBridges",
        base_url: str,
    ) -> None:
        self.name: str = name
        self._relay = relay
        self._session = session
        self._http = settings
        self._base_url = base_url

    def render(self, told: tuple[Told, ...]) -> list[Piece]:
        """Texts joined, pictures beside them."""
        shown = discreet(told) if self.name == GROUP else told
        messages: list[list[Segment]] = []
        texts: list[Told] = []
        for one in shown:
            texts.append(one)
            if isinstance(one.body, Image):
                messages += _texts(texts)
                picture = Segment("image", {"file": urljoin(self._base_url, one.body.url)})
                if messages and messages[-1][-1].type == "text":
                    messages[-1].append(picture)
                else:
                    messages.append([picture])
                texts = []
        messages += _texts(texts)
        return [Piece({"message": write_array(message)}, cost=0) for message in messages]

    async def send(self, address: Address, piece: Piece, label: Label) -> Outcome:
        """Has the bridge say it; in a group to the member who asked."""
        del label
        message = piece.content["message"]
        params: dict[str, Any] = {"message": message}
        if self.name == GROUP:
            called = write_array(
                [Segment("at", {"qq": address.more["user"]}), Segment("text", {"text": " "})]
            )
            params = {"group_id": int(address.more["group"]), "message": [*called, *message]}
            asked = Asked("send_group_msg", params)
        else:
            asked = Asked("send_private_msg", {"user_id": int(address.to), **params})
        try:
            answer = await self.ask(address.account, asked)
        except NobodyThereError:
            return Failed("QQ 桥接程序没有连接（NapCat 是否在运行、是否登录）", retryable=True)
        except (NoAnswerError, BadFrameError):
            return Unknown("QQ 桥接程序没有答复，不知道是否送达")
        if answer.status in {"ok", "async"} and answer.code in {0, 1}:
            return Sent(answer.message_id)
        known = REASONS.get(answer.code, "QQ 桥接程序拒绝了")
        return Failed(f"{known}：{answer.wording}（retcode {answer.code}）")

    async def ask(self, account: str, asked: Asked) -> Answer:
        """The answer of the account's bridge. Raises NobodyThereError, NoAnswerError, BadFrameError."""
        address = self._http.addresses.get(account)
        if address is None:
            name = relay_name(account)
            return decode_answer(await self._relay.ask(name, msgspec.json.encode(asked), _RELAYED_S))
        # A connection kept from before may be dead: then nobody could say whether the action was read.
        headers = {"Authorization": f"Bearer {self._http.token}", "Connection": "close"}
        timeout = aiohttp.ClientTimeout(total=_HTTP_S, connect=2)
        try:
            async with self._session.post(
                f"{address}/{asked.name}", json=asked.params, headers=headers, timeout=timeout
            ) as answer:
                data = await answer.read()
        except aiohttp.ClientConnectorError as error:
            raise NobodyThereError(account) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NoAnswerError(account) from error
        if answer.status in {401, 403, 404}:
            return Answer(None, "failed", 1000 + answer.status, "", f"HTTP {answer.status}")
        frame = parse_frame(data)
        if not isinstance(frame, Answer):
            raise BadFrameError("the bridge answered an action with an event")
        return frame


class HttpBridges(msgspec.Struct, frozen=True):
    """Bridges that take actions over HTTP, by account, and the token that opens them."""

    token: str
    addresses: dict[str, str]


def relay_name(account: str) -> str:
    return f"onebot:{account}"


def encode_answer(answer: Answer) -> bytes:
    return msgspec.json.encode(answer)


def decode_answer(data: bytes) -> Answer:
    """Raises NoAnswerError, NobodyThereError when that is what the socket's process found."""
    if data == NOBODY:
        raise NobodyThereError
    if data == SILENT:
        raise NoAnswerError
    return msgspec.json.decode(data, type=Answer)


NOBODY, SILENT = b"nobody", b"silent"


def private_address(account: str, who: str) -> Address:
    return Address(PRIVATE, account, who)


def group_address(account: str, group: str, who: str) -> Address:
    """One member in one group: a conversation of its own."""
    return Address(GROUP, account, f"{group}:{who}", {"group": group, "user": who})


def _texts(texts: list[Told]) -> list[list[Segment]]:
    return [[Segment("text", {"text": text})] for text in join(texts, LONGEST, len)]

"""QQ, the official way: what goes out to a shopper in private, and what goes out into a group."""

from typing import Literal
from urllib.parse import urljoin

import msgspec

from bot.channels.discreet import discreet
from bot.channels.picture_forms import QQ_TAKES, Shelf, kept_fitting
from bot.channels.qq_api import QQApi
from bot.conversation.bodies import Image
from bot.courier.contract import Address, Failed, Label, Outcome, Piece, Sent, Told
from bot.courier.plain import join

LONGEST = 1800
PRIVATE, GROUP = "qq", "qq_group"
_TEXT, _MEDIA = 0, 7


class Content(msgspec.Struct, frozen=True):
    """One message: text, or a picture with its text beside it."""

    text: str = ""
    picture: str = ""


class QQ:
    """Sends answers to shoppers' messages; the platform lets nothing else through.

    Markdown and keyboards need permissions that few bots have, so that offers are numbered lines. In a group
    everybody reads along: there it is discreet.
    """

    repeatable = True  # the platform refuses a msg_seq that it has seen, and that counts as sent
    metered = True

    def __init__(self, name: Literal["qq", "qq_group"], api: QQApi, base_url: str, shelf: Shelf) -> None:
        self.name: str = name
        self._api = api
        self._shelf = shelf
        self._base_url = base_url

    def render(self, told: tuple[Told, ...]) -> list[Piece]:
        """As few messages as there can be: of each message that we answer only five go out."""
        shown = discreet(told) if self.name == GROUP else told
        contents: list[Content] = []
        texts: list[Told] = []
        for one in shown:
            texts.append(one)
            if isinstance(one.body, Image):
                contents += _with_picture([Content(text) for text in join(texts, LONGEST, len)], one.body.url)
                texts = []
        contents += [Content(text) for text in join(texts, LONGEST, len)]
        return [Piece(msgspec.to_builtins(content)) for content in contents]

    async def send(self, address: Address, piece: Piece, label: Label) -> Outcome:
        """Answers the message that the label's context names."""
        if not label.context:
            return Failed("QQ 只能回复顾客的消息：请等顾客再说一句话（only answers are allowed）")
        content = msgspec.convert(piece.content, Content)
        where, who = _target(address)
        message: dict[str, object] = {
            "msg_type": _TEXT,
            "content": content.text,
            "msg_id": label.context,
            "msg_seq": (label.seq * 8 + label.part) & 0x7FFFFFFF,
        }
        if content.picture:
            picture = await kept_fitting(self._shelf, content.picture, QQ_TAKES)
            if isinstance(picture, Failed):
                return picture
            # Fetched anew at each try: what the platform keeps of it is gone after a while.
            uploaded = await self._api.upload(where, who, urljoin(self._base_url, picture))
            if not isinstance(uploaded, Sent):
                return (
                    Failed("QQ 没有取到图片", retryable=True)
                    if not isinstance(uploaded, Failed)
                    else uploaded
                )
            message |= {"msg_type": _MEDIA, "media": {"file_info": uploaded.id}}
        return await self._api.say(where, who, message)


def private_address(app: str, who: str) -> Address:
    return Address(PRIVATE, app, who)


def group_address(app: str, group: str, who: str) -> Address:
    """One member in one group: a conversation of its own."""
    return Address(GROUP, app, f"{group}:{who}", {"group": group})


def _target(address: Address) -> tuple[str, str]:
    if address.channel == GROUP:
        return "groups", address.more["group"]
    return "users", address.to


def _with_picture(contents: list[Content], picture: str) -> list[Content]:
    """The picture shares a message with the last text before it."""
    if not contents:
        return [Content(picture=picture)]
    return [*contents[:-1], Content(contents[-1].text, picture)]

"""The wiring of the outside channels: which are set up, their doors in the gateway, their ways out."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from bot.archive.database import Database
from bot.archive.media import Media
from bot.archive.store import Store
from bot.channels.binding import Bindings
from bot.channels.binding_door import BindingDoor
from bot.channels.media_door import MediaDoor
from bot.channels.notice_door import NoticeDoor
from bot.channels.onebot import HttpBridges, OneBot
from bot.channels.onebot_door import OneBotDoor
from bot.channels.outside import Outside
from bot.channels.pictures import Pictures
from bot.channels.qq import QQ
from bot.channels.qq_api import QQApi
from bot.channels.qq_webhook import QQWebhook
from bot.channels.shop_codes import ShopCodes
from bot.channels.wechat import MINIPROGRAM, WECHAT, WeChat
from bot.channels.wechat_api import Credentials, WeixinApi
from bot.channels.wechat_crypto import Envelope
from bot.channels.wechat_door import Account, WeChatDoor
from bot.channels.wecom import WECOM, WeCom
from bot.channels.wecom_door import WeComDoor
from bot.channels.wecom_reader import WeComReader
from bot.courier.contract import Channel
from bot.courier.courier import Courier
from bot.courier.passive import Passive
from bot.log.live import Live
from bot.log.log import Log
from bot.log.outbox import Outbox
from bot.log.pulls import Pulls
from bot.log.relay import Relay
from bot.log.tokens import Tokens
from bot.settings import Settings

Position = Callable[[str], Awaitable[int | None]]


def has_wechat(settings: Settings) -> bool:
    return bool(settings.wechat_app_id and settings.wechat_secret and settings.wechat_token)


def has_miniprogram(settings: Settings) -> bool:
    return bool(settings.miniprogram_app_id and settings.miniprogram_secret and settings.miniprogram_token)


def has_wecom(settings: Settings) -> bool:
    return bool(
        settings.wecom_corp_id and settings.wecom_secret and settings.wecom_token and settings.wecom_aes_key
    )


def has_qq(settings: Settings) -> bool:
    return bool(settings.qq_app_id and settings.qq_secret)


@dataclass(frozen=True)
class Apis:
    """The platforms' APIs that are set up."""

    wechat: WeixinApi | None
    miniprogram: WeixinApi | None
    wecom: WeixinApi | None
    qq: QQApi | None


def apis_of(settings: Settings, session: aiohttp.ClientSession, tokens: Tokens) -> Apis:
    def weixin(name: str, base: str, who: Credentials) -> WeixinApi:
        return WeixinApi(f"{name}:{who.id}", base, session, tokens, who)

    one = settings
    return Apis(
        weixin(WECHAT, one.wechat_api, Credentials(one.wechat_app_id, one.wechat_secret))
        if has_wechat(one)
        else None,
        weixin(MINIPROGRAM, one.wechat_api, Credentials(one.miniprogram_app_id, one.miniprogram_secret))
        if has_miniprogram(one)
        else None,
        weixin(WECOM, one.wecom_api, Credentials(one.wecom_corp_id, one.wecom_secret, corp=True))
        if has_wecom(one)
        else None,
        QQApi(one, session, tokens) if has_qq(one) else None,
    )


@dataclass(frozen=True)
class Parts:
    """What the outside channels are made of in one process."""

    settings: Settings
    log: Log
    outbox: Outbox
    media: Media
    apis: Apis
    relay: Relay
    session: aiohttp.ClientSession
    database: Database

    def channels(self) -> list[Channel]:
        """The ways out that are set up."""
        found: list[Channel] = []
        apis, base = self.apis, self.settings.base_url()
        if apis.wechat:
            found.append(WeChat(WECHAT, apis.wechat, self.media))
        if apis.miniprogram:
            found.append(WeChat(MINIPROGRAM, apis.miniprogram, self.media))
        if apis.wecom:
            found.append(WeCom(apis.wecom, self.media))
        if apis.qq:
            found += [
                QQ("qq", apis.qq, base, self.media),
                QQ("qq_group", apis.qq, base, self.media),
            ]
        if self.settings.onebot_token:
            http = HttpBridges(self.settings.onebot_token, self.settings.onebot_http_bridges())
            found += [
                OneBot("onebot", self.relay, self.session, http, base),
                OneBot("onebot_group", self.relay, self.session, http, base),
            ]
        return found

    def outside(self, position: Position) -> Outside:
        settings = self.settings
        site, signed = next(iter(settings.sites().items()))
        codes = (
            ShopCodes(settings.binding_api, settings.shop_api_key, self.session)
            if settings.binding_api
            else None
        )
        bindings = Bindings(self.outbox, site, signed.secret, settings.binding_page, codes)
        return Outside(self.log, self.outbox, bindings, position, site, settings.signing_secret())

    async def chats(self, customer: str) -> list[str]:
        """A customer's conversations, the newest first."""
        return [found.conversation for found in await Store(self.database).history(customer)]

    def courier(self, position: Position) -> Courier:
        return Courier(self.log, self.outbox, self.channels(), position)

    def reader(self, position: Position, pulls: Pulls) -> WeComReader | None:
        """Who fetches the messages of 微信客服, when it is set up."""
        if self.apis.wecom is None:
            return None
        way_out = WeCom(self.apis.wecom, self.media)
        return WeComReader(self.apis.wecom, way_out, pulls, self.outside(position), self.log, self.media.keep)


@dataclass(frozen=True)
class Doors:
    """The gateway's side: routes, and a bridge door that has sockets to close."""

    routes: list[web.AbstractRouteDef]
    onebot: OneBotDoor | None


def parts_of(settings: Settings, log: Log, database: Database, session: aiohttp.ClientSession) -> Parts:
    redis = log.redis
    tokens = Tokens(redis)
    return Parts(
        settings,
        log,
        Outbox(redis, log.partitions),
        Media(database, settings.signing_secret()),
        apis_of(settings, session, tokens),
        Relay(redis),
        session,
        database,
    )


def doors_of(parts: Parts, live: Live, position: Position) -> Doors:
    """Every door that is set up, and those that are always there: bindings and pictures."""
    settings = parts.settings
    outside, pictures = parts.outside(position), Pictures(parts.media.keep)
    routes = [*BindingDoor(outside, parts.log).routes(), *MediaDoor(parts.media.load).routes()]
    site, signed = next(iter(settings.sites().items()))
    routes += NoticeDoor(parts.log, parts.chats, site, signed.secret).routes()
    onebot = None
    for account in accounts_of(settings):
        ways = {channel.name: channel for channel in parts.channels()}
        passive = Passive(parts.log, live, parts.outbox, ways[account.name], position)
        routes += WeChatDoor(account, outside, pictures, passive).routes()
    if parts.apis.wecom:
        envelope = Envelope(settings.wecom_token, settings.wecom_aes_key, settings.wecom_corp_id)
        routes += WeComDoor(envelope, Pulls(parts.log.redis, WECOM)).routes()
    if parts.apis.qq:
        routes += QQWebhook(settings, outside, pictures).routes()
    if settings.onebot_token:
        onebot = OneBotDoor(settings, outside, pictures, parts.relay)
        routes += onebot.routes()
    return Doors(routes, onebot)


def accounts_of(settings: Settings) -> list[Account]:
    """The 公众号 and the mini-program, as far as they are set up."""
    found = []
    if has_wechat(settings):
        found.append(
            Account(
                WECHAT,
                settings.wechat_app_id,
                settings.wechat_token,
                settings.wechat_aes_key,
                settings.wechat_answer_s,
            )
        )
    if has_miniprogram(settings):
        found.append(
            Account(
                MINIPROGRAM,
                settings.miniprogram_app_id,
                settings.miniprogram_token,
                settings.miniprogram_aes_key,
            )
        )
    return found

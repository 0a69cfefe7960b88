"""Settings: the only reader of the environment. `docs/operations.md` has one line for each."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import urlsplit

import msgspec

from bot.errors import SetupError


class Site(msgspec.Struct, frozen=True):
    """One shop's page that carries the widget; `secret` signs its shoppers' identities (HS256)."""

    secret: str
    origins: tuple[str, ...]
    title: str = "在线客服"
    title_en: str = "Customer service"


HookEvent = Literal[
    "conversation.handed_off",
    "conversation.closed",
    "conversation.rated",
    "ticket.opened",
    "ticket.moved",
    "ticket.closed",
    "message.said",
    "message.recalled",
]
HOOK_EVENTS: tuple[HookEvent, ...] = get_args(HookEvent)


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a CRM is told (docs/api/webhooks.md); `clear` leaves phones and numbers in what it reads."""

    url: str
    secret: str
    events: tuple[str, ...] = HOOK_EVENTS[:6]
    clear: bool = False


class Settings(msgspec.Struct, frozen=True):
    """Everything that can be set, with its default; each field NAME is read from XIAOER_NAME."""

    data: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8000
    listen_fd: int = -1  # a listening socket that was passed down, instead of host and port
    public_url: str = ""  # where browsers reach the gateway; by default http://host:port
    redis_url: str = "redis://127.0.0.1:6379/0"
    database_url: str = ""  # by default an SQLite file in `data`
    partitions: int = 8  # fixed for the life of a log
    secret: str = ""  # signs shoppers' conversation tokens; at least 32 characters
    sites_file: str = ""  # JSON: {"site": {"secret", "origins": [...], "title"}}
    site_secret: str = ""  # the one site "demo", when there is no sites_file
    site_origins: str = ""  # its origins, separated by commas
    models: Path = Path("models")
    model_key: str = ""  # file with the key that seals models; by default .model.key beside their folder
    desk_rules: Path = Path("desk.yml")  # hours, skills, promises, deadlines (docs/desk.md)
    actions_url: str = ""  # by default what endpoints.yml says
    shop_health_url: str = ""  # the demo shop's, shown on the status page
    answer_within_s: float = 8.0  # then a human takes over from a silent bot
    agent_gone_s: float = 60.0  # then an absent agent's conversations go back to the line
    proxies: int = 0  # of ours before the gateway, that name the shopper's address in X-Forwarded-For
    most_sockets: int = 20_000  # shoppers' connections at one gateway
    hooks_inside: bool = False  # whether webhooks of the console may lead into the inner network
    hooks_file: str = ""  # JSON: {"crm": {"url", "secret", "events": [...]}}: what CRMs are told
    log_days: float = 30.0  # then a conversation at rest leaves Redis; the archive has it
    sign_ins: int = 10  # tries to sign in to the console, from one address in a minute
    log_level: str = "info"
    secrets_file: str = ""  # lines NAME=value for any of these; the environment wins
    shop_api_key: str = ""  # of the shop's API, where it sends binding codes
    binding_page: str = ""  # the shop's page on which a shopper confirms that a chat is his
    binding_api: str = ""  # the shop's API for binding by phone and code
    wechat_app_id: str = ""  # of the 公众号; with its secret and token, it is on
    wechat_secret: str = ""
    wechat_token: str = ""
    wechat_aes_key: str = ""  # then its messages must be encrypted
    wechat_api: str = "https://api.weixin.qq.com"
    wechat_answer_s: float = 4.2  # how long a push may wait for the bot; 0: never
    miniprogram_app_id: str = ""
    miniprogram_secret: str = ""
    miniprogram_token: str = ""
    miniprogram_aes_key: str = ""
    wecom_corp_id: str = ""  # with secret, token and AES key, 微信客服 is on
    wecom_secret: str = ""
    wecom_token: str = ""
    wecom_aes_key: str = ""
    wecom_api: str = "https://qyapi.weixin.qq.com"
    qq_app_id: str = ""  # of the bot at q.qq.com; with its secret, QQ is on
    qq_secret: str = ""
    qq_api: str = "https://api.bot.qq.com"
    qq_private_minutes: float = 60.0  # how long a message may be answered
    qq_group_minutes: float = 5.0
    qq_replies: int = 5  # how often
    onebot_token: str = ""  # at least 16 characters; with it, OneBot bridges may connect
    onebot_accounts: str = (
        ""  # QQ numbers that may connect, separated by commas; by default any that has the token
    )
    onebot_http: str = ""  # "10001=http://…": bridges that take actions over HTTP, separated by commas

    def archive_url(self) -> str:
        """The SQL database, as SQLAlchemy's async engines name it."""
        url = self.database_url or f"sqlite+aiosqlite:///{self.data / 'archive.db'}"
        return url.replace("postgres://", "postgresql://", 1).replace(
            "postgresql://", "postgresql+asyncpg://", 1
        )

    def seal_key(self) -> Path:
        """The file with the key that seals models. Not in their folder: who writes there must not have it."""
        return Path(self.model_key) if self.model_key else self.models.resolve().parent / ".model.key"

    def base_url(self) -> str:
        return self.public_url or f"http://{self.host}:{self.port}"

    def sites(self) -> dict[str, Site]:
        """The sites by name. Raises SetupError when none is set up or one is not safe."""
        if self.sites_file:
            try:
                sites = msgspec.json.decode(Path(self.sites_file).read_bytes(), type=dict[str, Site])
            except (OSError, msgspec.MsgspecError) as error:
                raise SetupError(f"XIAOER_SITES_FILE={self.sites_file} can't be read: {error}") from error
        else:
            origins = tuple(origin.strip() for origin in self.site_origins.split(",") if origin.strip())
            sites = {"demo": Site(self.site_secret, origins, "店小二 · 在线客服")}
        for name, site in sites.items():
            if len(site.secret) < SHORTEST_SECRET:
                raise SetupError(
                    f"the secret of site {name!r} needs {SHORTEST_SECRET} characters or more:"
                    " set XIAOER_SITE_SECRET, or XIAOER_SITES_FILE; `xiaoer up` makes them for the demo"
                )
        return sites

    def hooks(self) -> dict[str, Hook]:
        """The CRMs that are told, by name. Raises SetupError when one is not safe."""
        if not self.hooks_file:
            return {}
        try:
            hooks = msgspec.json.decode(Path(self.hooks_file).read_bytes(), type=dict[str, Hook])
        except (OSError, msgspec.MsgspecError) as error:
            raise SetupError(f"XIAOER_HOOKS_FILE={self.hooks_file} can't be read: {error}") from error
        for name, hook in hooks.items():
            if not is_hook_address(hook.url):
                raise SetupError(f"the url of webhook {name!r} must be like https://crm.example/xiaoer")
            if len(hook.secret) < SHORTEST_SECRET:
                raise SetupError(f"the secret of webhook {name!r} needs {SHORTEST_SECRET} characters or more")
            if wrong := sorted(set(hook.events) - set(HOOK_EVENTS)):
                raise SetupError(
                    f"webhook {name!r} wants {', '.join(wrong)}: there is {', '.join(HOOK_EVENTS)}"
                )
        return hooks

    def signing_secret(self) -> str:
        if len(self.secret) < SHORTEST_SECRET:
            raise SetupError(
                f"XIAOER_SECRET needs {SHORTEST_SECRET} characters or more; `xiaoer up` makes one for the demo"
            )
        return self.secret

    def onebot_http_bridges(self) -> dict[str, str]:
        """Addresses of bridges' HTTP APIs by account. Raises SetupError for what is none."""
        found: dict[str, str] = {}
        for pair in filter(None, (pair.strip() for pair in self.onebot_http.split(","))):
            account, _, address = pair.partition("=")
            if not account.strip().isdigit() or not address.startswith(("http://", "https://")):
                raise SetupError(f"XIAOER_ONEBOT_HTTP is like 10001=http://127.0.0.1:3000, and not {pair!r}")
            found[account.strip()] = address.rstrip("/")
        return found


def is_hook_address(url: str) -> bool:
    """Whether a CRM can be told there: like https://crm.example/xiaoer."""
    try:
        address = urlsplit(url)
        return (
            address.scheme in ("http", "https")
            and bool(address.hostname)
            and "@" not in address.netloc
            and (address.port is None or address.port > 0)
        )
    except ValueError:
        return False


SHORTEST_SECRET = 32
SHORTEST_TOKEN = 16


def _with_secrets(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment, and below it the lines `NAME=value` of the file that XIAOER_SECRETS_FILE names."""
    path = environ.get("XIAOER_SECRETS_FILE", "")
    if not path:
        return environ
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"XIAOER_SECRETS_FILE={path} can't be read: {error}") from error
    secrets: dict[str, str] = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        name, equals, value = line.partition("=")
        if not line or line.startswith("#"):
            continue
        if not equals or not name.strip().isidentifier():
            raise SetupError(f"XIAOER_SECRETS_FILE={path}: line {number} is not NAME=value")
        secrets[name.strip()] = value.strip().strip("\"'")
    return secrets | dict(environ)


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from XIAOER_* variables, and from REDIS_URL and DATABASE_URL when those are set."""
    environ = _with_secrets(environ)
    given: dict[str, object] = {}
    for field in Settings.__struct_fields__:
        value = environ.get(f"XIAOER_{field.upper()}")
        if value:
            given[field] = Path(value) if field in {"data", "models", "desk_rules"} else value
    for name, field in (("REDIS_URL", "redis_url"), ("DATABASE_URL", "database_url")):
        if environ.get(name):
            given[field] = environ[name]
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SetupError(f"a XIAOER_* setting can't be read: {error}") from error

"""Which platform the settings ask for, put together from its parts (docs/platforms/README.md)."""

from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from actions.platforms.alipay import Alipay, AlipayAccount
from actions.platforms.base import Platform
from actions.platforms.capabilities import EVERYTHING, Capability
from actions.platforms.client import Client, Limits
from actions.platforms.composed import ComposedPlatform
from actions.platforms.demo import DemoPlatform
from actions.platforms.kuaidi100 import Kuaidi100, Kuaidi100Account
from actions.platforms.paying import Provider
from actions.platforms.rest import RestPlatform, RestShop
from actions.platforms.vendure import VendurePlatform
from actions.platforms.vendure_session import VendureShop
from actions.platforms.wechat_pay import WeChatPay, WeChatPayAccount
from actions.settings import BadSettingError, Settings

PLATFORMS = ("demo", "rest", "vendure")
NO_KEY = "must be an RSA key in PEM, without a password"


def chosen_platform(settings: Settings, env: Mapping[str, str]) -> Platform:
    """The shop with the parts that are set up. Raises BadSettingError, with the setting's name and what it should be."""
    limits = Limits(settings.connect_s, settings.total_s, settings.breaker_failures, settings.breaker_rest_s)
    shop = _shop(settings, env, limits)
    tracking = _tracking(env, limits)
    providers = _providers(env, limits)
    return ComposedPlatform(shop, tracking, providers) if tracking or providers else shop


def _providers(env: Mapping[str, str], limits: Limits) -> dict[str, Provider]:
    found: dict[str, Provider] = {}
    if env.get("XIAOER_WECHATPAY_MERCHANT"):
        found["微信支付"] = _wechat_pay(env, limits)
    if env.get("XIAOER_ALIPAY_APP_ID"):
        found["支付宝"] = _alipay(env, limits)
    return found


def _shop(settings: Settings, env: Mapping[str, str], limits: Limits) -> Platform:
    name = env.get("XIAOER_PLATFORM") or "demo"
    if name == "demo":
        return DemoPlatform(settings)
    if name == "rest":
        shop = RestShop(
            settings.shop_url,
            _needed(env, "XIAOER_SHOP_API_KEY_ID"),
            _secret(env, "XIAOER_SHOP_API_KEY"),
            _capabilities(env),
        )
        return RestPlatform(shop, Client("shop", limits))
    if name == "vendure":
        user, password = _needed(env, "XIAOER_VENDURE_USER"), _secret(env, "XIAOER_VENDURE_PASSWORD")
        pages = (_page(env, "XIAOER_VENDURE_ORDER_PAGE"), _page(env, "XIAOER_VENDURE_AGAIN_PAGE"))
        shop_of = VendureShop(settings.shop_url, user, password, *pages)
        return VendurePlatform(shop_of, Client("vendure", limits))
    raise BadSettingError(f"XIAOER_PLATFORM must be one of {', '.join(PLATFORMS)}")


def _capabilities(env: Mapping[str, str]) -> frozenset[Capability]:
    text = env.get("XIAOER_PLATFORM_CAPABILITIES", "")
    names = {name.strip() for name in text.split(",") if name.strip()}
    unknown = sorted(names - {capability.value for capability in Capability})
    if unknown:
        raise BadSettingError(
            f"XIAOER_PLATFORM_CAPABILITIES knows no {', '.join(unknown)}; docs/platforms/README.md lists them"
        )
    return frozenset(Capability(name) for name in names) or EVERYTHING


def _tracking(env: Mapping[str, str], limits: Limits) -> Kuaidi100 | None:
    if not env.get("XIAOER_KUAIDI100_CUSTOMER"):
        return None
    account = Kuaidi100Account(env["XIAOER_KUAIDI100_CUSTOMER"], _secret(env, "XIAOER_KUAIDI100_KEY"))
    return Kuaidi100(account, Client("kuaidi100", limits))


def _wechat_pay(env: Mapping[str, str], limits: Limits) -> WeChatPay:
    api_v3_key = _secret(env, "XIAOER_WECHATPAY_API_V3_KEY").encode()
    if len(api_v3_key) != 32:
        raise BadSettingError("XIAOER_WECHATPAY_API_V3_KEY must have 32 characters")
    theirs = _public_key(env, "XIAOER_WECHATPAY_PUBLIC_KEY_FILE")
    account = WeChatPayAccount(
        _needed(env, "XIAOER_WECHATPAY_MERCHANT"),
        _needed(env, "XIAOER_WECHATPAY_SERIAL"),
        _private_key(env, "XIAOER_WECHATPAY_KEY_FILE"),
        {_needed(env, "XIAOER_WECHATPAY_PUBLIC_KEY_ID"): theirs},
        api_v3_key,
    )
    return WeChatPay(account, Client("wechat_pay", limits))


def _alipay(env: Mapping[str, str], limits: Limits) -> Alipay:
    account = AlipayAccount(
        _needed(env, "XIAOER_ALIPAY_APP_ID"),
        _private_key(env, "XIAOER_ALIPAY_KEY_FILE"),
        _public_key(env, "XIAOER_ALIPAY_PUBLIC_KEY_FILE"),
    )
    return Alipay(account, Client("alipay", limits))


def _page(env: Mapping[str, str], name: str) -> str:
    """An address with `{code}` in it, or nothing."""
    page = env.get(name, "").strip()
    if page and not (page.startswith(("https://", "http://")) and "{code}" in page):
        raise BadSettingError(
            f"{name} must be an http(s) address with {{code}} where the order's code stands"
        )
    return page


def _needed(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise BadSettingError(f"{name} is missing")
    return value


def _secret(env: Mapping[str, str], name: str) -> str:
    """The secret itself, or what stands in the file that NAME_FILE names."""
    if env.get(name):
        return env[name]
    if not env.get(f"{name}_FILE"):
        raise BadSettingError(f"{name} is missing: set it, or {name}_FILE to a file with it")
    return _read(env, f"{name}_FILE").decode(errors="replace").strip()


def _read(env: Mapping[str, str], name: str) -> bytes:
    try:
        return Path(_needed(env, name)).read_bytes()
    except OSError as error:
        raise BadSettingError(f"{name}: the file can't be read ({error.strerror})") from error


def _private_key(env: Mapping[str, str], name: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(_read(env, name), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadSettingError(f"{name}: {NO_KEY}") from error
    if not isinstance(key, RSAPrivateKey):
        raise BadSettingError(f"{name}: {NO_KEY}")
    return key


def _public_key(env: Mapping[str, str], name: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(_read(env, name))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadSettingError(f"{name}: {NO_KEY}") from error
    if not isinstance(key, RSAPublicKey):
        raise BadSettingError(f"{name}: {NO_KEY}")
    return key

"""The settings with which `xiaoer up` runs its parts, for those parts and for who looks at them from beside."""

from pathlib import Path

from bot.setting_up.ports import Ports
from bot.setting_up.secrets import DemoSecrets, demo_secrets


def variables_of_up(data: Path, ports: Ports, secrets: DemoSecrets) -> dict[str, str]:
    """The variables that name the demo's own shop, Redis and secrets."""
    shop = f"http://127.0.0.1:{ports.shop}"
    pages = ",".join(f"http://{host}:{ports.shop}" for host in ("127.0.0.1", "localhost"))
    return {
        "XIAOER_DATA": str(data),
        "XIAOER_PORT": str(ports.gateway),
        "XIAOER_SECRET": secrets.secret,
        "XIAOER_SITE_SECRET": secrets.site_secret,
        "XIAOER_SITE_ORIGINS": pages,
        "XIAOER_SHOP_URL": shop,
        "XIAOER_SHOP_API_KEY": secrets.shop_api_key,
        "XIAOER_BINDING_PAGE": f"{shop}/bind",
        "XIAOER_BINDING_API": f"{shop}/api/v1/bindings",
        "XIAOER_SHOP_HEALTH_URL": f"{shop}/healthz",
        "REDIS_URL": f"redis://:{secrets.redis_password}@127.0.0.1:{ports.redis}/0",
    }


def variables_beside_up(data: Path, first: int) -> dict[str, str]:
    """The same for a house that was started on `data` with `--port first`; {} when none ever was."""
    if not (data / "secrets.json").is_file():
        return {}
    return variables_of_up(data, Ports(first, first + 1, first + 2, first + 3), demo_secrets(data))

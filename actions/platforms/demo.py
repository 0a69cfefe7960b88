"""The demo shop: a merchant's system like any other, which speaks the contract of rest.py in full."""

from actions.platforms.client import MAX_ANSWER, Client, Limits
from actions.platforms.rest import RestPlatform, RestShop
from actions.settings import Settings

__all__ = ["KEY_ID", "MAX_ANSWER", "DemoPlatform"]
KEY_ID = "xiaoer"


class DemoPlatform(RestPlatform):
    """The demo shop of the settings."""

    name = "demo"

    def __init__(self, settings: Settings) -> None:
        limits = Limits(
            settings.connect_s, settings.total_s, settings.breaker_failures, settings.breaker_rest_s
        )
        shop = RestShop(f"{settings.shop_url}/api/v1", KEY_ID, settings.shop_api_key)
        super().__init__(shop, Client("shop", limits))

"""Which action answers which intent that can be asked for again: by a typed 确认, or with what was missing."""

from actions.action import ShopAction
from actions.asked import Asked
from actions.awaited import awaited_means, say_unclear
from actions.catalogue import ActionPriceOrPromo, ActionProductQuestion, ActionProductStock
from actions.changes import ActionOrderCancel, ActionOrderModify, ActionOrderUrgeShip
from actions.delivery import ActionDeliveryChange
from actions.invoices import ActionInvoice
from actions.logistics import ActionLogisticsTrack
from actions.membership import ActionPriceProtection
from actions.orders import ActionOrderStatus
from actions.parcel_trouble import (
    ActionDeliveryNotReceived,
    ActionLogisticsDelay,
    ActionLogisticsLostOrDamaged,
)
from actions.payments import ActionPaymentDeducted, ActionPaymentFailed
from actions.platforms.base import Platform
from actions.progress import ActionRefundProgress, ActionReturnHow
from actions.reply import Reply
from actions.returns import (
    ActionExchangeRequest,
    ActionMissingOrWrongItem,
    ActionQualityComplaint,
    ActionReturnRequest,
)

TOPICS: dict[str, type[ShopAction]] = {
    "order_status": ActionOrderStatus,
    "order_modify": ActionOrderModify,
    "order_cancel": ActionOrderCancel,
    "order_urge_ship": ActionOrderUrgeShip,
    "payment_failed": ActionPaymentFailed,
    "payment_deducted": ActionPaymentDeducted,
    "invoice": ActionInvoice,
    "refund_progress": ActionRefundProgress,
    "return_request": ActionReturnRequest,
    "exchange_request": ActionExchangeRequest,
    "return_how": ActionReturnHow,
    "logistics_track": ActionLogisticsTrack,
    "logistics_delay": ActionLogisticsDelay,
    "logistics_lost_or_damaged": ActionLogisticsLostOrDamaged,
    "delivery_not_received": ActionDeliveryNotReceived,
    "delivery_change": ActionDeliveryChange,
    "product_question": ActionProductQuestion,
    "product_stock": ActionProductStock,
    "price_or_promo": ActionPriceOrPromo,
    "price_protection": ActionPriceProtection,
    "quality_complaint": ActionQualityComplaint,
    "missing_or_wrong_item": ActionMissingOrWrongItem,
}
ABOUT_PRODUCTS = frozenset({"product_question", "product_stock", "price_or_promo"})


async def answer_as(asked: Asked, reply: Reply, shop: Platform, means: tuple[str, dict[str, str]]) -> bool:
    """Answers as if the shopper had pressed that intent with those entities; False if nothing answers it."""
    intent, entities = means
    topic = TOPICS.get(intent)
    if topic is None:
        return False
    await topic(shop).answer(asked.pressed(intent, entities), reply)
    return True


async def answer_awaited(asked: Asked, reply: Reply, shop: Platform) -> bool:
    """Goes on where we had asked for an address, a phone number, a remark or a company; whether we had."""
    awaiting = asked.told("awaiting")
    if not awaiting or not asked.text:
        return False
    means = awaited_means(asked)
    if means is None:
        say_unclear(asked, reply)
        return True
    return await answer_as(asked, reply, shop, means)

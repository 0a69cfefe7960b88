"""What English shoppers plainly ask for; the pipeline is trained on Chinese. Pure."""

import re

# The first that fits: the narrower before the wider.
REQUESTS: tuple[tuple[str, str], ...] = (
    (r"\b(human|agent|person|representative)\b", "request_human"),
    (r"not (?:arrived|received)|never (?:got|arrived|received)|(?:did ?n.t|have ?n.t|did not|have not) (?:get|got|receive)", "delivery_not_received"),
    (r"\b(?:broken|damaged|smashed|lost)\b.*\b(?:parcel|package|box|delivery)|\b(?:parcel|package|box)\b.*\b(?:broken|damaged|lost)", "logistics_lost_or_damaged"),
    (r"\b(?:late|delayed|stuck|slow)\b", "logistics_delay"),
    (r"\b(?:pick.?up point|deliver\w*)\b.*\b(?:tomorrow|later|change|another|point)|change the delivery|redeliver", "delivery_change"),
    (r"where.{0,20}(?:parcel|package|order|delivery|stuff)|\btrack", "logistics_track"),
    (r"charged (?:twice|double)|double charge|wrongly charged|overcharged", "payment_deducted"),
    (r"pay\w*.{0,15}(?:fail|declin|not work)|(?:can.?t|cannot|could not) pay", "payment_failed"),
    (r"refund.{0,20}(?:when|where|status|progress)|(?:when|where|status).{0,20}refund|my refund", "refund_progress"),
    (r"\bcancel", "order_cancel"),
    (r"change.{0,20}(?:address|phone|size|colou?r|quantity|order)", "order_modify"),
    (r"\bexchange|another size|different size", "exchange_request"),
    (r"how.{0,15}return|return policy", "return_policy"),
    (r"\breturn|send (?:it|them) back", "return_request"),
    (r"\binvoice|\breceipt", "invoice"),
    (r"when.{0,20}(?:ship|dispatch|leave)|not (?:shipped|dispatched)", "order_urge_ship"),
    (r"price (?:drop|protect|differ)|cheaper now", "price_protection"),
    (r"\bcoupon|\bvoucher", "coupon"),
    (r"\bpoints\b|member", "membership_points"),
    (r"password|account|sign.?in|log.?in|\bcode\b", "account_security"),
    (r"warranty|repair", "warranty_or_repair"),
    (r"install", "installation"),
    (r"compensat", "open_ticket"),
    (r"faulty|defect|does ?n.t work|stopped working|quality", "quality_complaint"),
    (r"wrong item|missing", "missing_or_wrong_item"),
    (r"(?:order|buy)\b.{0,20}\bagain|\breorder", "reorder"),
    (r"in stock|available", "product_stock"),
    (r"ways? to pay|pay with|payment method", "payment_method"),
    (r"my orders?|order status", "order_status"),
    (r"^(?:hi|hello|hey|good (?:morning|afternoon|evening))\b", "greet"),
    (r"\bthank", "thanks"),
    (r"\bbye\b", "goodbye"),
)  # fmt: skip


def plainly_asked(text: str) -> str:
    """The intent of an English sentence; empty when it is not that plain, or not English."""
    low = text.lower()
    if not low.isascii():
        return ""
    return next((intent for words, intent in REQUESTS if re.search(words, low)), "")

"""The shop's states in the shopper's words, with how good the news is."""

from actions.platforms import values
from actions.said import Status
from actions.tongue import Tongue, yuan

ORDER: dict[str, str] = {
    "pending_payment": "Waiting for payment",
    "paid": "Paid, being prepared",
    "shipped": "On its way",
    "signed": "Delivered",
    "completed": "Completed",
    "cancelled": "Cancelled",
}
PROBLEMS: dict[str, tuple[str, str]] = {
    "payment_failed": ("支付失败", "payment failed"),
    "duplicate_charge": ("重复扣款", "charged twice"),
    "dispatch_overdue": ("发货超时", "dispatch overdue"),
    "stalled": ("物流停滞", "parcel not moving"),
    "delayed": ("物流延误", "parcel delayed"),
    "lost": ("包裹丢失", "parcel lost"),
    "damaged": ("包裹破损", "parcel damaged"),
    "not_received": ("显示签收但未收到", "signed for but not received"),
}
PARCEL: dict[str, tuple[str, str, str]] = {
    "collected": ("已揽收", "Collected", "info"),
    "in_transit": ("运输中", "In transit", "info"),
    "out_for_delivery": ("派送中", "Out for delivery", "info"),
    "awaiting_pickup": ("待取件", "Waiting to be picked up", "warn"),
    "signed": ("已签收", "Delivered", "good"),
    "lost": ("已丢失", "Lost", "bad"),
    "returned": ("已退回", "Returned to the shop", "warn"),
}
REFUNDS: dict[str, tuple[str, str, str]] = {
    "reviewing": ("审核中", "Under review", "info"),
    "processing": ("退款处理中", "On its way", "info"),
    "arrived": ("已到账", "Arrived", "good"),
    "failed": ("退款失败", "Failed", "bad"),
}
REFUND_UNDER_WAY = frozenset({"reviewing", "processing"})
RETURN_KINDS: dict[str, tuple[str, str]] = {
    "return": ("退货", "Return"),
    "exchange": ("换货", "Exchange"),
    "refund_only": ("仅退款", "Refund only"),
}
RETURNS: dict[str, tuple[str, str]] = {
    "reviewing": ("Under review", "info"),
    "rejected": ("Declined", "bad"),
    "awaiting_goods": ("Waiting for you to send it back", "warn"),
    "goods_on_way": ("On its way back", "info"),
    "checking": ("Being checked", "info"),
    "refunding": ("Being refunded", "info"),
    "exchanging": ("New item on its way", "info"),
    "done": ("Done", "good"),
    "withdrawn": ("Withdrawn", "info"),
}
INVOICES: dict[str, tuple[str, str, str]] = {
    "none": ("未申请", "Not asked for yet", "info"),
    "pending": ("开票中", "Being issued", "info"),
    "issued": ("已开具", "Issued", "good"),
    "failed": ("开票失败", "Failed", "bad"),
}
PAYMENTS: dict[str, tuple[str, str, str]] = {
    "pending": ("处理中", "Pending", "info"),
    "succeeded": ("支付成功", "Paid", "good"),
    "failed": ("支付失败", "Failed", "bad"),
    "refunded": ("已退款", "Refunded", "good"),
}
RETURN_REASONS: dict[values.ReturnReason, tuple[str, str]] = {
    "no_reason": ("不想要了（七天无理由）", "Changed my mind"),
    "quality": ("质量问题", "It is faulty"),
    "wrong_size": ("尺码/颜色不合适", "Wrong size or colour"),
    "wrong_goods": ("发错或少发", "Wrong or missing item"),
    "damaged": ("收到时破损", "Broken on arrival"),
    "not_received": ("没有收到货", "It never arrived"),
}


METHODS = {
    "微信支付": "WeChat Pay",
    "支付宝": "Alipay",
    "银联云闪付": "UnionPay",
    "银行卡": "bank card",
    "数字人民币": "e-CNY",
    "货到付款": "cash on delivery",
}
PAYMENT_FAILURES: dict[str, tuple[str, str]] = {
    "支付信息有误": ("the payment details were wrong", "check them and pay again"),
    "账户余额不足": ("not enough money in the account", "top up or pay in another way"),
    "网络中断，支付未完成": ("the network broke off", "nothing was charged: pay again"),
    "支付渠道故障": ("the payment channel is down", "try later or pay in another way"),
}
REFUND_REASONS = {
    "取消订单退款": "Cancelled order",
    "重复扣款退款": "Charged twice",
    "扣款未生成订单退款": "Charged without an order",
    "价格保护退差价": "Price protection",
    "退货退款": "Return",
    "仅退款": "Refund only",
    "包裹丢失全额退款": "Lost parcel",
}
NEXT = {
    "pending_payment": "please pay in time, or it is cancelled by itself",
    "paid": "it is being packed and leaves before then",
    "shipped": "it is on its way",
    "signed": "it completes by itself",
}


def method(name: str, t: Tongue) -> str:
    """A way to pay."""
    return t(name, METHODS.get(name, name))


def route(told: str) -> str:
    """Where a refund goes, in English."""
    means = next((en for zh, en in METHODS.items() if zh[:2] in told), "")
    return f"the way it came ({means})" if means else "the way it came"


def reason(told: str) -> str:
    """Why something goes back, in English."""
    found = next((en for zh, en in RETURN_REASONS.values() if zh[:2] == told[:2] or told[:4] in zh), "")
    return found or "as you told us"


def problem(name: str, t: Tongue) -> str:
    """An exception of an order or parcel."""
    return t(*PROBLEMS.get(name, (name, name)))


def parcel(shipment: values.Shipment, t: Tongue) -> tuple[str, str]:
    if shipment.exception:
        return problem(shipment.exception, t), "bad" if shipment.exception in {"lost", "damaged"} else "warn"
    zh, en, tone = PARCEL[shipment.state]
    return t(zh, en), tone


def payment(paid: values.Payment, t: Tongue) -> tuple[str, str]:
    if paid.state == "succeeded" and paid.duplicate:
        return t("重复扣款", "Charged twice"), "bad"
    if paid.state == "succeeded" and paid.without_order:
        return t("扣款无订单", "Charged without an order"), "bad"
    zh, en, tone = PAYMENTS[paid.state]
    return t(zh, en), tone


def refund(paid_back: values.Refund, t: Tongue) -> tuple[str, str]:
    zh, en, tone = REFUNDS[paid_back.state]
    return t(zh, en), tone


def sent_back(case: values.Return, t: Tongue) -> Status:
    en, tone = RETURNS.get(case.state, (case.state, "info"))
    return Status(t(case.state_text, en), tone)


def invoice(paper: values.Invoice, t: Tongue) -> tuple[str, str]:
    zh, en, tone = INVOICES[paper.state]
    return t(zh, en), tone


def freight(payer: values.Payer, t: Tongue) -> str:
    return t("由商家承担", "paid by the shop") if payer == "seller" else t("由您承担", "paid by you")


def worth(coupon: values.Coupon, t: Tongue) -> str:
    """What a coupon takes off."""
    if coupon.kind == "amount_off":
        return t(f"减 {yuan(coupon.amount_off_fen)}", f"{yuan(coupon.amount_off_fen)} off")
    if coupon.kind == "discount":
        return t(f"{(100 - coupon.discount_percent) / 10:g} 折", f"{coupon.discount_percent}% off")
    return t("赠品", "a gift")

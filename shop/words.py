"""The shop's Chinese for every state, and how a state looks."""

from typing import Literal

from shop.values import (
    AfterSale,
    CaseState,
    Failure,
    InvoiceState,
    ParcelState,
    ParcelTrouble,
    RefundState,
    ReturnKind,
    ReturnReason,
    ReturnState,
    Status,
    Trouble,
)

Tone = Literal["info", "good", "warn", "bad"]

STATUS: dict[Status, str] = {
    "pending_payment": "待支付",
    "paid": "已支付，待发货",
    "shipped": "运输中",
    "signed": "已签收",
    "completed": "已完成",
    "cancelled": "已取消",
}
TONE: dict[Status, Tone] = {
    "pending_payment": "warn",
    "paid": "info",
    "shipped": "info",
    "signed": "good",
    "completed": "good",
    "cancelled": "warn",
}
TROUBLE: dict[Trouble, str] = {
    "payment_failed": "支付失败",
    "duplicate_charge": "重复扣款",
    "dispatch_overdue": "发货超时",
    "stalled": "物流停滞",
    "delayed": "物流延误",
    "lost": "包裹丢失",
    "damaged": "包裹破损",
    "not_received": "显示签收但未收到",
}
AFTER_SALE: dict[AfterSale, str] = {
    "none": "",
    "returning": "退货中",
    "exchanging": "换货中",
    "refunding": "退款中",
    "refunded": "已退款",
    "refund_failed": "退款失败",
    "exchanged": "已换货",
}
PARCEL: dict[ParcelState, str] = {
    "collected": "已揽收",
    "in_transit": "运输中",
    "out_for_delivery": "派送中",
    "awaiting_pickup": "待取件",
    "signed": "已签收",
    "lost": "已丢失",
    "returned": "已退回",
}
FAILURE: dict[Failure, tuple[str, str]] = {
    "wrong_details": ("支付信息有误", "请核对卡号、有效期或支付密码后重新支付。"),
    "insufficient_balance": ("账户余额不足", "请充值或换一种支付方式后重新支付。"),
    "network": ("网络中断，支付未完成", "本次没有扣款，请检查网络后重新支付。"),
    "channel_fault": ("支付渠道故障", "渠道正在恢复，请稍后重试或换一种支付方式。"),
}
RETURN_KIND: dict[ReturnKind, str] = {"return": "退货退款", "exchange": "换货", "refund_only": "仅退款"}
RETURN_REASON: dict[ReturnReason, str] = {
    "no_reason": "七天无理由",
    "quality": "质量问题",
    "wrong_size": "尺码或颜色不合适",
    "wrong_goods": "发错商品",
    "damaged": "收到时已破损",
    "not_received": "没有收到货",
}
RETURN: dict[ReturnState, str] = {
    "reviewing": "审核中",
    "rejected": "审核未通过",
    "awaiting_goods": "待寄回商品",
    "goods_on_way": "商品寄回途中",
    "checking": "仓库验货中",
    "refunding": "退款中",
    "exchanging": "换新发货中",
    "done": "已完成",
    "withdrawn": "已撤销",
}
REFUND: dict[RefundState, str] = {
    "reviewing": "退款审核中",
    "processing": "退款处理中",
    "arrived": "退款已到账",
    "failed": "退款失败",
}
CASE: dict[CaseState, str] = {
    "accepted": "已受理",
    "investigating": "核查中",
    "proposed": "已给出方案",
    "closed": "已结案",
}
CASE_KIND: dict[ParcelTrouble, str] = {
    "stalled": "物流停滞",
    "delayed": "物流延误",
    "lost": "包裹丢失",
    "damaged": "包裹破损",
    "not_received": "显示签收但未收到",
}
INVOICE: dict[InvoiceState | Literal["none"], str] = {
    "none": "未申请",
    "pending": "开票中",
    "issued": "已开票",
    "failed": "开票失败",
}
COURIER_PHONE = {
    "顺丰": "95338",
    "中通": "95311",
    "圆通": "95554",
    "韵达": "95546",
    "京东物流": "950616",
    "EMS": "11183",
}
RETURN_ADDRESS = "浙江省杭州市余杭区仓前街道 店小二退换货中心 收件人：售后组 电话：400-000-0571"
WARRANTY_MONTHS = {"数码配件": 12, "家用电器": 24, "鞋靴箱包": 3, "运动户外": 6, "家居家纺": 6}
"""How long each category is repaired for nothing; what is not here has no warranty."""

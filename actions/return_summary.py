"""What a return or an exchange comes to, read back before it is applied for."""

from actions.asked import Asked
from actions.confirming import confirm
from actions.platforms.values import ItemEligibility, Order, ReturnKind, ReturnReason
from actions.reply import Reply
from actions.said import press
from actions.showing import given, summed_up
from actions.terms import RETURN_KINDS, RETURN_REASONS

SELLER_PAYS = frozenset({"quality", "wrong_goods", "damaged", "not_received"})


def confirm_return(
    asked: Asked, reply: Reply, order: Order, wish: tuple[ReturnKind, ItemEligibility, ReturnReason]
) -> None:
    """What is applied for, who pays, what goes along; `wish` is its kind, the item and why."""
    t, (kind, item, reason) = reply.tongue, wish
    zh, en = RETURN_KINDS[kind]
    why = RETURN_REASONS[reason]
    seller = reason in SELLER_PAYS or item.freight == "seller"
    along = summed_up(asked)
    pays = (
        ("运费由商家承担", "the shop pays the freight")
        if seller
        else ("寄回运费由您承担", "you pay the freight")
    )
    keep = ("商品请保持完好、配件和包装齐全。", "Please keep it complete with its packaging. ")
    if kind == "refund_only":
        pays, keep = ("不用寄回商品", "nothing has to be sent back"), ("", "")
    known = {"order_number": order.number, "item": item.item, "kind": kind, "reason": reason}
    spec = asked.value("new_spec")
    instead = (f"，换成「{spec}」", f" for {spec}") if spec else ("", "")
    if spec:
        known["new_spec"] = spec
    known |= given(asked)
    confirm(
        asked,
        reply,
        (
            (
                f"为「{item.name}」申请{zh}{instead[0]}，原因：{why[0]}；{pays[0]}。{along[0]}"
                f"{keep[0]}确认提交吗？"
            ),
            (f"{en} of {item.name}{instead[1]} ({why[1]}); {pays[1]}. {along[1]}{keep[1]}Apply?"),
        ),
        press(t("确认提交", "Yes, apply"), asked.intent, **known),
        (t("先不申请", "Not now"), reply.human()),
    )

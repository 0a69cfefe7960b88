"""Cards of orders and parcels."""

from actions import terms
from actions.cards.rows import fields_of, newest_first, next_step
from actions.platforms import values
from actions.said import Card, CardItem, Choice, OrderTile, Status, Step, press
from actions.tongue import Tongue, iso, yuan

NEXT_DONE = {"cancel": "order_cancel", "urge": "order_urge_ship", "return": "return_request"}


def order_tile(order: values.OrderSummary, t: Tongue) -> OrderTile:
    """One line of an order picker."""
    return OrderTile(
        order.number, order.title, order.image, _order_status(order, t), order.amount_fen, iso(order.created)
    )


def order_card(order: values.Order, t: Tongue, choices: tuple[Choice, ...] = ()) -> Card:
    """An order with its goods, amounts, what comes next and what the customer may do now."""
    fields = [
        (t("下单时间", "Ordered"), t.moment(order.created)),
        (t("实付", "Paid"), yuan(order.paid_fen) if order.paid_fen else ""),
        (t("优惠", "Discount"), yuan(order.discount_fen) if order.discount_fen else ""),
        (t("运费", "Freight"), yuan(order.freight_fen) if order.freight_fen else ""),
        (t("已退款", "Refunded"), yuan(order.refunded_fen) if order.refunded_fen else ""),
        (t("异常", "Problem"), "、".join(terms.problem(each, t) for each in order.exceptions)),
        (t("收货", "To"), f"{order.recipient.name} {order.recipient.phone}".strip()),
        (t("备注", "Remark"), order.remark),
        (t("取消原因", "Cancelled because"), t(order.cancel_reason, "")),
        (t("接下来", "Next"), next_step(order.next, t, _next_en(order))),
    ]
    return Card(
        "order",
        t(f"订单 {order.number}", f"Order {order.number}"),
        order=order.number,
        image=order.image,
        status=_order_status(order, t),
        fields=fields_of(fields),
        items=tuple(_item(item) for item in order.items),
        amount_fen=order.amount_fen,
        as_of=iso(order.as_of),
        choices=choices,
    )


def tracking_card(parcel: values.Shipment, t: Tongue, choices: tuple[Choice, ...] = ()) -> Card:
    """A parcel and its way so far, newest first."""
    of = t(
        f"（第 {parcel.parcel}/{parcel.parcels} 个包裹）", f" (parcel {parcel.parcel} of {parcel.parcels})"
    )
    fields = [
        (t("快递", "Courier"), f"{parcel.courier} {parcel.tracking_number}"),
        (t("快递电话", "Courier's phone"), parcel.courier_phone),
        (t("包裹内", "Contents"), "、".join(parcel.items)),
        (
            t("预计送达", "Expected"),
            t.day(parcel.expected) if parcel.expected and not parcel.signed_at else "",
        ),
        (t("签收", "Signed"), t.moment(parcel.signed_at) if parcel.signed_at else ""),
        (t("签收人", "Signed by"), parcel.signed_by),
        (
            t("配送备注", "Delivery note"),
            t(parcel.delivery_note, "changed as you wished" if parcel.delivery_note else ""),
        ),
    ]
    text, tone = terms.parcel(parcel, t)
    return Card(
        "tracking",
        t("物流进度", "Tracking") + (of if parcel.parcels > 1 else ""),
        order=parcel.order,
        status=Status(text, tone),
        fields=fields_of(fields),
        steps=tuple(Step(iso(event.time), _told(event, t)) for event in parcel.events),
        as_of=iso(parcel.as_of),
        choices=choices,
    )


def _next_en(order: values.Order) -> str:
    if "dispatch_overdue" in order.exceptions:
        return "overdue: it can be urged or cancelled"
    return terms.NEXT.get(order.status, "")


def _told(event: values.TrackingEvent, t: Tongue) -> str:
    # In English the state tells it, where there is one: the courier's own words are Chinese.
    if t.english:
        _, en, _ = terms.PARCEL.get(event.state, ("", "On its way", ""))
        return f"{en} ({event.place})" if event.place else en
    # Many couriers begin the text with the place: 【杭州市】…
    return event.text if event.place in event.text else f"{event.place} {event.text}"


def case_card(case: values.Case, t: Tongue) -> Card:
    """What the desk is looking into for a parcel."""
    kind = terms.problem(case.kind, t)
    fields = [
        (t("编号", "Case"), case.id),
        (t("快递单号", "Tracking number"), case.tracking_number),
        (t("答复时间", "We report by"), t.moment(case.feedback_before) if case.state != "closed" else ""),
        (t("处理结果", "Result"), t(case.result, "a solution is proposed" if case.result else "")),
    ]
    return Card(
        "tracking",
        t(f"物流核查：{kind}", f"Parcel enquiry: {kind}"),
        order=case.order,
        status=Status(
            t(case.state_text, case.state.capitalize()), "good" if case.state == "closed" else "info"
        ),
        fields=fields_of(fields),
        steps=()
        if t.english
        else newest_first(tuple(Step(iso(step.time), step.text) for step in case.steps)),
    )


def order_choices(order: values.Order, t: Tongue) -> tuple[Choice, ...]:
    """What the customer is likeliest to want with this order, of what the shop would let him do."""
    likely = (
        [press(t("查物流", "Track it"), "logistics_track", order_number=order.number)]
        if order.parcels
        else []
    )
    if order.status == "pending_payment":
        likely.append(press(t("支付遇到问题", "Trouble paying"), "payment_failed", order_number=order.number))
    wordings = {
        "urge": t("催发货", "Urge dispatch"),
        "cancel": t("取消订单", "Cancel it"),
        "return": t("申请退货", "Return an item"),
    }
    likely += [
        press(wordings[can], intent, order_number=order.number)
        for can, intent in NEXT_DONE.items()
        if can in order.can and not (can == "urge" and order.urged_at)
    ]
    if order.after_sale != "none":
        likely.append(press(t("退款进度", "Refund progress"), "refund_progress", order_number=order.number))
    if order.status in {"completed", "cancelled"}:
        likely.append(press(t("再来一单", "Order again"), "reorder", order_number=order.number))
    if "invoice" in order.can:
        likely.append(press(t("开发票", "Invoice"), "invoice", order_number=order.number))
    return tuple(likely[:4])


def _order_status(order: values.OrderSummary, t: Tongue) -> Status:
    if order.exceptions:
        return Status(terms.problem(order.exceptions[0], t), "warn" if order.tone == "info" else order.tone)
    return Status(t(order.status_text, terms.ORDER[order.status]), order.tone)


def _item(item: values.Item) -> CardItem:
    return CardItem(item.name, item.spec, item.quantity, item.amount_fen, item.image)

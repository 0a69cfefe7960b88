"""Cards of payments, refunds, returns, invoices, coupons and products."""

from actions import terms
from actions.cards.rows import fields_of, next_step, steps_of
from actions.platforms import values
from actions.said import Card, CardItem, Choice, Status
from actions.tongue import Tongue, yuan


def payment_card(payment: values.Payment, t: Tongue, choices: tuple[Choice, ...] = ()) -> Card:
    """One attempt to pay: what became of it, why it failed, and what to do."""
    text, tone = terms.payment(payment, t)
    failure, todo = terms.PAYMENT_FAILURES.get(payment.failure_text, ("", ""))
    fields = [
        (t("方式", "Method"), terms.method(payment.method, t)),
        (t("时间", "Time"), t.moment(payment.created)),
        (t("订单", "Order"), payment.order or t("无对应订单", "no order")),
        (t("失败原因", "Why it failed"), t(payment.failure_text, failure)),
        (t("建议", "What to do"), t(payment.advice, todo)),
    ]
    return Card(
        "payment",
        t("支付记录", "Payment"),
        order=payment.order or "",
        status=Status(text, tone),
        fields=fields_of(fields),
        amount_fen=payment.amount_fen,
        choices=choices,
    )


def refund_card(refund: values.Refund, t: Tongue) -> Card:
    """A refund: how far it is, where it goes, and the day on which it should be there."""
    text, tone = terms.refund(refund, t)
    fields = [
        (t("原因", "Reason"), t(refund.reason, terms.REFUND_REASONS.get(refund.reason, ""))),
        (t("退回", "Goes to"), t(refund.route, terms.route(refund.route))),
        (
            t("预计到账", "Expected"),
            t.day(refund.expected) if refund.expected and refund.state in terms.REFUND_UNDER_WAY else "",
        ),
        (t("到账时间", "Arrived"), t.moment(refund.arrived_at) if refund.arrived_at else ""),
        (
            t("优惠券", "Coupons"),
            "、".join(refund.coupons) + t(" 已退回", " are yours again") if refund.coupons else "",
        ),
        (
            t("失败原因", "Why it failed"),
            t(refund.failure, "a person will tell you" if refund.failure else ""),
        ),
    ]
    return Card(
        "refund",
        t("退款进度", "Refund"),
        order=refund.order or "",
        status=Status(text, tone),
        fields=fields_of(fields),
        steps=steps_of(refund.steps, t, terms.REFUNDS),
        amount_fen=refund.amount_fen,
    )


def return_card(sent_back: values.Return, t: Tongue, choices: tuple[Choice, ...] = ()) -> Card:
    """A return or exchange, its steps and what the customer has to do next."""
    kind = terms.RETURN_KINDS.get(sent_back.kind, ("售后", "After-sales"))
    fields = [
        (t("售后单号", "Case"), sent_back.id),
        (t("原因", "Reason"), t(sent_back.reason_text, terms.reason(sent_back.reason_text))),
        (t("运费", "Freight"), terms.freight(sent_back.freight, t)),
        (t("退货地址", "Send it to"), sent_back.return_address),
        (
            t("未通过原因", "Declined because"),
            t(sent_back.reject_reason, "a person will tell you" if sent_back.reject_reason else ""),
        ),
        (t("接下来", "Next"), next_step(sent_back.next, t, terms.RETURNS.get(sent_back.state, ("", ""))[0])),
        (t("寄回单号", "Sent with"), f"{sent_back.courier} {sent_back.tracking_number}".strip()),
        (t("上门取件", "Pickup"), sent_back.pickup),
    ]
    return Card(
        "return",
        t(f"{kind[0]}进度", f"{kind[1]}"),
        order=sent_back.order,
        image=sent_back.image,
        status=terms.sent_back(sent_back, t),
        fields=fields_of(fields),
        steps=steps_of(sent_back.steps, t, terms.RETURNS),
        items=(
            CardItem(
                sent_back.name, sent_back.spec, sent_back.quantity, sent_back.amount_fen, sent_back.image
            ),
        ),
        choices=choices,
    )


def invoice_card(invoice: values.Invoice, t: Tongue, choices: tuple[Choice, ...] = ()) -> Card:
    text, tone = terms.invoice(invoice, t)
    fields = [
        (t("抬头", "Made out to"), invoice.title),
        (t("税号", "Tax number"), invoice.tax_number),
        (t("发送到", "Sent to"), invoice.email),
        (
            t("预计开出", "Expected"),
            t.day(invoice.expected) if invoice.expected and not invoice.issued_at else "",
        ),
        (t("开出时间", "Issued"), t.moment(invoice.issued_at) if invoice.issued_at else ""),
        (
            t("失败原因", "Why it failed"),
            t(invoice.failure, "title and tax number do not fit together" if invoice.failure else ""),
        ),
    ]
    return Card(
        "invoice",
        t(f"发票 · 订单 {invoice.order}", f"Invoice · order {invoice.order}"),
        order=invoice.order,
        status=Status(text, tone),
        fields=fields_of(fields),
        amount_fen=invoice.amount_fen,
        choices=choices,
    )


def coupon_card(coupon: values.Coupon, t: Tongue) -> Card:
    least = (
        t(f"满 {yuan(coupon.minimum_fen)} 可用", f"from {yuan(coupon.minimum_fen)}")
        if coupon.minimum_fen
        else ""
    )
    fields = [
        (t("门槛", "Minimum"), least),
        (t("范围", "For"), coupon.scope),
        (t("有效期至", "Valid until"), t.day(coupon.valid_until)),
        (t("叠加", "Stacking"), t("可叠加", "yes") if coupon.stackable else t("不可叠加", "no")),
    ]
    return Card(
        "coupon", coupon.name, status=Status(terms.worth(coupon, t), "good"), fields=fields_of(fields)
    )


def product_card(product: values.Product, t: Tongue) -> Card:
    """What the shop knows about a product, with what is left of each specification."""
    days = t(f"签收后 {product.return_days} 天内可退", f"within {product.return_days} days of signature")
    weight = f"{product.weight_g / 1000:g} kg" if product.weight_g >= 1000 else f"{product.weight_g} g"
    fields = [
        (t("品牌", "Brand"), product.brand),
        (t("型号", "Model"), product.model),
        (t("材质", "Material"), product.material),
        (t("产地", "Origin"), product.origin),
        (t("重量", "Weight"), weight if product.weight_g else ""),
        (
            t("退货", "Returns"),
            days if product.returnable else t(product.not_returnable_reason, "only when faulty"),
        ),
        (t("说明", "About"), t(product.description, "")),
    ]
    left = t(f"有货，共 {product.stock} 件", f"{product.stock} in stock")
    return Card(
        "product",
        product.name,
        image=product.image,
        status=Status(left, "good") if product.stock else Status(t("暂时缺货", "Out of stock"), "warn"),
        fields=fields_of(fields),
        items=tuple(
            CardItem(
                product.name,
                spec.spec
                + " · "
                + (t(f"剩 {spec.stock} 件", f"{spec.stock} left") if spec.stock else t("缺货", "none left")),
                amount_fen=spec.price_fen,
            )
            for spec in product.specs
        ),
        amount_fen=product.price_fen,
    )

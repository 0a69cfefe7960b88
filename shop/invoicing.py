"""Invoices: asking for one, and having it sent again. Pure: an order in, an order out."""

from typing import Annotated

import msgspec
from msgspec.structs import replace

from shop import parts, rules
from shop.errors import BadInputError, ConflictError
from shop.moments import Moment
from shop.ordering import insist
from shop.values import Due, Invoice, InvoiceKind, Order

Email = Annotated[str, msgspec.Meta(pattern="^[^@ ]+@[^@ ]+\\.[^@ ]+$", max_length=120)]
ISSUE_HOURS = 24.0


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall stand on the invoice."""

    kind: InvoiceKind
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    tax_number: Annotated[str, msgspec.Meta(pattern="^([A-Z0-9]{15,20})?$")] = ""
    email: Email = ""


def request_invoice(order: Order, ask: Ask, email: str, moment: Moment) -> Order:
    """The order with its invoice on the way to `ask.email`, else to the customer's own `email`."""
    insist(rules.may_invoice(order))
    if ask.kind == "special" and not ask.tax_number:
        raise BadInputError("增值税专用发票需要填写纳税人识别号。")
    refunded = sum(
        r.amount_fen for r in order.refunds if r.state != "failed" and not _duplicate(order, r.payment)
    )
    expected = moment.after(ISSUE_HOURS)
    invoice = Invoice(
        id=f"IV{order.number}",
        kind=ask.kind,
        title=ask.title,
        state="pending",
        amount_fen=max(order.amount_fen - refunded, 0),
        requested=moment.now,
        tax_number=ask.tax_number,
        email=ask.email or email,
        expected=expected,
    )
    order = parts.unschedule(order, "invoice")
    return parts.schedule(replace(order, invoice=invoice), Due(expected, "invoice"))


def _duplicate(order: Order, payment_id: str | None) -> bool:
    return any(p.id == payment_id and p.duplicate for p in order.payments)


def resend_invoice(order: Order, email: str, moment: Moment) -> Order:
    """The order with its invoice sent once more, to `email` when one is given."""
    invoice = order.invoice
    if invoice is None or invoice.state != "issued":
        raise ConflictError("发票还没有开出，暂时不能重新发送。", "not_issued")
    return replace(order, invoice=replace(invoice, email=email or invoice.email, sent_at=moment.now))

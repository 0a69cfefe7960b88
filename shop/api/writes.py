"""What can be changed: one function per POST of openapi.yaml, each done once per Idempotency-Key."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web

from shop import aftersale, invoicing, logistics, ordering
from shop.api import show_orders, show_parts
from shop.api.doorway import STORE, the_customer, the_order
from shop.errors import BadInputError, NotFoundError
from shop.moments import Moment
from shop.values import Order

T = TypeVar("T")
Answered = tuple[int, object]
Reason = Annotated[str, msgspec.Meta(max_length=200)]


class Cancel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Reason = ""


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A write that needs no more than its path."""


class Protect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    item: str


class Resend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    email: invoicing.Email = ""


def read(body: bytes, kind: type[T]) -> T:
    """The body as that value; what is wrong with it is told by field."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise BadInputError(f"请求内容有误：{error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInputError("请求内容不是有效的 JSON。") from error


def _order_done(request: web.Request, order: Order, message: str, moment: Moment) -> dict[str, object]:
    request.app[STORE].save(order)
    shown = show_orders.detail(order, the_customer(request), request.app[STORE].catalogue, moment)
    return {"order": shown, "message": message, "refund": None}


def cancel_order(request: web.Request, body: bytes, moment: Moment) -> Answered:
    order, refund = ordering.cancel(the_order(request, moment), read(body, Cancel).reason, moment)
    order = request.app[STORE].with_coupons_back(order)
    done = _order_done(request, order, "订单已取消。", moment)
    if refund is not None:
        done["refund"] = show_parts.refund(order, refund)
        done["message"] = f"订单已取消，{refund.amount_fen / 100:.2f} 元将{refund.route}。"
    if order.coupons_back:
        done["coupons"] = order.coupons_back
        done["message"] = f"{done['message']}使用的优惠券也已退回：{'、'.join(order.coupons_back)}。"
    return 200, done


def modify_order(request: web.Request, body: bytes, moment: Moment) -> Answered:
    changes = read(body, ordering.Changes)
    order = ordering.modify(the_order(request, moment), changes, request.app[STORE].catalogue)
    return 200, _order_done(request, order, "修改成功。", moment)


def urge_dispatch(request: web.Request, body: bytes, moment: Moment) -> Answered:
    read(body, Nothing)
    order = ordering.urge(the_order(request, moment), moment)
    return 200, _order_done(request, order, "已为您催促仓库加急发货。", moment)


def claim_price_protection(request: web.Request, body: bytes, moment: Moment) -> Answered:
    order, asked = the_order(request, moment), read(body, Protect)
    item = ordering.the_item(order, asked.item)
    product = request.app[STORE].catalogue.get(item.product)
    order, refund = ordering.protect(order, item.id, product, moment)
    request.app[STORE].save(order)
    return 201, {"refund": show_parts.refund(order, refund), "message": "价保申请成功，差价将原路退回。"}


def refund_payment(request: web.Request, body: bytes, moment: Moment) -> Answered:
    read(body, Cancel)
    payment_id = request.match_info["payment_id"]
    found = _owning(request, moment, lambda o: any(p.id == payment_id for p in o.payments))
    order, refund = ordering.refund_payment(found, payment_id, moment)
    request.app[STORE].save(order)
    return 201, {"refund": show_parts.refund(order, refund), "message": "已提交退款，款项将原路退回。"}


def change_delivery(request: web.Request, body: bytes, moment: Moment) -> Answered:
    wish, number = read(body, logistics.Delivery), request.match_info["tracking_number"]
    found = _owning(request, moment, lambda o: any(p.tracking_number == number for p in o.parcels))
    order = logistics.change_delivery(found, number, wish, moment)
    request.app[STORE].save(order)
    parcel = next(p for p in order.parcels if p.tracking_number == number)
    return 200, {
        "shipment": show_orders.shipment(order, parcel, moment),
        "message": f"{parcel.delivery_note}。",
    }


def open_case(request: web.Request, body: bytes, moment: Moment) -> Answered:
    report = read(body, logistics.Report)
    order, case = logistics.open_case(the_order(request, moment), report, moment)
    request.app[STORE].save(order)
    return 201, {
        "case": show_orders.case(order, case),
        "message": f"已受理，{case.feedback_before:%m月%d日 %H:%M} 前给您首次反馈。",
    }


def apply_return(request: web.Request, body: bytes, moment: Moment) -> Answered:
    order, asked = the_order(request, moment), read(body, aftersale.Application)
    item = ordering.the_item(order, asked.item)
    owner = (the_customer(request), request.app[STORE].catalogue.get(item.product))
    order, found = aftersale.apply_return(order, asked, owner, moment)
    request.app[STORE].save(order)
    return 201, {
        "return": show_parts.returned(order, found),
        "message": "申请已提交，预计 1 个工作日内审核。",
    }


def withdraw_return(request: web.Request, body: bytes, moment: Moment) -> Answered:
    read(body, Nothing)
    return_id = request.match_info["return_id"]
    order = aftersale.withdraw(_with_return(request, moment), return_id, moment)
    return 200, _return_done(request, order, "申请已撤销。")


def submit_return_tracking(request: web.Request, body: bytes, moment: Moment) -> Answered:
    sent, return_id = read(body, aftersale.SendBack), request.match_info["return_id"]
    order = _with_return(request, moment)
    order = aftersale.send_back(order, return_id, sent, moment)
    return 200, _return_done(request, order, "已登记寄回单号，仓库收到后 1 个工作日内验货。")


def book_pickup(request: web.Request, body: bytes, moment: Moment) -> Answered:
    wish, return_id = read(body, aftersale.Pickup), request.match_info["return_id"]
    order = aftersale.book_pickup(_with_return(request, moment), return_id, wish, moment)
    return 200, _return_done(request, order, "已预约上门取件，快递员会提前联系您。")


def _with_return(request: web.Request, moment: Moment) -> Order:
    return_id = request.match_info["return_id"]
    return _owning(request, moment, lambda o: any(r.id == return_id for r in o.returns))


def _return_done(request: web.Request, order: Order, message: str) -> dict[str, object]:
    request.app[STORE].save(order)
    found = next(r for r in order.returns if r.id == request.match_info["return_id"])
    return {"return": show_parts.returned(order, found), "message": message}


def request_invoice(request: web.Request, body: bytes, moment: Moment) -> Answered:
    ask = read(body, invoicing.Ask)
    order = invoicing.request_invoice(the_order(request, moment), ask, the_customer(request).email, moment)
    request.app[STORE].save(order)
    return 201, {"invoice": show_parts.invoice(order), "message": "开票申请已提交，预计 24 小时内开出。"}


def resend_invoice(request: web.Request, body: bytes, moment: Moment) -> Answered:
    order = invoicing.resend_invoice(the_order(request, moment), read(body, Resend).email, moment)
    request.app[STORE].save(order)
    return 200, {"invoice": show_parts.invoice(order), "message": "发票已重新发送。"}


def _owning(request: web.Request, moment: Moment, has: Callable[[Order], bool]) -> Order:
    """The customer's order that has the part named in the path."""
    orders = request.app[STORE].orders(the_customer(request).id, moment)
    found = next((order for order in orders if has(order)), None)
    if found is None:
        raise NotFoundError
    return found

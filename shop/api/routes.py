"""Which path is answered by which handler."""

from aiohttp import web

from shop.api import photos, reads, tickets, writes
from shop.api.doorway import once

C = "/api/v1/customers/{customer_id}"
ORDER = C + "/orders/{order_number}"

READS = {
    "/healthz": reads.health,
    "/api/v1/products": reads.list_products,
    "/api/v1/products/{product_id}": reads.get_product,
    "/api/v1/products/{product_id}/stock": reads.get_stock,
    C: reads.get_customer,
    f"{C}/coupons": reads.list_coupons,
    f"{C}/points": reads.get_points,
    f"{C}/orders": reads.list_orders,
    ORDER: reads.get_order,
    f"{ORDER}/payments": reads.list_order_payments,
    f"{C}/payments": reads.list_payments,
    f"{ORDER}/shipments": reads.list_shipments,
    f"{C}/shipments/{{tracking_number}}": reads.get_shipment,
    f"{C}/cases": reads.list_cases,
    f"{C}/cases/{{case_id}}": reads.get_case,
    f"{ORDER}/eligibility": reads.get_eligibility,
    f"{C}/returns": reads.list_returns,
    f"{C}/returns/{{return_id}}": reads.get_return,
    f"{C}/refunds": reads.list_refunds,
    f"{C}/refunds/{{refund_id}}": reads.get_refund,
    f"{C}/invoices": reads.list_invoices,
    f"{C}/tickets": tickets.list_tickets,
    f"{ORDER}/invoice": reads.get_invoice,
}
WRITES = {
    f"{ORDER}/cancel": writes.cancel_order,
    f"{ORDER}/modify": writes.modify_order,
    f"{ORDER}/urge": writes.urge_dispatch,
    f"{ORDER}/price-protection": writes.claim_price_protection,
    f"{C}/payments/{{payment_id}}/refund": writes.refund_payment,
    f"{C}/shipments/{{tracking_number}}/delivery": writes.change_delivery,
    f"{ORDER}/cases": writes.open_case,
    f"{ORDER}/returns": writes.apply_return,
    f"{C}/returns/{{return_id}}/withdraw": writes.withdraw_return,
    f"{C}/returns/{{return_id}}/tracking": writes.submit_return_tracking,
    f"{C}/returns/{{return_id}}/pickup": writes.book_pickup,
    f"{C}/tickets": tickets.open_ticket,
    f"{C}/applications/{{application}}/photos": photos.add_photos,
    f"{ORDER}/invoice": writes.request_invoice,
    f"{ORDER}/invoice/resend": writes.resend_invoice,
}


def add_api(app: web.Application) -> None:
    """Puts the API into the application."""
    for path, read in READS.items():
        app.router.add_get(path, read)
    for path, write in WRITES.items():
        app.router.add_post(path, once(write))

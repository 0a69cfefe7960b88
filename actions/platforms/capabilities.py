"""What a shop can do for us. What it lacks it does not declare, and the dialogue offers what there is."""

from enum import StrEnum


class Capability(StrEnum):
    """One for each method of the contract, by its name; and one for each variant that shops differ in.

    The variants are those of `modify` and `change_delivery`: which of their fields the shop honours.
    """

    PRODUCTS = "products"
    PRODUCT = "product"
    MEMBER = "member"
    COUPONS = "coupons"
    POINTS = "points"
    ORDERS = "orders"
    ORDER = "order"
    PAYMENTS = "payments"
    SHIPMENTS = "shipments"
    SHIPMENT = "shipment"
    CASES = "cases"
    ELIGIBILITY = "eligibility"
    RETURNS = "returns"
    REFUNDS = "refunds"
    INVOICE = "invoice"
    TICKETS = "tickets"

    CANCEL = "cancel"
    URGE = "urge"
    MODIFY = "modify"
    MODIFY_RECIPIENT = "modify_recipient"
    MODIFY_PHONE = "modify_phone"
    MODIFY_ADDRESS = "modify_address"
    MODIFY_REMARK = "modify_remark"
    MODIFY_SPEC = "modify_spec"
    MODIFY_QUANTITY = "modify_quantity"
    PROTECT_PRICE = "protect_price"
    REFUND_PAYMENT = "refund_payment"
    CHANGE_DELIVERY = "change_delivery"
    DELIVER_LATER = "deliver_later"
    DELIVER_TO_PICKUP_POINT = "deliver_to_pickup_point"
    REDIRECT = "redirect"
    OPEN_CASE = "open_case"
    APPLY_RETURN = "apply_return"
    WITHDRAW_RETURN = "withdraw_return"
    SEND_BACK = "send_back"
    BOOK_PICKUP = "book_pickup"
    ADD_PHOTOS = "add_photos"
    REQUEST_INVOICE = "request_invoice"
    RESEND_INVOICE = "resend_invoice"
    OPEN_TICKET = "open_ticket"


C = Capability
OF_MODIFY = {
    "recipient": C.MODIFY_RECIPIENT,
    "phone": C.MODIFY_PHONE,
    "address": C.MODIFY_ADDRESS,
    "remark": C.MODIFY_REMARK,
    "spec": C.MODIFY_SPEC,
    "quantity": C.MODIFY_QUANTITY,
}
"""What changing each field of an `OrderChange` needs, beside MODIFY."""
OF_DELIVERY = {
    "later": C.DELIVER_LATER,
    "pickup_point": C.DELIVER_TO_PICKUP_POINT,
    "address": C.REDIRECT,
}
"""What each option of a `DeliveryChange` needs, beside CHANGE_DELIVERY."""
VARIANTS = frozenset({*OF_MODIFY.values(), *OF_DELIVERY.values()})
CHANGES = frozenset(list(C)[list(C).index(C.CANCEL) :])
"""What changes something, and therefore takes a key."""
EVERYTHING = frozenset(C)

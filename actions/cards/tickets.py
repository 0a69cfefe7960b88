"""Cards of tickets: what people look into for a customer."""

from actions.cards.rows import fields_of, newest_first
from actions.platforms.aftercare import Ticket
from actions.said import Card, Status, Step
from actions.tongue import Tongue, iso

KINDS = {
    "compensation": ("赔偿申请", "Compensation"),
    "complaint": ("投诉", "Complaint"),
    "installation": ("安装预约", "Installation"),
    "repair": ("维修申请", "Repair"),
    "payment": ("支付核查", "Payment enquiry"),
    "invoice": ("发票问题", "Invoice"),
    "account": ("账户问题", "Account"),
    "other": ("其他问题", "Other"),
}
STATES = {
    "accepted": ("已受理", "Accepted", "info"),
    "investigating": ("核实中", "Being looked into", "info"),
    "proposed": ("已给出方案", "A solution is proposed", "good"),
    "closed": ("已结案", "Closed", "good"),
}


def ticket_card(ticket: Ticket, t: Tongue) -> Card:
    """How far a ticket is, and until when the customer hears of it."""
    zh, en, tone = STATES[ticket.state]
    fields = [
        (t("工单编号", "Ticket"), ticket.id),
        (t("预约日期", "Day"), ticket.day),
        (t("答复时间", "We report by"), t.moment(ticket.feedback_before) if ticket.state != "closed" else ""),
        (t("处理结果", "Result"), ticket.result),
    ]
    steps = () if t.english else newest_first(tuple(Step(iso(s.time), s.text) for s in ticket.steps))
    return Card(
        "return",
        t(f"工单：{KINDS[ticket.kind][0]}", f"Ticket: {KINDS[ticket.kind][1]}"),
        order=ticket.order or "",
        status=Status(t(zh, en), tone),
        fields=fields_of(fields),
        steps=steps,
    )

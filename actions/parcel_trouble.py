"""What is done when a parcel is late, lost, broken or not received."""

from abc import abstractmethod

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.orders import case_card, tracking_card
from actions.changing import Change, carry_out
from actions.choosing import (
    Likely,
    has_arrived,
    has_parcel_trouble,
    is_going_on,
    is_under_way,
    order_meant,
    other_order,
)
from actions.confirming import confirm
from actions.forms import collect
from actions.logistics import ENDED, in_trouble, say_not_shipped
from actions.platforms.values import Case, CaseKind, Shipment
from actions.reply import Reply
from actions.said import press
from actions.showing import evidence_of, given, is_asked_for, summed_up, typed, with_evidence
from actions.terms import PROBLEMS

# What a courier pays for only when it was shown.
NEED_EVIDENCE = frozenset({"damaged"})


def _has(*troubles: str) -> Likely:
    return lambda order: bool(set(troubles) & set(order.exceptions))


class ParcelTrouble(ShopAction):
    """Explains what is wrong with a parcel and offers to have it looked into, after a confirmation."""

    likely: tuple[Likely, ...] = (has_parcel_trouble, is_under_way)
    sorry: tuple[str, str]
    telling: int = 14  # signs from which on a message tells more than that there is trouble

    @abstractmethod
    def kind(self, asked: Asked, parcel: Shipment) -> CaseKind | None:
        """What the case would be about; without one the shopper is asked."""

    def said(self, asked: Asked) -> str:
        """What the words say that it would be about, when they do."""
        del asked
        return ""

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if asked.customer.id and not is_going_on(asked, "kind", "confirm"):
            reply.say(*self.sorry)
        asked = with_evidence(asked, typed(asked) if len(typed(asked)) >= self.telling else "")
        said = self.said(asked) if typed(asked) else ""
        asked = asked.knowing(kind=said)
        likely = (_has(said), *self.likely) if said else self.likely
        order = await order_meant(asked, reply, self.shop, *likely)
        if not order:
            return
        customer = asked.customer.id
        parcels = await self.shop.shipments(customer, order.number)
        if not parcels:
            say_not_shipped(asked, reply, order)
            return
        parcel = in_trouble(parcels, asked.value("parcel"))
        kind, key = self.kind(asked, parcel), asked.value("confirm")
        if kind and key:
            about = (order.number, parcel.tracking_number)
            evidence = evidence_of(asked)
            change = Change(parcel.tracking_number, f"登记物流核查：{PROBLEMS[kind][0]}", parcel.state_text)
            reply.remember(shown=None)
            await carry_out(
                asked, reply, change, lambda key: self.shop.open_case(customer, about, kind, key, evidence)
            )
            return
        if typed(asked) or not asked.value("evidence"):
            reply.show(tracking_card(parcel, reply.tongue))
        cases = await self.shop.cases(customer, order.number)
        under_way = [
            case
            for case in cases
            if case.tracking_number == parcel.tracking_number and case.state != "closed"
        ]
        if under_way:
            self._under_way(asked, reply, under_way[0])
        elif kind in NEED_EVIDENCE and is_asked_for(asked):
            known = {"order_number": order.number, "parcel": parcel.tracking_number, "kind": kind}
            collect(reply, "evidence_form", asked.intent, **known, **given(asked))
        elif kind:
            self._offer_case(asked, reply, parcel, kind)
        else:
            self.which(asked, reply, parcel)

    def _under_way(self, asked: Asked, reply: Reply, case: Case) -> None:
        t = reply.tongue
        reply.show(
            case_card(case, t),
            f"这个包裹我们已经在向快递公司核查，{t.moment(case.feedback_before)} 前给您答复。",
            f"We are already looking into this parcel and will report by {t.moment(case.feedback_before)}.",
        )
        reply.offer("还需要别的帮助吗？", "Anything else?", other_order(asked, reply), reply.human())

    def _offer_case(self, asked: Asked, reply: Reply, parcel: Shipment, kind: CaseKind) -> None:
        t = reply.tongue
        (zh, en), along = PROBLEMS[kind], summed_up(asked)
        confirm(
            asked,
            reply,
            (
                f"我可以为您登记「{zh}」并向{parcel.courier}核查，24 小时内给您首次反馈。{along[0]}需要现在登记吗？",
                f"I can open an enquiry ({en}) with the courier; you hear from us within 24 hours. {along[1]}Shall I?",
            ),
            press(
                t("登记核查", "Yes, look into it"),
                asked.intent,
                order_number=parcel.order,
                parcel=parcel.tracking_number,
                kind=kind,
                **given(asked),
            ),
            (t("先不用", "Not now"), reply.human()),
        )

    def which(self, asked: Asked, reply: Reply, parcel: Shipment) -> None:
        """Asks what `kind` could not tell."""
        t = reply.tongue
        number, tracking = parcel.order, parcel.tracking_number
        reply.ask(
            "请问包裹是哪种情况？",
            "What happened to the parcel?",
            press(
                t("破损了", "It is broken"),
                asked.intent,
                order_number=number,
                parcel=tracking,
                kind="damaged",
                **given(asked),
            ),
            press(t("丢失了", "It is lost"), asked.intent, order_number=number, parcel=tracking, kind="lost"),
        )


class ActionLogisticsDelay(ParcelTrouble):
    called = "action_logistics_delay"
    sorry = (
        "非常抱歉让您久等了，我理解您着急的心情，马上帮您看包裹的情况。",
        "I'm sorry that you are still waiting. This is where the parcel is:",
    )

    def kind(self, asked: Asked, parcel: Shipment) -> CaseKind | None:
        del asked
        return None if parcel.state in ENDED and not parcel.exception else parcel.exception or "delayed"

    def which(self, asked: Asked, reply: Reply, parcel: Shipment) -> None:
        t, number = reply.tongue, parcel.order
        reply.offer(
            "这个包裹的配送已经结束了。如果您没有收到，我可以马上帮您核查。",
            "The delivery of this parcel has ended. If you did not get it, I can have that looked into.",
            press(t("我没收到", "I did not get it"), "delivery_not_received", order_number=number),
            other_order(asked, reply),
            reply.human(),
        )


class ActionLogisticsLostOrDamaged(ParcelTrouble):
    called = "action_logistics_lost_or_damaged"
    likely = (_has("damaged", "lost"), has_arrived, has_parcel_trouble)
    telling = 0
    sorry = (
        "非常抱歉给您带来不好的体验。破损请先拍照保留外包装和商品，后续核实会用到。",
        "I'm very sorry. If it is broken, please take photos of the box and the item.",
    )

    def kind(self, asked: Asked, parcel: Shipment) -> CaseKind | None:
        told: dict[str, CaseKind] = {"damaged": "damaged", "lost": "lost"}
        return told.get(asked.value("kind") or parcel.exception or "")

    def said(self, asked: Asked) -> str:
        if any(word in asked.text for word in ("破", "碎", "坏", "压", "漏", "broken", "damaged")):
            return "damaged"
        return "lost" if any(word in asked.text for word in ("丢", "遗失", "弄没", "lost")) else ""


class ActionDeliveryNotReceived(ParcelTrouble):
    called = "action_delivery_not_received"
    likely = (_has("not_received"), has_arrived, has_parcel_trouble)
    sorry = (
        "非常抱歉，让您担心了。请先看看家人、门卫、快递柜或驿站有没有代收；我这边查到的签收情况如下：",
        "I'm sorry. Please check with family, the front desk or a parcel locker. This is what I see:",
    )

    def kind(self, asked: Asked, parcel: Shipment) -> CaseKind | None:
        del asked
        return "not_received" if parcel.state == "signed" else (parcel.exception or "delayed")

"""Sending goods back or exchanging them: what is allowed, applying for it, and how far it is."""

import asyncio
import re

from actions.action import ShopAction, answer_as
from actions.asked import Asked
from actions.cards.money import return_card
from actions.changing import Change, carry_out
from actions.choosing import Likely, has_arrived, is_going_on, is_under_way, order_meant, other_order
from actions.facts import kind_in, reason_in
from actions.forms import collect
from actions.naming import fitting_spec, named_in
from actions.platforms.base import NotFound, ReturnWish, Unsupported
from actions.platforms.values import (
    Eligibility,
    ItemEligibility,
    Order,
    ReturnKind,
    ReturnReason,
    Verdict,
)
from actions.reply import Reply
from actions.return_summary import SELLER_PAYS, confirm_return
from actions.said import Choice, press
from actions.showing import evidence_of, given, is_asked_for, photos_shown, typed, with_evidence
from actions.terms import RETURN_KINDS, RETURN_REASONS
from actions.verdicts import why_not

ENDED = frozenset({"done", "rejected", "withdrawn"})
NEED_EVIDENCE = frozenset({"quality", "wrong_goods", "damaged"})
FOR_FAULTS_ONLY = frozenset({"too_late", "excluded"})
MOST_SPECS = 5
# Without goods that go back there must be a fault; what never came is no reason once the parcel is there.
_NO_REASON_OF: dict[ReturnKind, frozenset[str]] = {
    "return": frozenset({"not_received"}),
    "exchange": frozenset({"not_received", "no_reason"}),
    "refund_only": frozenset({"not_received", "no_reason", "wrong_size"}),
}
_HOW_FAR = re.compile(
    r"(?:退|换)(?:货|款)?.{0,8}(?:到哪|进度|怎么样|哪一步|处理(?:好|完)?了?[吗没]|好了[吗没]|多久了|还没)"
)


def _reason(name: str) -> ReturnReason | None:
    return next((reason for reason in RETURN_REASONS if reason == name), None)


def _asks_how_far(asked: Asked) -> bool:
    """Whether it is about a return or exchange that is under way already."""
    return bool(asked.customer.id and _HOW_FAR.search(typed(asked)))


class AfterSales(ShopAction):
    """Applies for a return or exchange: which item, why, to what instead, and a confirmation."""

    kind: ReturnKind = "return"
    reason: ReturnReason | None = None
    sorry: tuple[str, str] | None = None
    likely: tuple[Likely, ...] = (has_arrived, is_under_way)

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if self.sorry and not is_going_on(asked, "item", "confirm"):
            reply.say(*self.sorry)
        if _asks_how_far(asked) and await self._has_under_way(asked):
            await answer_as(asked, reply, self.shop, ("return_how", {}))
            return
        asked = self._with_told(asked)
        order = await order_meant(asked, reply, self.shop, *self.likely)
        if not order:
            return
        if asked.value("confirm"):
            await self._apply(asked, reply, order)
            return
        returns, eligibility = await asyncio.gather(
            self.shop.returns(asked.customer.id, order.number),
            self.shop.eligibility(asked.customer.id, order.number),
        )
        under_way = [each for each in returns if each.state not in ENDED]
        if under_way and not asked.value("item") and photos_shown(asked):
            adding = {"application": under_way[0].id, "photos": " ".join(photos_shown(asked))}
            await answer_as(asked, reply, self.shop, ("add_photos", adding))
            return
        if under_way and not asked.value("item"):
            reply.show(
                return_card(under_way[0], reply.tongue),
                "这个订单已经有一个售后在处理：",
                "This order already has a case under way:",
            )
            reply.offer("还需要别的帮助吗？", "Anything else?", other_order(asked, reply), reply.human())
            return
        allowed = [item for item in eligibility.items if self._may(item, asked)]
        if not allowed and self._kind(asked) == "exchange" and eligibility.modify.allowed:
            # Not dispatched yet: another specification is a change of the order.
            await answer_as(
                asked, reply, self.shop, ("order_modify", {"order_number": order.number, "field": "spec"})
            )
        elif allowed:
            await self._next_question(asked, reply, order, allowed)
        else:
            self._cannot(asked, reply, order, eligibility)

    async def _has_under_way(self, asked: Asked) -> bool:
        try:
            returns = await self.shop.returns(asked.customer.id)
        except (NotFound, Unsupported):
            return False
        return any(each.state not in ENDED for each in returns)

    async def _next_question(
        self, asked: Asked, reply: Reply, order: Order, allowed: list[ItemEligibility]
    ) -> None:
        chosen = [item for item in allowed if item.item == asked.value("item")]
        chosen = chosen or named_in(asked.text, ((item.name, item) for item in allowed)) or allowed
        if self._kind(asked) == "exchange" and typed(asked) and len(chosen) == 1:
            asked = asked.knowing(new_spec=fitting_spec(typed(asked), await self._specs(order, chosen[0])))
        never_came = self._kind(asked) == "refund_only" and not order.signed_at
        reason: ReturnReason | None = "not_received" if never_came else self._why(asked)
        if len(chosen) > 1:
            self._ask(reply, "是订单里的哪一件商品？", "Which item is it?", self._items(asked, order, chosen))
        elif not reason:
            known = {"order_number": order.number, "item": chosen[0].item, "kind": self._kind(asked)}
            verdict = self._verdict(chosen[0], asked)
            known |= given(asked)
            known |= {"new_spec": asked.value("new_spec")} if asked.value("new_spec") else {}
            reasons = [
                press(reply.tongue(*wording), asked.intent, **known, reason=name)
                for name, wording in RETURN_REASONS.items()
                if (verdict.allowed or name in SELLER_PAYS) and name not in _NO_REASON_OF[self._kind(asked)]
            ]
            why = ("", "") if verdict.allowed else why_not(verdict)
            self._ask(
                reply,
                f"{why[0]}「{chosen[0].name}」是什么原因呢？",
                f"{why[1]} What is the reason? ({chosen[0].name})".strip(),
                reasons,
            )
        elif self._kind(asked) == "exchange" and not asked.value("new_spec"):
            await self._ask_spec(asked, reply, order, (chosen[0], reason))
        elif reason in NEED_EVIDENCE and is_asked_for(asked):
            known = {name: asked.value(name) for name in ("new_spec",) if asked.value(name)} | given(asked)
            collect(
                reply,
                "evidence_form",
                asked.intent,
                order_number=order.number,
                item=chosen[0].item,
                kind=self._kind(asked),
                reason=reason,
                **known,
            )
        else:
            confirm_return(asked, reply, order, (self._kind(asked), chosen[0], reason))

    def _items(self, asked: Asked, order: Order, items: list[ItemEligibility]) -> list[Choice]:
        known = {"order_number": order.number, "kind": self._kind(asked)} | given(asked)
        if self._why(asked):
            known["reason"] = str(self._why(asked))
        return [press(item.name, asked.intent, **known, item=item.item) for item in items]

    async def _ask_spec(
        self, asked: Asked, reply: Reply, order: Order, chosen: tuple[ItemEligibility, ReturnReason]
    ) -> None:
        item, reason = chosen
        left = (await self._specs(order, item))[:MOST_SPECS]
        if len(left) < 2:
            bought = next((each for each in order.items if each.id == item.item), None)
            again = asked.as_press(
                asked.intent, {**dict(asked.entities), "new_spec": bought.spec if bought else ""}
            )
            await self._next_question(again, reply, order, [item])
            return
        known = {"order_number": order.number, "item": item.item, "kind": "exchange", "reason": reason}
        known |= given(asked)
        choices = [press(spec, asked.intent, **known, new_spec=spec) for spec in left]
        self._ask(reply, "想换成哪个规格？（以下有货）", "Exchange it for which of these?", choices)

    async def _specs(self, order: Order, item: ItemEligibility) -> list[str]:
        """What there is of the item's product to be exchanged for."""
        bought = next((each for each in order.items if each.id == item.item), None)
        specs = (await self.shop.product(bought.product_id)).specs if bought else ()
        return [spec.spec for spec in specs if spec.stock]

    def _ask(self, reply: Reply, zh: str, en: str, choices: list[Choice]) -> None:
        reply.ask(zh, en, *choices)

    async def _apply(self, asked: Asked, reply: Reply, order: Order) -> None:
        told = evidence_of(asked)
        wish = ReturnWish(
            asked.value("item"),
            self._kind(asked),
            self._why(asked) or "no_reason",
            asked.value("new_spec"),
            description=told.description,
            photos=told.photos,
        )
        reply.remember(shown=None)
        name = next((item.name for item in order.items if item.id == wish.item), "")
        zh = RETURN_KINDS[wish.kind][0]
        await carry_out(
            asked,
            reply,
            Change(
                order.number,
                f"申请{zh}：{name}（{RETURN_REASONS.get(wish.reason, ('其他', ''))[0]}）",
                order.status_text,
            ),
            lambda key: self.shop.apply_return(asked.customer.id, order.number, wish, key),
        )

    def _cannot(self, asked: Asked, reply: Reply, order: Order, eligibility: Eligibility) -> None:
        t = reply.tongue
        verdicts = [self._verdict(item, asked) for item in eligibility.items]
        why = verdicts[0].reason if verdicts else ""
        ways = []
        if eligibility.cancel.allowed:
            ways.append(press(t("取消订单", "Cancel the order"), "order_cancel", order_number=order.number))
        if self._kind(asked) != "refund_only" and any(item.refund_only.allowed for item in eligibility.items):
            known = {"order_number": order.number, "kind": "refund_only"}
            ways.append(press(t("申请仅退款", "Refund only"), "return_request", **known))
        reply.offer(
            f"订单 {order.number}：{why or '现在不能申请。'}",
            f"Order {order.number}: this is not possible now. {why_not(verdicts[0])[1] if verdicts else ''}",
            *ways,
            press(t("退换货规则", "Return policy"), "return_policy"),
            other_order(asked, reply),
            reply.human(),
        )

    def _with_told(self, asked: Asked) -> Asked:
        """The same with what the words say and the pictures show: the kind, why, and what the fault is."""
        reason = reason_in(typed(asked))
        told = with_evidence(asked, typed(asked) if (reason or self.reason) in NEED_EVIDENCE else "")
        return told.knowing(kind=kind_in(typed(asked)) or "", reason=reason or "")

    def _kind(self, asked: Asked) -> ReturnKind:
        kinds: dict[str, ReturnKind] = {
            "return": "return",
            "exchange": "exchange",
            "refund_only": "refund_only",
        }
        return kinds.get(asked.value("kind")) or self.kind

    def _why(self, asked: Asked) -> ReturnReason | None:
        return _reason(asked.value("reason")) or self.reason

    def _may(self, item: ItemEligibility, asked: Asked) -> bool:
        # The verdict is about goods that are simply not wanted; a fault has longer.
        verdict = self._verdict(item, asked)
        faulty = (self._why(asked) or "quality") in SELLER_PAYS
        return verdict.allowed or (faulty and verdict.code in FOR_FAULTS_ONLY)

    def _verdict(self, item: ItemEligibility, asked: Asked) -> Verdict:
        by_kind = {
            "return": item.send_back,
            "exchange": item.exchange,
            "refund_only": item.refund_only,
        }
        return by_kind[self._kind(asked)]

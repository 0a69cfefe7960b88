"""Pictures for what was handed in already: a return, an exchange, a case about a parcel, a ticket."""

import msgspec

from actions.action import ShopAction
from actions.asked import Asked
from actions.cards.tickets import KINDS
from actions.changing import Change, carry_out
from actions.choosing import is_signed_in
from actions.confirming import confirm
from actions.platforms.base import NotFound, Platform, Unsupported
from actions.platforms.capabilities import Capability
from actions.reply import Reply
from actions.returns import ENDED
from actions.said import press
from actions.showing import evidence_of, photos_shown
from actions.terms import PROBLEMS, RETURN_KINDS

INTENT = "add_photos"
MOST = 3


class Application(msgspec.Struct, frozen=True):
    """What was handed in and has not ended; `what` says of which kind it is and of which goods, in both languages."""

    id: str
    order: str
    what: tuple[str, str]


async def applications(asked: Asked, shop: Platform) -> list[Application]:
    """Those of the customer that have not ended, newest first; cases of the order that is spoken of."""
    customer, number = asked.customer.id, asked.value("order_number") or asked.remembered("order_number")
    found: list[Application] = []
    if shop.offers(Capability.RETURNS):
        for sent in await shop.returns(customer):
            if sent.state not in ENDED:
                zh, en = RETURN_KINDS[sent.kind]
                found.append(
                    Application(sent.id, sent.order, (f"「{sent.name}」的{zh}申请", f"{sent.name}: {en}"))
                )
    if number and shop.offers(Capability.CASES):
        for case in await shop.cases(customer, number):
            if case.state != "closed":
                zh, en = PROBLEMS[case.kind]
                found.append(
                    Application(case.id, case.order, (f"「{zh}」的物流登记", f"Parcel enquiry: {en}"))
                )
    if shop.offers(Capability.TICKETS):
        for ticket in await shop.tickets(customer):
            if ticket.state != "closed":
                zh, en = KINDS[ticket.kind]
                found.append(Application(ticket.id, ticket.order or "", (f"「{zh}」工单", f"Ticket: {en}")))
    return found


class ActionAddPhotos(ShopAction):
    """Adds pictures to what was handed in, after a confirmation; where the shop can't, an agent takes them."""

    called = "action_add_photos"

    async def answer(self, asked: Asked, reply: Reply) -> None:
        if not is_signed_in(asked, reply):
            return
        reply.remember(topic=asked.intent)
        if not self.shop.offers(Capability.ADD_PHOTOS):
            give_to_an_agent(asked, reply)
            return
        shown = asked.value("photos") or " ".join(photos_shown(asked))
        if asked.value("application") and asked.value("confirm"):
            await self._add(asked, reply)
            return
        try:
            found = await applications(asked, self.shop)
        except NotFound:
            found = []
        chosen = meant(asked, found)
        if not found:
            self._none(reply, shown)
        elif not shown:
            self._wait(reply, chosen)
        elif len(chosen) > 1:
            reply.ask(
                "照片要补充到哪个申请里？",
                "Which of these are the photos for?",
                *(
                    press(reply.tongue(*each.what), INTENT, application=each.id, photos=shown)
                    for each in chosen[:MOST]
                ),
            )
        else:
            self._confirm(asked, reply, (chosen[0], shown), others=len(found) > 1)

    async def _add(self, asked: Asked, reply: Reply) -> None:
        photos, application = evidence_of(asked).photos, asked.value("application")
        reply.remember(shown=None)
        try:
            await carry_out(
                asked,
                reply,
                Change(application, f"补充照片 {len(photos)} 张"),
                lambda key: self.shop.add_photos(asked.customer.id, application, photos, key),
            )
        except Unsupported:  # a merchant's system that says so only now
            reply.forget_all_said()
            reply.changing = False
            give_to_an_agent(asked, reply)

    def _confirm(self, asked: Asked, reply: Reply, adding: tuple[Application, str], *, others: bool) -> None:
        to, shown = adding
        t, many = reply.tongue, len(shown.split())
        another = press(t("补充到别的申请", "To another one"), INTENT, photos=shown, other="yes")
        fault = press(t("是别的商品的问题", "It is about another item"), "quality_complaint", other="yes")
        confirm(
            asked,
            reply,
            (
                f"把这 {many} 张照片补充到{to.what[0]}里，对吗？",
                f"Shall I add {'this photo' if many == 1 else f'these {many} photos'} to this? {to.what[1]}",
            ),
            press(t("确认补充", "Yes, add"), INTENT, application=to.id, photos=shown),
            (t("先不补充", "Not now"), another, fault) if others else (t("先不补充", "Not now"), fault),
        )

    def _wait(self, reply: Reply, chosen: list[Application]) -> None:
        what = chosen[0].what if len(chosen) == 1 else ("正在处理的申请", "what is under way")
        reply.say(
            f"可以的，请把照片直接发在这里（最多 9 张），我帮您补充到{what[0]}里。",
            f"Please send the photos right here (up to 9), and I will add them: {what[1]}.",
        )

    def _none(self, reply: Reply, shown: str) -> None:
        t = reply.tongue
        have = ("照片收到了。", "I have your photos. ") if shown else ("", "")
        reply.offer(
            f"{have[0]}您目前没有处理中的售后申请。需要的话可以现在申请，照片会一起附上。请问是哪种情况？",
            f"{have[1]}Nothing of yours is under way. You can apply now, with your photos. What is it about?",
            press(t("商品有质量问题", "The item is faulty"), "quality_complaint"),
            press(t("收到时破损", "It arrived broken"), "logistics_lost_or_damaged", kind="damaged"),
            press(t("少发或发错", "Wrong or missing item"), "missing_or_wrong_item"),
            reply.human(),
        )


def meant(asked: Asked, found: list[Application]) -> list[Application]:
    """Those that the message may mean: the one it names, else what the conversation is about, else all."""
    named = [each for each in found if each.id == asked.value("application")]
    if named or asked.value("other"):
        return named or found
    number = asked.value("order_number") or asked.remembered("order_number")
    return [each for each in found if number and each.order == number] or found


def give_to_an_agent(asked: Asked, reply: Reply) -> None:
    """The shop takes no pictures afterwards: an agent sees those of the conversation, or those that come."""
    if asked.value("photos") or photos_shown(asked):
        reply.say(
            "照片收到了。这家店提交申请后不能在线补充照片，我请人工同事帮您补进申请里，照片他们在这里就能看到。",
            "I have your photos. This shop takes none once an application is in, so a colleague, who sees them "
            "here, will add them for you.",
        )
        reply.hand_off("action_failed", "要给已提交的申请补充照片，商城接口不支持")
        return
    reply.offer(
        "这家店提交申请后不能在线补充照片。请把照片直接发在这里，人工同事看得到，会帮您补进申请里。",
        "This shop takes no photos once an application is in. Send them right here: a colleague will see them "
        "and add them for you.",
        reply.human(),
    )

"""What each form asks, one thing at a time, always with a way out and a way to a person."""

from datetime import timedelta
from typing import ClassVar

from actions.asked import Asked
from actions.facts import COURIERS
from actions.forms import FormAsk
from actions.reply import Reply
from actions.said import Choice, press
from actions.showing import NOTHING, photos_shown
from actions.tongue import now


def _stop(reply: Reply) -> Choice:
    return press(reply.tongue("先不办了", "Leave it"), "deny")


class AskChangeValue(FormAsk):
    called = "action_ask_change_value"
    wordings: ClassVar[dict[str, tuple[str, str]]] = {
        "address": (
            "请发送新的完整收货地址（省市区+详细地址）。",
            "Please send the full new address.",
        ),
        "phone": ("请发送新的手机号（11 位）。", "Please send the new mobile number."),
        "remark": ("请发送您要加的备注。", "Please send the remark to add."),
        "quantity": ("请问要改成几件？", "How many should it be?"),
        "spec": ("想换成哪个规格？（以下有货）", "Which of these would you like instead?"),
    }

    def question(self, asked: Asked, reply: Reply) -> None:
        about = asked.told("form_about")
        field = str(about.get("field"))
        known = {"order_number": str(about.get("order_number", ""))}
        specs = [spec for spec in str(about.get("specs") or "").split("|") if spec] if field == "spec" else []
        choices = [press(spec, "order_modify", **known, field=field, change_value=spec) for spec in specs]
        reply.offer(*self.wordings[field], *choices, _stop(reply), reply.human())


class AskInvoiceTitle(FormAsk):
    called = "action_ask_invoice_title"

    def question(self, asked: Asked, reply: Reply) -> None:
        del asked
        reply.offer(
            "请发送公司名称和税号，例如：某某科技有限公司 91XXXXXXXXXXXXXXXX（分开发也可以）。",
            "Please send the company's name and its tax number, together or one by one.",
            _stop(reply),
            reply.human(),
        )


class AskTaxNumber(FormAsk):
    called = "action_ask_tax_number"

    def question(self, asked: Asked, reply: Reply) -> None:
        title = asked.remembered("invoice_title")
        reply.offer(
            f"好的，抬头：{title}。请再发一下税号（15-20 位）。",
            f"Made out to {title}. What is the tax number (15-20 characters)?",
            _stop(reply),
            reply.human(),
        )


class AskReturnCourier(FormAsk):
    called = "action_ask_return_courier"

    def question(self, asked: Asked, reply: Reply) -> None:
        return_id = str(asked.told("form_about").get("return_id", ""))
        names = [press(name, "return_how", return_id=return_id, return_courier=name) for name, _ in COURIERS]
        reply.offer("您用的是哪家快递？", "Which courier did you use?", *names, _stop(reply), reply.human())


class AskReturnTracking(FormAsk):
    called = "action_ask_return_tracking"

    def question(self, asked: Asked, reply: Reply) -> None:
        del asked
        reply.offer(
            "请把寄回的快递单号发给我，在快递面单或快递小程序里能看到。",
            "Please send me the tracking number of the parcel.",
            _stop(reply),
            reply.human(),
        )


class AskEvidence(FormAsk):
    called = "action_ask_evidence"

    def question(self, asked: Asked, reply: Reply) -> None:
        photos = asked.remembered("photos").removeprefix(NOTHING).split()
        t, intent = reply.tongue, str(asked.told("form_about").get("intent"))
        if photos:
            reply.offer(
                f"收到 {len(photos)} 张照片，会一起附上。请再用一两句话说说问题，还有照片可以接着发。",
                f"I have {len(photos)} photo(s) and will attach them. Please describe the problem in a few words.",
                press(t("没有要补充的", "Nothing to add"), intent, evidence=NOTHING),
                _stop(reply),
                reply.human(),
            )
            return
        reply.offer(
            "请简单描述一下问题，有照片的话直接发给我（最多 9 张），方便审核。没有也可以跳过。",
            "Please describe the problem in a few words; send photos right here if you have some (up to 9). "
            "You can also skip this.",
            press(t("没有照片，跳过", "Skip"), intent, evidence=NOTHING, photos=NOTHING),
            _stop(reply),
            reply.human(),
        )


class AskPhotos(FormAsk):
    called = "action_ask_photos"

    def question(self, asked: Asked, reply: Reply) -> None:
        intent = str(asked.told("form_about").get("intent"))
        told = asked.remembered("evidence").removeprefix(NOTHING)
        noted = (f"问题记下了：「{told}」。", f"Noted: “{told}”. ") if told else ("", "")
        reply.offer(
            f"{noted[0]}有照片的话直接发给我（最多 9 张），审核会快很多；没有也可以继续。",
            f"{noted[1]}Please send photos right here if you have some (up to 9); it also works without.",
            press(reply.tongue("没有照片，继续", "No photos, go on"), intent, photos=NOTHING),
            _stop(reply),
            reply.human(),
        )


class AskDeliveryAddress(FormAsk):
    called = "action_ask_delivery_address"

    def question(self, asked: Asked, reply: Reply) -> None:
        del asked
        reply.offer(
            "请发送新的派送地址（省市区+详细地址）。",
            "Please send the address that it should go to.",
            _stop(reply),
            reply.human(),
        )


class AskVisitDay(FormAsk):
    called = "action_ask_visit_day"

    def question(self, asked: Asked, reply: Reply) -> None:
        intent = str(asked.told("form_about").get("intent"))
        t, today = reply.tongue, now()
        days = [today + timedelta(days=n) for n in (1, 2, 3)]
        choices = [press(t.day(day), intent, visit_day=day.date().isoformat()) for day in days]
        reply.offer(
            "您希望哪一天？点选或直接告诉我日期。",
            "Which day suits you? Tap one or tell me.",
            *choices,
            _stop(reply),
            reply.human(),
        )


class AskTicketText(FormAsk):
    called = "action_ask_ticket_text"

    def question(self, asked: Asked, reply: Reply) -> None:
        photos = len(photos_shown(asked))
        have = (f"收到 {photos} 张照片，会一起附上。", f"I have {photos} photo(s). ") if photos else ("", "")
        reply.offer(
            f"{have[0]}请告诉我发生了什么、您希望怎么处理，我登记给专员跟进。",
            f"{have[1]}Please tell me what happened and what you would like; a specialist will follow it up.",
            _stop(reply),
            reply.human(),
        )

"""The requests that end in goods going back or being exchanged, each with what it takes for granted."""

from actions.returns import AfterSales


class ActionReturnRequest(AfterSales):
    called = "action_return_request"


class ActionExchangeRequest(AfterSales):
    called = "action_exchange_request"
    kind = "exchange"


class ActionQualityComplaint(AfterSales):
    called = "action_quality_complaint"
    reason = "quality"
    sorry = (
        "非常抱歉商品让您失望了，我理解您的心情。请保留商品照片或视频作为凭证，我来帮您申请售后。",
        "I'm very sorry about the fault. Please keep a photo or video; I'll help you to get it put right.",
    )


class ActionMissingOrWrongItem(AfterSales):
    called = "action_missing_or_wrong_item"
    reason = "wrong_goods"
    sorry = (
        "非常抱歉，可能是我们漏发或发错了。请保留收到的商品和面单照片，我来帮您处理。",
        "I'm very sorry, we may have sent the wrong thing. Please keep a photo of what arrived.",
    )

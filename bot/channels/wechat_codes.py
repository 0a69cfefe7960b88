"""Error codes of WeChat and WeCom: what each means for a message, told in words that a merchant can act on."""

import re
from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    AGAIN = "again"  # nothing was sent; a later try may succeed
    TOKEN = "token"  # noqa: S105 - the access token is not accepted: fetch another, once
    REFUSED = "refused"  # nothing was sent, and another try changes nothing
    SENT = "sent"  # the platform has it already: this was a retry


class Told(msgspec.Struct, frozen=True):
    """A code's verdict, what the platform calls it, and what to do, in both languages."""

    verdict: Verdict
    zh: str
    en: str


def _again(zh: str, en: str) -> Told:
    return Told(Verdict.AGAIN, zh, en)


def _token(zh: str, en: str) -> Told:
    return Told(Verdict.TOKEN, zh, en)


def _no(zh: str, en: str) -> Told:
    return Told(Verdict.REFUSED, zh, en)


CODES: dict[int, Told] = {
    -1: _again("系统繁忙，会自动重试。", "system busy; it is tried again."),
    40001: _token(
        "access_token 无效（invalid credential），已重新获取；反复出现请核对 AppSecret，并确认没有别的程序用旧接口刷新它。",
        "invalid credential; fetched anew. If it stays: check the secret, and that nothing else refreshes it.",
    ),
    40014: _token("不合法的 access_token，已重新获取。", "invalid access_token; fetched anew."),
    42001: _token("access_token 已过期，已重新获取。", "access_token expired; fetched anew."),
    40013: _no(
        "不合法的 AppID，请核对后台「基本配置」里的 AppID。", "invalid appid: check it in the console."
    ),
    40125: _no(
        "AppSecret 不对，请核对或在后台重置后换成新的。", "wrong secret: check it, or reset it there."
    ),
    40164: _no(
        "本机 IP 不在白名单：请到后台「基本配置-IP白名单」添加服务器出口 IP。",
        "this server's IP is not on the allowlist: add it under basic configuration.",
    ),
    61004: _no(
        "本机 IP 未登记：请到后台添加服务器出口 IP。", "this server's IP is not registered: add it there."
    ),
    40003: _no(
        "不合法的 openid：顾客可能取消了关注，或账号配置错了。", "invalid openid: not following any more?"
    ),
    43004: _no("需要顾客关注公众号后才能发送。", "the customer has to follow the account first."),
    45015: _no(
        "回复时间超过限制：顾客最后一条消息已超过 48 小时，等顾客再发一条消息。",
        "out of the response window of 48 h: wait for the customer's next message.",
    ),
    45047: _no(
        "客服消息下发条数超过上限：顾客每发一条消息，48 小时内最多回 5 条，等顾客再发一条消息。",
        "5 messages within 48 h are used up: wait for the customer's next message.",
    ),
    45009: _no("接口调用超过每日限额：请到后台查看或清零接口调用次数。", "the day's API quota is used up."),
    45011: _again("API 调用太频繁，稍后自动重试。", "too many calls; tried again shortly."),
    45002: _no("消息内容超过长度限制。", "the message is too long."),
    40008: _no("不合法的消息类型。", "the platform does not know this kind of message."),
    40007: _again(
        "不合法的 media_id（图片已失效），会重新上传再发。",
        "the picture's media_id is not valid any more; it is uploaded anew.",
    ),
    40004: _no("不合法的媒体文件类型。", "the platform does not take this kind of file."),
    40005: _no("不合法的文件类型：图片请用 JPG 或 PNG。", "the platform does not take it: use JPG or PNG."),
    40006: _no("不合法的文件大小：图片太大。", "the file is too large."),
    40009: _no("不合法的图片大小：图片太大。", "the picture is too large."),
    41005: _no("缺少多媒体文件数据。", "the file's data is missing."),
    44001: _no("多媒体文件为空。", "the file is empty."),
    45001: _no("多媒体文件大小超过限制：图片太大。", "the file is too large."),
    44004: _no("消息内容为空。", "the message is empty."),
    47001: _no("数据格式错误。", "the platform can't read the request."),
    48001: _no(
        "接口未授权：账号没有「客服消息」权限（未认证的订阅号没有），请在后台查看接口权限。",
        "not authorised: the account lacks the customer-message permission.",
    ),
    48002: _no("顾客拒收消息。", "the customer refuses messages."),
    48004: _no("接口被封禁，请登录公众平台查看通知。", "the API is blocked; see the notices in the console."),
    50002: _no("账号受限，可能违规或被冻结。", "the account is limited."),
    50005: _no("顾客未关注公众号。", "the customer does not follow the account."),
    89503: _no(
        "此 IP 正在等待管理员确认，请管理员在微信里点「同意」。", "this IP waits for the admin's consent."
    ),
    89501: _no(
        "此 IP 正在等待管理员确认，请管理员在微信里点「同意」。", "this IP waits for the admin's consent."
    ),
    # WeCom and 微信客服
    40056: _no("不合法的 CorpID 或 Secret，请核对。", "wrong corp id or secret."),
    40091: _no("Secret 不合法：请用「微信客服」应用自己的 Secret。", "wrong secret: take 微信客服's own."),
    41001: _token("缺少 access_token，已重新获取。", "no access_token; fetched anew."),
    60020: _no(
        "本机 IP 不在企业可信 IP 里：请到企业微信后台「微信客服-API-企业可信IP」添加。",
        "this server's IP is not trusted: add it in WeCom's console.",
    ),
    45033: _again("接口并发超过限制，稍后自动重试。", "too many calls at once; tried again shortly."),
    95000: _no("不合法的 open_kfid：请核对客服帐号 ID。", "invalid open_kfid: check the account's id."),
    95001: _no(
        "发送条数超过限制：顾客每发一条消息，48 小时内最多回 5 条。",
        "5 messages within 48 h are used up: wait for the customer's next message.",
    ),
    95002: _no(
        "距顾客最后一条消息已超过 48 小时，等顾客再发一条消息。", "more than 48 h since his last message."
    ),
    95003: _no("会话已关闭，等顾客再发一条消息。", "the session is closed: wait for his next message."),
    95004: _no("open_kfid 对应的客服帐号不存在。", "there is no such 微信客服 account."),
    95007: _no(
        "msg_code（欢迎语凭证）无效或已过期（20 秒内只能用一次）。", "the welcome code is used or too old."
    ),
    95011: _no(
        "已在企业微信使用微信客服：请把帐号改为「API 管理」。", "the account is not managed by the API."
    ),
    95012: _no("未在企业微信使用微信客服。", "WeCom does not use 微信客服."),
    95013: _no("会话已结束，等顾客再发一条消息。", "the session has ended: wait for his next message."),
    95014: _no("顾客不是企业的客户，或 external_userid 不对。", "unknown external_userid."),
    95016: _no("不允许转换到这个会话状态。", "this change of the session's state is not allowed."),
    95017: _no(
        "没有权限操作这个客服帐号：请在后台勾选「可调用接口的应用」。", "no permission for this account."
    ),
    95018: _no(
        "会话状态不允许发送：会话正由企业微信里的接待人员处理或在待接入池。请把该客服帐号的接待方式设为「智能助手」，让客服在店小二工作台回复。",
        "the session's state forbids it: somebody in the WeCom app has it. Set the account to the smart"
        " assistant, so that agents answer in our console.",
    ),
}

SEND_FAILS: dict[int, tuple[str, str]] = {
    0: ("平台没有说明原因", "the platform gives no reason"),
    1: ("微信客服帐号已被停用", "the account was disabled"),
    2: ("应用已关闭", "the application is closed"),
    4: ("会话超过 48 小时", "more than 48 hours since his last message"),
    5: ("会话已关闭", "the session is closed"),
    6: ("超过 5 条限制", "more than 5 messages"),
    7: ("未绑定视频号", "no channel account is bound"),
    8: ("主体未验证", "the company is not verified"),
    9: ("未绑定视频号且主体未验证", "neither bound nor verified"),
    10: ("顾客拒收", "the customer refuses messages"),
}


_NOT_ALLOWED = frozenset({40164, 61004, 60020, 89501, 89503})
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F]+)(?![\w.:])"
)


def told(code: int, message: str) -> Told:
    """What a code means; for one that nobody explained, the platform's own words.

    A refused address is told as the platform sees it: that is what has to be put on its list.
    """
    if code in CODES:
        known = CODES[code]
        seen = _ADDRESS.search(message) if code in _NOT_ALLOWED else None
        zh, en = (f"，平台看到的是 {seen[0]}", f"; it sees {seen[0]}") if seen else ("", "")
        return msgspec.structs.replace(known, zh=f"{known.zh}（{code}{zh}）", en=f"{known.en} ({code}{en})")
    own = f"微信错误 {code}：{message[:200]}"
    return Told(Verdict.REFUSED, own, f"WeChat error {code}: {message[:200]}")

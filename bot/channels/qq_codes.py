"""The QQ platform's error codes: what each means for a delivery, told in words that a merchant can act on."""

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """What a code means for the message that it answers."""

    SENT = "sent"  # the platform has it already: this was a retry
    AUDITED = "audited"  # accepted, and shown after the platform's own review
    AGAIN = "again"  # nothing was sent; a later try may succeed
    TOKEN = "token"  # noqa: S105 - the access token is not accepted: fetch another, once
    WINDOW = "window"  # nothing was sent: the message that it answers is too old or answered too often
    REFUSED = "refused"  # nothing was sent, and another try changes nothing


class Told(msgspec.Struct, frozen=True):
    """A code's verdict and its explanation in both languages."""

    verdict: Verdict
    zh: str
    en: str


_WINDOW_ZH = "请等顾客再说一句话：单聊 60 分钟内、群聊 5 分钟内，每条消息最多回复 5 次。"
_WINDOW_EN = "wait for the customer's next message: 60 min in private, 5 min in a group, 5 replies to each."
_AGAIN_ZH = "平台暂时出错，会自动重试。"
_AGAIN_EN = "the platform failed for the moment; it is tried again."
_PERMISSION_ZH = "请到 q.qq.com「开发-接口权限」申请。"
_PERMISSION_EN = "apply for it at q.qq.com, under interface permissions."


def _window(zh: str, en: str) -> Told:
    return Told(Verdict.WINDOW, f"{zh}，{_WINDOW_ZH}", f"{en}; {_WINDOW_EN}")


def _again(zh: str, en: str) -> Told:
    return Told(Verdict.AGAIN, f"{zh}，{_AGAIN_ZH}", f"{en}; {_AGAIN_EN}")


def _refused(zh: str, en: str) -> Told:
    return Told(Verdict.REFUSED, zh, en)


_TOKEN = Told(
    Verdict.TOKEN, "凭证（access_token）无效或已过期，已重新获取。", "the access token was not accepted."
)

CODES: dict[int, Told] = {
    40054005: Told(
        Verdict.SENT, "平台已收到过这一条（重复发送被去重）。", "the platform has this one already."
    ),
    304023: Told(Verdict.AUDITED, "已提交，平台审核后显示。", "accepted; shown after the platform's review."),
    304024: Told(Verdict.AUDITED, "已提交，平台审核后显示。", "accepted; shown after the platform's review."),
    40034005: _window("所回复的消息已过期", "the message that it answers has expired"),
    304103: _window("所回复的消息已过期", "the message that it answers has expired"),
    304027: _window("所回复的消息已过期", "the message that it answers has expired"),
    40034128: _window("被动回复超时或次数用完", "too late or too many replies to one message"),
    40034024: _window("所回复的消息编号无效", "the message that it answers is not known"),
    40034025: _window("所回复的事件编号无效", "the event that it answers is not known"),
    40034026: _window("所回复的事件已过期", "the event that it answers has expired"),
    40034027: _window("这类事件不能回复", "such an event can't be answered"),
    22009: _again("发送频率超限", "too many messages at once"),
    40034100: _again("主动消息频率超限", "too many messages that answer nothing"),
    40034004: _again("图片转存失败", "the platform could not store the picture"),
    40054006: _again("好友关系校验失败", "the platform could not check the friendship"),
    50055001: _again("平台发送异常", "the platform's sending failed"),
    50055002: _again("平台发送异常", "the platform's sending failed"),
    11244: _TOKEN,
    11251: _TOKEN,
    11243: _TOKEN,
    11241: _refused("应用或机器人不存在，请核对 XIAOER_QQ_APP_ID。", "no such app: check XIAOER_QQ_APP_ID."),
    11255: _refused("请求被平台拒绝（参数无效）。", "the platform refuses the request."),
    100007: _refused("appid 无效，请核对 XIAOER_QQ_APP_ID。", "no such app: check XIAOER_QQ_APP_ID."),
    100016: _refused(
        "appid 与密钥不匹配，请核对 XIAOER_QQ_APP_ID 和 XIAOER_QQ_SECRET（重置过密钥就要换新的）。",
        "id and secret don't match: check XIAOER_QQ_APP_ID and XIAOER_QQ_SECRET (a reset makes a new one).",
    ),
    11298: _refused(
        "本机 IP 不在白名单：请到 q.qq.com「开发设置-IP 白名单」添加服务器出口 IP。",
        "this server's address is not on the allowlist: add it at q.qq.com under development settings.",
    ),
    40023002: _refused(
        "本机 IP 不在白名单：请到 q.qq.com「开发设置-IP 白名单」添加服务器出口 IP。",
        "this server's address is not on the allowlist: add it at q.qq.com under development settings.",
    ),
    40054013: _refused("顾客关闭了机器人的消息推送。", "the customer refuses messages of this bot."),
    40054004: _refused("与顾客不是好友（可能已删除机器人）。", "the customer removed the bot."),
    40054002: _refused("机器人在群里被禁言。", "the bot is muted in this group."),
    40054003: _refused("机器人已不在这个群。", "the bot is not in this group."),
    40034101: _refused("机器人已不在这个群。", "the bot is not in this group."),
    40034105: _refused("没有主动消息权限。" + _PERMISSION_ZH, "no permission for it; " + _PERMISSION_EN),
    40034127: _refused("没有 Markdown 权限。" + _PERMISSION_ZH, "no Markdown; " + _PERMISSION_EN),
    304036: _refused("没有 Markdown 权限。" + _PERMISSION_ZH, "no Markdown; " + _PERMISSION_EN),
    304037: _refused("没有按钮权限。" + _PERMISSION_ZH, "no keyboards; " + _PERMISSION_EN),
    40034006: _refused(
        "内容被平台判定违规，请改写后再发。", "the platform refuses the content; word it anew."
    ),
    40054010: _refused(
        "消息里有未报备的网址：请到 q.qq.com「开发-消息URL配置」报备域名。",
        "an address in it is not registered: add its domain at q.qq.com under message URLs.",
    ),
    304003: _refused(
        "消息里有未报备的网址：请到 q.qq.com「开发-消息URL配置」报备域名。",
        "an address in it is not registered: add its domain at q.qq.com under message URLs.",
    ),
    40054007: _refused("消息太长。", "the message is too long."),
    40054018: _refused("消息太长或内容异常。", "the message is too long, or malformed."),
    40054016: _refused(
        "机器人已下线，请在 q.qq.com 查看状态。", "the bot is offline; see its state at q.qq.com."
    ),
    304020: _refused("图片太大。", "the picture is too large."),
    304080: _again("图片信息已失效", "the uploaded picture is not valid any more"),
}


def told(code: int, message: str, status: int) -> Told:
    """What a code means; for one that nobody explained, the platform's own words."""
    if code in CODES:
        return CODES[code]
    own = f"QQ 平台错误 {code or status}：{message}" if message else f"QQ 平台错误 {code or status}"
    if status == 401:
        return Told(Verdict.TOKEN, own, own)
    verdict = Verdict.AGAIN if status in (429, 500, 502, 503, 504) and not code else Verdict.REFUSED
    return Told(verdict, own, own)

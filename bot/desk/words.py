"""What the desk says to agents, in their language."""

REASONS = {
    "asked": {"zh": "客户要求人工", "en": "the customer asked for a person"},
    "second_miss": {"zh": "连续两次没听懂", "en": "the bot did not understand twice"},
    "complaint": {"zh": "投诉", "en": "a complaint"},
    "anger": {"zh": "客户情绪激动", "en": "the customer is upset"},
    "action_failed": {"zh": "操作没有成功", "en": "an action failed"},
    "platform_failed": {"zh": "商城接口异常", "en": "the shop's system failed"},
    "brain_unavailable": {"zh": "机器人暂时不可用", "en": "the bot is unavailable"},
    "vip": {"zh": "贵宾客户", "en": "a VIP customer"},
    "approval": {"zh": "有一笔操作待人工复核", "en": "a change waits for approval"},
    "offered": {"zh": "客户选择了人工", "en": "the customer chose a person"},
}

SENTENCES = {
    "because": {"zh": "转人工原因：{reason}。", "en": "Handed over because: {reason}."},
    "note": {"zh": "备注：{note}。", "en": "Note: {note}."},
    "says": {"zh": "客户最近说：“{text}”。", "en": 'The customer last said: "{text}".'},
    "read_as": {
        "zh": "机器人理解为“{label}”（{percent}%）。",
        "en": 'The bot read it as "{label}" ({percent}%).',
    },
    "tried": {"zh": "已尝试：{actions}。", "en": "Tried so far: {actions}."},
}

DONE = {
    "ask": {"zh": "追问细节", "en": "Asked for details"},
    "knowledge": {"zh": "查知识库", "en": "Looked into the knowledge"},
    "form_done": {"zh": "收齐信息", "en": "Took down what is needed"},
}
"""What the bot did that is no matter of its own, and so has no name among the intents."""

LEAVE_WORD = {
    "zh": "您好，现在是客服休息时间。请直接留言，{when}后客服会在这里回复您，您的位置会保留。",
    "en": "Our agents are off now. Please leave your message: you will be answered right here after {when}, and you keep your place.",
}
LEAVE_WORD_OPEN_END = {
    "zh": "您好，现在是客服休息时间。请直接留言，客服上班后会在这里回复您，您的位置会保留。",
    "en": "Our agents are off now. Please leave your message: you will be answered right here, and you keep your place.",
}


def leave_word(when: str | None, lang: str) -> str:
    """What a customer hears out of hours; `when` is the next opening, None when nobody knows."""
    reader = "en" if lang.startswith("en") else "zh"
    return LEAVE_WORD[reader].format(when=when) if when else LEAVE_WORD_OPEN_END[reader]


def low_rating_title(stars: int) -> str:
    """What the ticket of a low rating is called; agents read it in both languages."""
    return f"低分回访（{stars} 星） / low rating ({stars} stars)"

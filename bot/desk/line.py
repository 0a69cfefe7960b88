"""Who is next. Pure: a waiting conversation's place follows from its state alone."""

from bot.conversation.state import Stage, State

TOP = 9
# One step of priority is worth this much waiting: nobody is passed by those who came 18 minutes later.
STEP_MS = 120_000
# Whoever had an agent and lost him comes before everybody who had none.
_HEAD_START_MS = 10**12

_BASE = 2
_BY_REASON = {"complaint": 3, "anger": 2, "vip": 3, "platform_failed": 1, "action_failed": 1}
_BY_LEVEL = {"钻石": 3, "金卡": 1}
# The norms: order disputes and logistics exceptions are high priority.
_EXCEPTIONS = frozenset(
    {
        "payment_deducted",
        "logistics_lost_or_damaged",
        "delivery_not_received",
        "logistics_delay",
        "service_complaint",
    }
)
_ANGRY = 0.6


def priority(state: State) -> int:
    """0-9, from how bad it is and for whom; a level counts only when the shop has vouched for it."""
    points = _BASE + _BY_REASON.get(state.reason, 0)
    if state.customer.verified:
        points += _BY_LEVEL.get(state.customer.level, 0)
    if state.intent in _EXCEPTIONS and state.reason != "complaint":
        points += 2
    if state.anger >= _ANGRY and state.reason != "anger":
        points += 2
    return min(points, TOP)


def place(state: State) -> float | None:
    """Where it stands in the line, lowest first; None when it does not wait.

    A place never moves while one waits: ageing is in it, since waiting longer means an earlier start.
    """
    if state.stage is not Stage.WAITING:
        return None
    start = state.waiting_since - priority(state) * STEP_MS
    return float(start - _HEAD_START_MS if state.at_head else start)

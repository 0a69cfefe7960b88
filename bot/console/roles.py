"""Who may do what: the one table."""

from enum import StrEnum

from bot.archive.accounts import AgentRole


class Verb(StrEnum):
    LOOK = "look"
    CLAIM = "claim"
    TAKE = "take"
    REPLY = "reply"
    NOTE = "note"
    RELEASE = "release"
    TRANSFER = "transfer"
    CLOSE = "close"
    PRESENCE = "presence"
    WHISPER = "whisper"
    TICKET = "ticket"
    STAFF = "staff"
    REPORT = "report"
    TEACH = "teach"
    CORRECT = "correct"
    WORD = "word"
    REVEAL = "reveal"
    REVEAL_ANY = "reveal_any"
    AUDIT = "audit"


_EVERYBODY = frozenset(AgentRole)
_IN_CHARGE = frozenset({AgentRole.SUPERVISOR, AgentRole.ADMIN})

MAY: dict[Verb, frozenset[AgentRole]] = {
    Verb.LOOK: _EVERYBODY,
    Verb.CLAIM: _EVERYBODY,
    Verb.TAKE: _IN_CHARGE,
    Verb.REPLY: _EVERYBODY,
    Verb.NOTE: _EVERYBODY,
    Verb.RELEASE: _EVERYBODY,
    Verb.TRANSFER: _EVERYBODY,
    Verb.CLOSE: _EVERYBODY,
    Verb.PRESENCE: _EVERYBODY,
    Verb.WHISPER: _IN_CHARGE,
    Verb.TICKET: _EVERYBODY,
    Verb.STAFF: _IN_CHARGE,
    Verb.REPORT: _IN_CHARGE,
    Verb.TEACH: _IN_CHARGE,
    Verb.CORRECT: _EVERYBODY,
    Verb.WORD: _IN_CHARGE,  # what agents pick instead of typing
    Verb.REVEAL: _EVERYBODY,  # of what they are responsible for
    Verb.REVEAL_ANY: _IN_CHARGE,
    Verb.AUDIT: _IN_CHARGE,
}


def may(role: AgentRole, verb: Verb) -> bool:
    return role in MAY[verb]

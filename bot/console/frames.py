"""What a console says over its socket (docs/wire.md)."""

import msgspec


class Hello(msgspec.Struct, frozen=True, tag_field="t", tag="hello"):
    pass


class Watch(msgspec.Struct, frozen=True, tag_field="t", tag="watch"):
    conversation: str
    after: int = 0


class Unwatch(msgspec.Struct, frozen=True, tag_field="t", tag="unwatch"):
    conversation: str


class Typing(msgspec.Struct, frozen=True, tag_field="t", tag="typing"):
    """`note`: it is for the colleagues who look at it as well, and never reaches the customer."""

    conversation: str
    note: bool = False


class Read(msgspec.Struct, frozen=True, tag_field="t", tag="read"):
    """Everything up to `seq` stood before the agent's eyes."""

    conversation: str
    seq: int


class LookAt(msgspec.Struct, frozen=True, tag_field="t", tag="look"):
    """The conversation that is in front now; "" for none."""

    conversation: str = ""


class Ping(msgspec.Struct, frozen=True, tag_field="t", tag="ping"):
    pass


Said = Hello | Watch | Unwatch | Typing | Read | LookAt | Ping
parse_frame = msgspec.json.Decoder(Said).decode
"""Raises msgspec.MsgspecError for anything else."""

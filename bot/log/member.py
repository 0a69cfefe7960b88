"""A process's name among the others, from which those on the same machine can tell that it is dead."""

import os
import socket
import uuid
from functools import cache
from pathlib import Path

_ENDED = {"Z", "X"}


def new_member(part: str) -> str:
    """A name that no other process ever has: part, machine, where its pid counts, pid."""
    return f"{part}:{socket.gethostname()}:{_pids()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"


def is_known_dead(member: str) -> bool:
    """Whether this process is of this machine and certainly no longer there. Of others nothing is known."""
    words = member.rsplit(":", 4)
    if len(words) != 5 or words[1:3] != [socket.gethostname(), _pids()] or not words[3].isdigit():
        return False
    try:
        stat = Path(f"/proc/{words[3]}/stat").read_text()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] in _ENDED


@cache
def _pids() -> str:
    """Marks the boot and the namespace in which our pids count: two containers may share a host's name."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
        # Without a /proc to look into, nobody is known to be dead.
        return f"{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return uuid.uuid4().hex

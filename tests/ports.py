"""Free loopback ports for servers, below those that the kernel lends to outgoing connections.

On a lent one, a client that calls a server which is down may take its port, or even connect to itself there.
"""

import socket
from contextlib import suppress
from random import SystemRandom

# Two workers draw at the same time: not by a seed that a test may have set.
_chance = SystemRandom()
_FROM, _TO = 12_000, 32_000


def free_port(*beside: int) -> int:
    """A port that is free, and with it those that lie `beside` it (1 is the next one)."""
    for _ in range(1000):
        port = _chance.randrange(_FROM, _TO)
        with suppress(OSError, OverflowError):
            for one in (port, *(port + away for away in beside)):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", one))
            return port
    raise AssertionError("no free ports")


def four_ports() -> int:
    """The first of four free ports in a row, as `xiaoer up` takes them."""
    return free_port(1, 2, 3)

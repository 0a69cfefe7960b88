"""The four ports of the demo, in a row."""

import socket

import msgspec

from bot.errors import SetupError


class Ports(msgspec.Struct, frozen=True):
    gateway: int
    shop: int
    actions: int
    redis: int


def choose_ports(first: int) -> Ports:
    """Four ports from `first` on. Raises SetupError when one is taken."""
    for port in range(first, first + 4):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError) as error:
                raise SetupError(
                    f"port {port} is taken (the demo needs {first} to {first + 3}):"
                    f" stop what listens there, or choose others: make run PORT={first + 100}"
                ) from error
    return Ports(*range(first, first + 4))

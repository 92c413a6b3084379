"""Ports of the machine's own network, claimed: what one grading has chosen for a server, no other grading chooses as well.

A port that is free when it is looked for need not be so when the server opens it. Where gradings run beside one another on one
network, each claims a port before it is told to anybody. A claim is a name of a socket, which only one process can have,
and which ends with that process, however it ends.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable
from typing import Self


class Claims:
    """The ports that are claimed here, until they are given up. Also a context that ends with that."""

    def __init__(self) -> None:
        self._held: list[socket.socket] = []

    def take(self, ports: Iterable[int]) -> bool:
        """Claim them all; False, and none of them claimed, where somebody else has one of them."""
        if sys.platform != "linux":
            return True  # such names are the Linux kernel's; elsewhere one is graded at a time
        taken: list[socket.socket] = []
        for port in ports:
            claim = socket.socket(socket.AF_UNIX)
            taken.append(claim)
            try:
                claim.bind(f"\0grade port {port}")
            except OSError:
                for one in taken:
                    one.close()
                return False
        self._held += taken
        return True

    def give_up(self) -> None:
        """Others may have them."""
        while self._held:
            self._held.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_up()

"""A network between programs of the box that speak in datagrams: what one sends to its port goes on to another, and the answers back.

Whoever sends here gets a port of its own on the other side, as behind a router at home, so the one who is called can tell
them apart. Each datagram goes on at once, unless the play has said that it is lost, doubled, or comes behind the next one:
so a play can have a bad network where both ends are programs that somebody handed in.
"""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Callable

from grader.clients.client import Condition
from grader.clients.datagrams import LARGEST, DatagramClient
from grader.clients.record import Record
from grader.judge.strays import LOST
from grader.model import Kind, Protocol
from grader.wire.framings import framing

MOST_SIDES = 200
"""Senders that are told apart; what more of them send is lost."""
Address = tuple[str, int]


class Carrier(DatagramClient):
    """`sock` is bound to the port that is called, `to` says who stands on the other side, `more` makes a socket there."""

    def __init__(
        self, name: str, sock: socket.socket, record: Record, to: Callable[[], Address], more: Callable[[], socket.socket]
    ) -> None:  # fmt: skip
        super().__init__(name, sock, record, framing(Protocol("datagram")), anywhere=True, again=False)
        self._to = to
        self._more = more
        self._sides: dict[Address, socket.socket] = {}
        self._behind: tuple[socket.socket, bytes, Address] | None = None
        self._epoll = select.epoll()
        self._epoll.register(sock, select.EPOLLIN)
        self.condition = Condition.CONNECTED

    @property
    def descriptor(self) -> int:
        """Readable where any of its sockets is."""
        return self._epoll.fileno()

    def drain(self, *, thoroughly: bool = False) -> None:
        """Carry on everything that has arrived, on either side."""
        with self._receiving:
            if self.socket.fileno() < 0:
                return
            for data, source in _arrived(self.socket):
                side = self._side(source)
                if side is not None:
                    self._carry(side, data, self._to())
            for source, side in list(self._sides.items()):
                for data, _ in _arrived(side):
                    self._carry(self.socket, data, source)

    def _side(self, source: Address) -> socket.socket | None:
        if source not in self._sides and len(self._sides) < MOST_SIDES:
            made = self._sides[source] = self._more()
            made.setblocking(False)
            made.bind(("", 0))
            self._epoll.register(made, select.EPOLLIN)
        return self._sides.get(source)

    def _carry(self, out: socket.socket, data: bytes, to: Address) -> None:
        self.received += len(data)
        if self.losing:
            self.losing -= 1
            self.record.note(self.name, Kind.NOTED, data, note=LOST)
            return
        if self.swapping and self._behind is None:
            self._behind = out, data, to
            return
        copies, self.doubling = (2, self.doubling - 1) if self.doubling else (1, 0)
        sent = [(out, data, to)] * copies + ([self._behind] if self._behind is not None else [])
        self.swapping, self._behind = False, None
        for one, what, where in sent:
            # Nobody is there, or its queue is full: on a network it would be lost, too.
            with contextlib.suppress(OSError):
                one.sendto(what, where)

    def hang_up(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Carry nothing any more. Safe to call more than once."""
        with self._receiving:
            if self.socket.fileno() < 0:
                return
            self._epoll.close()
            for side in self._sides.values():
                side.close()
            self.socket.close()


def _arrived(sock: socket.socket) -> list[tuple[bytes, Address]]:
    """What lies in a socket's queue."""
    found: list[tuple[bytes, Address]] = []
    while True:
        try:
            data, source = sock.recvfrom(LARGEST)
        except ConnectionError:
            continue  # what was sent from here before found nobody
        except OSError:
            return found
        found.append((data, source[:2]))

"""A client that speaks in datagrams: there is no connection, so nothing is accepted, closed or reset.

Its socket stays unconnected: the kernel would else throw away what comes from another port than the one that was called,
and a server that answers from there could not be told so. Between it and the server lies a network of the play's making:
datagrams get lost, arrive twice, or arrive in another order, when the play says so and never otherwise (the loopback
device loses none, and what a full queue drops is counted).
"""

from __future__ import annotations

import errno
import socket
import struct
import threading
import time
from collections.abc import Sequence

from grader.clients.client import Client, Condition
from grader.clients.record import Record
from grader.judge.strays import AGAIN, LOST, STRAY
from grader.model import Kind, Verb
from grader.wire.framing import Framing

LARGEST = 1 << 16
TIMESTAMPS = 35
"""SO_TIMESTAMPNS, which Python does not name; what it tells has the same number."""


class DatagramClient(Client):
    """`anywhere`: answers from any port count, and whoever answered last is called. `again`: repetitions don't count."""

    connectionless = True

    def __init__(
        self, name: str, sock: socket.socket, record: Record, framing: Framing, *, anywhere: bool, again: bool
    ) -> None:
        super().__init__(name, sock, record, framing)
        self.losing = 0
        self.doubling = 0
        self.swapping = False
        self._held: bytes | None = None
        self._anywhere = anywhere
        self._again = again
        self._last: bytes | None = None
        self._stamp = 0.0
        self._receiving = threading.Lock()

    def meddle(self, verb: Verb, count: int) -> None:
        """What the play's network is to do with the next datagrams; those that have arrived are not among them."""
        self.drain()
        self.losing += count if verb is Verb.LOSES else 0
        self.doubling += count if verb is Verb.DOUBLES else 0
        self.swapping = self.swapping or verb is Verb.SWAPS

    def tune(self) -> None:
        """Each datagram is stamped by the kernel when it arrives, however late we come to read it."""
        self.socket.setsockopt(socket.SOL_SOCKET, TIMESTAMPS, 1)

    def acknowledge(self) -> None:
        """Nobody waits for an acknowledgement."""

    def connect(self, address: tuple[str, int]) -> int:
        """Remember whom to call."""
        self.there = address
        self.socket.bind(("", 0))
        return 0

    def connected(self) -> int | None:
        return 0

    def send_datagram(self, data: bytes) -> None:
        """Send one, by way of the play's network."""
        if self.swapping and self._held is None:
            self._held = data
            return
        copies, self.doubling = (2, self.doubling - 1) if self.doubling else (1, 0)
        for sent in (*[data] * copies, *([self._held] if self._held is not None else [])):
            try:
                self.socket.sendto(sent, self.there)
            except OSError as problem:
                if problem.errno not in (errno.ECONNREFUSED, errno.EAGAIN, errno.ENETUNREACH):
                    raise
        self._held, self.swapping = None, False

    def send_some(self, data: memoryview) -> int:
        """Send one that no line of a play has asked for."""
        self.send_datagram(bytes(data))
        return len(data)

    def drain(self, *, thoroughly: bool = False) -> None:
        """Record every datagram that has arrived."""
        with self._receiving:
            while not (self.frozen or self.condition is Condition.NEW or self.socket.fileno() < 0):
                try:
                    data, more, _, source = self.socket.recvmsg(LARGEST, 64)
                except OSError:
                    return
                self._arrived(data, source, _stamp(more))

    def _arrived(self, data: bytes, source: tuple[str, int], stamp: float) -> None:
        since, self._stamp = stamp - self._stamp, stamp
        if self.losing:
            self.losing -= 1
            self.record.note(self.name, Kind.NOTED, data, note=LOST)
        elif source != self.there and not self._anywhere:
            self.record.note(self.name, Kind.NOTED, data, note=f"{STRAY} {source[1]} {self.there[1]}")
        elif self._again and data == self._last:
            self.record.note(self.name, Kind.NOTED, data, note=f"{AGAIN} {since:.4f}")
            self._acknowledge([data])  # its acknowledgement may have been lost
        else:
            self.there, self._last = source, data
            self._take_in(data)

    def half_close(self, kind: Kind, step: int) -> None:
        """Leave: what comes later finds nobody."""
        self.record.note(self.name, kind, step=step)
        self._leave()

    def crash(self, step: int) -> None:
        self.record.note(self.name, Kind.CRASHED, step=step)
        self._leave()

    def _leave(self) -> None:
        self.drain()
        self.condition = Condition.GONE
        self.reset()


def _stamp(more: Sequence[tuple[int, int, bytes]]) -> float:
    """When a datagram arrived, by the kernel's word."""
    for level, kind, data in more:
        if (level, kind) == (socket.SOL_SOCKET, TIMESTAMPS):
            seconds, nanoseconds = struct.unpack("ll", data[:16])
            return float(seconds + nanoseconds / 1e9)
    return time.time()

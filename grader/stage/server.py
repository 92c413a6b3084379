"""The server under test: started, found, watched, signalled, ended. It is never connected to in order to see if it is up.

Readiness is the kernel's word: a socket of this server's own processes is in the state LISTEN. The assigned port counts;
where the server listens on another port only, that one is found and driven, and the finding is the check's affair.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
from collections.abc import Collection
from dataclasses import dataclass

from grader.model import LOOPBACK
from grader.stage import processes, sockdiag
from grader.stage.box import Box
from grader.stage.limits import SERVER, Limits
from grader.stage.output import KEPT, LOUD, Heard, Output
from grader.stage.place import search_path

DATAGRAMS = 1 << sockdiag.CLOSE | 1 << sockdiag.ESTABLISHED
"""The states of a socket for datagrams: one for everybody, one for somebody."""
ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}  # noqa: S104 - what a row of the kernel's list says, not a bind


@dataclass(frozen=True, slots=True)
class Listener:
    """Where the server listens: host as the kernel shows it, port, and how many connections wait to be accepted."""

    host: str
    port: int
    waiting: int
    transport: str = "tcp"

    @property
    def address(self) -> tuple[str, int]:
        """Where a client of this machine connects to."""
        host = self.host.removeprefix("::ffff:")  # how Java writes an IPv4 address
        return ANY_HOST.get(host, host), self.port


def environment() -> dict[str, str]:
    """All that a server's environment holds: nothing of the grader's own leaks in."""
    return {
        "PATH": search_path(),
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # What a C compiler's address sanitizer does at the end traces the process, which no sandbox allows: it would fail.
        "ASAN_OPTIONS": "detect_leaks=0",
    }


class Server:
    """One started server. `argv` is the whole command; `heard` is told what it prints."""

    def __init__(
        self, box: Box, argv: list[str], heard: Heard, variables: dict[str, str] | None = None,
        *, transports: Collection[str] = ("tcp",), shared: bool = False, limits: Limits = SERVER,
    ) -> None:  # fmt: skip
        self.box = box
        self.transports = frozenset(transports)
        self.datagrams = datagrams = "udp" in self.transports
        self._shared = shared
        """Whether others listen in its network, too."""
        self._lost = self._underway() if datagrams else 0
        """What sockets that were closed took with them: it will never be counted."""
        self._left: int | None = None
        self.argv = argv
        self.noted_end = False
        self.exit_status_kept: int | None = None
        self.output = Output(heard)
        self._inner, self.pidfd = box.start(argv, variables or environment(), self.output.descriptors, limits)
        self.output.started()

    @property
    def ended(self) -> bool:
        """Whether the started process has ended."""
        return bool(select.select([self.pidfd], [], [], 0)[0])

    @property
    def failed(self) -> bool:
        """Whether it has ended for good: with an error, or without leaving a process that goes on, as one that is a daemon does."""
        return self.ended and (self.exit_status() != 0 or not processes.look(self.own(), waits=False))

    def exit_status(self) -> int | None:
        """Its exit status; negative: the signal that ended it. None while it runs, or if nobody saw the end."""
        return self.box.exit_status(self._inner) if self.ended else None

    def own(self) -> list[int]:
        """Its own processes, without those of other programs that were started in its box."""
        found, others = self.living(), self.box.others
        return [pid for pid in found if processes.session(pid) not in others] if others else found

    def living(self) -> list[int]:
        """Every process in its box that has not ended, daemons that it made included."""
        found = processes.descendants(self.box.agent)
        if self.box.extra.traced:
            tracers = {processes.tracer(pid) for pid in found}
            found = [pid for pid in found if pid not in tracers]
        return found

    def listeners(self) -> list[Listener]:
        """Where the server listens now."""
        rows = [("tcp", row) for row in self.box.diag.rows()] if "tcp" in self.transports else []
        rows += [("udp", row) for row in self.box.diag.datagram_rows()] if self.datagrams else []
        # Our clients' sockets are bound, too, and others may listen.
        if rows and (self.datagrams or self._shared or not self.box.rung.own_network):
            own = processes.socket_inodes(self.own())
            rows = [(transport, row) for transport, row in rows if row.inode in own]
        return [Listener(row.here[0], row.here[1], row.unread, transport) for transport, row in rows]

    def unread(self) -> int:
        """Bytes of datagrams that wait for a program of the box to read them."""
        if not self.datagrams:
            return 0
        inodes = processes.socket_inodes(self.living())
        return sum(row.unread for row in self.box.diag.datagram_rows() if row.inode in inodes)

    def flying(self) -> bool:
        """Whether a datagram is on its way: one was sent, and the kernel has neither queued, handed out nor dropped it.

        The counters are of the box's own network, whose only senders are the server and our clients. What waits in a
        queue has woken its reader, so only where all queues are empty does a difference mean anything.
        """
        if not self.datagrams or not self.box.rung.own_network or self.unread():
            return False
        underway, before = self._underway(), self._left
        if not self._sockets():
            # What its sockets held when it ended or closed them was thrown away uncounted. What it had sent before arrives all the
            # same: only a count that stays as it was from one look to the next says that all of it has.
            self._left = underway
            return underway != before
        return underway > self._lost

    def _sockets(self) -> bool:
        """Whether the server holds any socket for datagrams."""
        living = self.living()
        rows = self.box.diag.rows(DATAGRAMS, socket.IPPROTO_UDP) if living else []
        return bool({row.inode for row in rows} & processes.socket_inodes(living)) if rows else False

    def _underway(self) -> int:
        with open(f"/proc/{self.box.agent}/net/snmp", encoding="ascii") as lines:
            names, values = (line.split()[1:] for line in lines if line.startswith("Udp: "))
        counted = dict(zip(names, map(int, values), strict=True))
        return counted["OutDatagrams"] - counted["InDatagrams"] - counted["NoPorts"] - counted["InErrors"]

    def signal(self, name: str) -> None:
        """Send a signal by name (``SIGTERM``) to the started process, or to all that it has left behind; none may be there."""
        left = self.own() if self.ended else []
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.Signals[name])
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.Signals[name])

    def close(self) -> None:
        """Forget the server. The box ends its processes (`Box.clear`), which must have been done before."""
        self.output.close()
        os.close(self.pidfd)
        printed = sum(self.output.total.values())
        if printed > LOUD:
            self.box.meet("output", printed, KEPT)


def chosen(listeners: list[Listener], port: int, host: str = LOOPBACK) -> Listener | None:
    """The listener to drive: on the assigned port if there is one, else the one on the lowest port."""
    assigned = [x for x in listeners if x.port == port]
    reachable = [x for x in assigned if x.address[0] == host or x.host in ANY_HOST]
    return next(iter(reachable or assigned or sorted(listeners, key=lambda x: x.port)), None)

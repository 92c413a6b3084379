"""Clients that are called: the server under test connects to the grader, which is the server behind it.

A proxy, a mirror, a bot, and a server that opens a second connection for data call somebody. Each such kind of client has
a port of its own, which listens before the server starts and is told to it as `<port-of-…>`; `up (accepts)` takes the
connection that waits there longest. That nobody has called is proven like all silence: the server is quiet.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator
from functools import partial

from grader.clients.carrier import Carrier
from grader.clients.client import Client
from grader.clients.record import Record
from grader.conduct.given_up import GivenUp
from grader.conduct.ports import Ports
from grader.conduct.waiting import Waiter, either
from grader.errors import HarnessError
from grader.judge.ports import OWN_PORT
from grader.model import Kind, Role, Spec
from grader.model.roles import port_of
from grader.stage.box import Box
from grader.wire.framings import framing

WAITING = 128
ANYBODY = "0.0.0.0"  # noqa: S104 - of the box's own network; where it has none, as the servers that are graded there


class Called:
    """The listening sockets of one check."""

    def __init__(self, box: Box, record: Record, waiter: Waiter, spec: Spec, ports: Ports) -> None:
        self._box = box
        self._record = record
        self._waiter = waiter
        self._spec = spec
        self._ports = ports
        self._sockets: dict[str, socket.socket] = {}
        self._listening = False
        self._networks: list[Role] = []
        self.known = {port_of(name): str(port) for name, port in ports.others.items()}
        """The values that plays have of these ports."""

    def listen(self) -> None:
        """Begin to listen, before the server starts. Only the first time counts."""
        if self._listening:
            return
        self._listening = True
        for role in self._spec.roles:
            if role.listens:
                self._record.note(role.name, Kind.NOTED, note=f"{OWN_PORT} {self._ports.others[role.name]}")
            if role.called:
                made = self._sockets[role.name] = self._bound(role, "4")
                made.listen(WAITING)
                made.setblocking(False)
            elif role.carries:
                self._networks.append(role)

    def networks(self, to: Callable[[Role], tuple[str, int]]) -> Iterator[Carrier]:
        """The networks between programs, made where they are first asked for; `to` says who stands behind each."""
        while self._networks:
            role = self._networks.pop()
            front = self._bound(role, "U")
            yield Carrier(role.name, front, self._record, partial(to, role), partial(self._box.socket, "U"))

    def _bound(self, role: Role, kind: str) -> socket.socket:
        """A socket at the role's own port."""
        made = self._box.socket(kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(kind != "U"))
        try:
            made.bind((ANYBODY, self._ports.others[role.name]))
        except OSError as problem:
            raise HarnessError("grader-error", what=f"port {self._ports.others[role.name]}: {problem}") from problem
        return made

    def accept(self, name: str, step: int) -> Client:
        """Take the next connection of the server's. Raises GivenUp."""
        role = self._spec.role_of(name)
        listening = self._sockets[role.name if role is not None else name]
        waited = self._waiter.until(lambda: _readable(listening), pause=lambda seconds: either([listening], seconds))
        if not waited.seen:
            raise GivenUp(name, "never-called", waited)
        taken, there = listening.accept()
        client = Client(name, taken, self._record, framing(self._spec.protocol_of(name)))
        client.there = there[:2]
        client.begin(step)
        return client

    def close(self) -> None:
        """Listen no more; the server has been ended."""
        for listening in self._sockets.values():
            listening.close()
        self._sockets.clear()


def _readable(listening: socket.socket) -> bool:
    return bool(select.select([listening], [], [], 0)[0])

"""The acts of a play: what clients are made to do, each paced by what the server has taken in.

Pacing keeps a correct server from being failed by our haste. A connection is opened when the one before it has been
accepted, so nobody's backlog overflows; an act begins when the server has taken in the act before it, so what stands in
order in a play happens in that order (`pacing.py`).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from grader.clients.client import Client, Condition
from grader.clients.datagrams import DatagramClient
from grader.clients.readers import Readers
from grader.clients.record import Record
from grader.clients.tls import TlsClient
from grader.conduct.afterwards import Allowance, afterwards
from grader.conduct.called import Called
from grader.conduct.given_up import GivenUp
from grader.conduct.making import made, port_called
from grader.conduct.pacing import PACE, Pacing
from grader.conduct.ports import carried, ports_of
from grader.conduct.program_client import ProgramClient
from grader.conduct.programs import Programs
from grader.conduct.server_acts import ServerActs
from grader.conduct.surroundings import Surroundings
from grader.conduct.waiting import Waited, Waiter, either
from grader.errors import HarnessError
from grader.judge.follow import Follow
from grader.judge.laws import OPENING
from grader.judge.tidy import audit_note
from grader.model import SERVER, Command, Evidence, Kind, Line, Spec, Verb
from grader.stage.box import Box
from grader.wire.doors import BROKE
from grader.wire.values import NoNumber


class Acts:
    """Everything that a play can do, on one box."""

    def __init__(
        self, box: Box, record: Record, clients: dict[str, Client], readers: Readers, waiter: Waiter, follow: Follow,
        *, argv: list[str], port: int, seed: int, spec: Spec, command: Command, program: Command | None = None,
    ) -> None:  # fmt: skip
        ports = ports_of(spec, port)
        self.server = ServerActs(box, record, waiter, argv, port, command, listening=ports)
        self._box = box
        self._record = record
        self._clients = clients
        self._readers = readers
        self._waiter = waiter
        self._follow = follow
        self._seed = seed
        self._spec = spec
        self.pace = Pacing(waiter, box.diag, unread=lambda: self.server.unread)
        self._programs = Programs(box, record, waiter, program, spec, ports)
        self._called = Called(box, record, waiter, spec, ports)
        self.server.before = self._prepare
        self._around = Surroundings(record, clients, readers, waiter, lambda: self.server.running)
        waiter.on_the_way.inside = bool(spec.programs) or ports.shared
        self._doings: dict[Verb, Callable[[Line], None]] = {
            Verb.SEND: self._send, Verb.SEND_RAW: self._send_raw, Verb.CONNECTS: self._connect, Verb.ACCEPTS: self._accept,
            Verb.LEAVES: lambda line: self._leave(line, Kind.CLOSED), Verb.HALF_CLOSES: lambda line: self._leave(line, Kind.HALF_CLOSED),
            Verb.CRASHES: self._crash, Verb.FREEZES: self._freeze, Verb.THAWS: self._thaw,
            **self._around.doings, **self.server.doings,
            Verb.EXITS: self._exits,
        }  # fmt: skip

    def _prepare(self) -> None:
        """Whatever has to be there before the server starts."""
        self._called.listen()
        for network in self._called.networks(lambda role: self.server.address_of(role.port, "udp")):
            self._clients[network.name] = network
            self._readers.add(network)
        self._follow.known.update(self._called.known)

    def do(self, line: Line) -> None:
        """Perform one act. Raises GivenUp."""
        if line.block is None or line.block.kind != "together":
            self.pace.taken_in(line)
        if line.who == (SERVER,):
            self._around.stopped = line.verb in (Verb.STOPS, Verb.EXITS)
        try:
            self._doings[line.verb](line)
            self.pace.acted(line)
        except NoNumber as wrong:
            raise GivenUp(line.who[0], f"no-number {wrong.text[:40]}", Waited(True, Evidence.SEEN)) from wrong

    def _connect(self, line: Line) -> None:
        for name in line.who:
            self.pace.read()
            self._connect_one(name, line)

    def _accept(self, line: Line) -> None:
        for name in line.who:
            self._forget(name)
            client = self._clients[name] = self._called.accept(name, line.step)
            self._readers.add(client)

    def _forget(self, name: str) -> None:
        old = self._clients.get(name)
        if old is not None:
            self._readers.drop(old)
            old.hang_up()  # no play asked for a reset here

    def _connect_one(self, name: str, line: Line) -> None:
        step = line.step
        self._forget(name)
        port = port_called(self._spec, self._follow, name, line, self._seed)
        address = self.server.address_of(port, carried(self._spec.protocol_of(name).transport))
        if name in self._programs:
            self._clients[name] = self._programs.start(name, address, step)
            self.pace.gave(self._clients[name])
            self._programs.await_listener(name, self._clients[name])
            return
        client = made(self._box, self._record, self._spec, name, address[0])
        self._clients[name] = client
        begun = client.connect(address)
        if begun == errno.EINPROGRESS:
            waited = self._waiter.until(
                lambda: client.connected() is not None, pause=lambda s: either([client.socket], s, write=True)
            )
            begun = (client.connected() or 0) if waited.seen else errno.ETIMEDOUT
        else:
            waited = Waited(True, Evidence.SEEN)
        if begun:
            self._record.note(name, Kind.REFUSED, note=os.strerror(begun), step=step)
            raise GivenUp(name, "refused" if begun == errno.ECONNREFUSED else "not-accepted", waited)
        client.begin(step)
        self._readers.add(client)
        self.pace.gave(client)
        if isinstance(client, TlsClient):
            self._secure(client)
        if client.framing.opening:
            self._open(client, step)

    def _secure(self, client: TlsClient) -> None:
        """Agree on TLS, before anything is said."""
        client.shake_hands()
        waited = self._opened(client, lambda: client.secured)
        if not client.secured:
            raise GivenUp(client.name, f"no-tls {client.refused}".strip(), waited)

    def _opened(self, client: Client, done: Callable[[], bool]) -> Waited:
        pause = self._readers.attending([client]) if self._readers.crowd else None
        return self._waiter.until(
            lambda: done() or client.framing.broken is not None or client.at_end,
            pause=pause,
        )

    def _open(self, client: Client, step: int) -> None:
        """What a client says before the first message, and the server's answer to it."""
        self._write(client.name, client.framing.opening, step, OPENING)
        waited = self._opened(client, lambda: client.framing.ready)
        if not client.framing.ready:
            raise GivenUp(client.name, "no-handshake", waited)

    def _send(self, line: Line) -> None:
        template = self._follow.template(line)
        for number in range(1, line.times + 1):
            for name in line.who:
                text = template.fill(self._follow.known, number=number, seed=self._seed)
                if name == SERVER:
                    self.server.type_line(text, line.step)
                    self._waiter.until(lambda: self.server.has_read, pause=lambda s: either([], PACE))
                    continue
                self._write(name, self._clients[name].framing.outgoing(text), line.step)

    def _send_raw(self, line: Line) -> None:
        template = self._follow.template(line)
        for number in range(1, line.times + 1):
            for name in line.who:
                for at, piece in enumerate(template.pieces(self._follow.known, number=number, seed=self._seed)):
                    if at:
                        self.pace.read()
                    self._write(name, piece, line.step)

    def _write(self, name: str, data: bytes, step: int, note: str = "") -> None:
        """Send everything, at the pace at which the server takes it."""
        client = self._clients[name]
        self.pace.gave(client)
        with client.writing:
            self._record.note(name, Kind.SENT, data, note, step)
            if isinstance(client, ProgramClient):
                client.type(data)
                return
            if isinstance(client, DatagramClient):
                client.send_datagram(data)
            else:
                self._write_all(client, memoryview(data))
        client.answer()

    def _write_all(self, client: Client, left: memoryview) -> None:
        while left or client.unsent:
            sent = client.send_some(left)
            if sent < 0:
                return  # the server has cut the connection; what that means shows in what then does not come
            left = left[sent:]
            if (left or client.unsent) and not sent:
                waited = self._waiter.until(
                    lambda: client.writable, pause=lambda s: either([client.socket], s, write=True)
                )
                if not waited.seen:
                    row = self._box.diag.server_end(client.here, client.there)
                    raise GivenUp(client.name, f"not-read {row.unread if row else 0}", waited)

    def _leave(self, line: Line, kind: Kind) -> None:
        for name in line.who:
            client = self._clients[name]
            if client.condition is Condition.CUT:
                self._readers.drop(client)
            elif kind is Kind.CLOSED and (last := client.framing.closing()):
                self._write(name, last, line.step, OPENING)
            client.half_close(kind, line.step)
            self.pace.gave(client)
            self.pace.left(client)

    def _crash(self, line: Line) -> None:
        for name in line.who:
            self._readers.drop(self._clients[name])
            self._clients[name].crash(line.step)
            self.pace.left(self._clients[name])

    def _freeze(self, line: Line) -> None:
        for name in line.who:
            client = self._clients[name]
            self._readers.drop(client)
            client.frozen = True
            self._record.note(name, Kind.FROZEN, step=line.step)

    def _thaw(self, line: Line) -> None:
        for name in line.who:
            client = self._clients[name]
            client.frozen = False
            self._record.note(name, Kind.THAWED, step=line.step)
            self._readers.add(client)

    def _exits(self, line: Line) -> None:
        for name in line.who:
            if name == SERVER:
                self.server.exits(line)
            else:
                self._programs.exits(self._clients[name], line)

    def afterwards(self, allowance: Allowance) -> None:
        """Note what is left when the last client has gone. Of a crowd that costs too much; a program that is a client is ours."""
        server = self.server.running
        if server is None or self._waiter.on_the_way.inside or self._readers.crowd:
            return
        self.server.keep_status()
        self._readers.stop()
        left = afterwards(server, list(self._clients.values()), self._box.diag, allowance)
        if left is not None:
            self._record.note(SERVER, Kind.NOTED, note=audit_note(left))

    def complain_of_framings(self) -> None:
        """A framing of the instructor's own that broke is nobody's fault who is graded. Raises HarnessError."""
        for client in self._clients.values():
            if client.framing.fault:
                raise HarnessError(BROKE, what=client.framing.fault)

    def close(self, *, keep: bool = False) -> None:
        """End the server first, then our sockets by reset: so no TIME_WAIT is left that the next server could meet.

        With `keep` the server goes on running if it can, and our clients leave in good order.
        """
        if keep and self.server.keep():
            self._readers.stop()
            for client in self._clients.values():
                client.hang_up()
            return
        try:
            self.server.keep_status()
            self._box.kill()
        finally:
            self._readers.stop()
            for client in self._clients.values():
                client.reset()
            self.server.close()
            self._called.close()
        self._box.clear()

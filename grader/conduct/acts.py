"""The acts of a play: what clients and the server are made to do, each paced by what the server has taken in.

Pacing keeps a correct server from being failed by our haste. A connection is opened when the one before it has been
accepted, so nobody's backlog overflows; an act begins when the server has read the act before it, so what stands in
order in a play happens in that order. If a server never reads or accepts, that is not judged here: once it is quiet, the
play goes on, and what then does not come is.
"""

from __future__ import annotations

import errno
import os
import select
import socket
from collections.abc import Callable, Sequence

from grader.clients.client import Client, Condition
from grader.clients.readers import Readers
from grader.clients.record import Record
from grader.conduct.waiting import Waited, Waiter
from grader.judge.follow import Follow
from grader.model import SERVER, Evidence, Kind, Line, ServerFacts, Verb
from grader.stage import sockdiag
from grader.stage.box import Box
from grader.stage.server import Listener, Server, chosen
from grader.wire.framing import FRAMINGS

READY_SECONDS, STOP_SECONDS = 5.0, 2.0
LOOK_EVERY = 4
PACE = 0.0001
KINDS = {"out": Kind.OUTPUT, "err": Kind.ERRORS}


class GivenUp(Exception):
    """An act could not be done: `note` says why in a finding's code, `waited` how that became known."""

    def __init__(self, who: str, note: str, waited: Waited) -> None:
        super().__init__(note)
        self.who = who
        self.note = note
        self.waited = waited


class Acts:
    """Everything that a play can do, on one box."""

    def __init__(
        self, box: Box, record: Record, clients: dict[str, Client], readers: Readers, waiter: Waiter, follow: Follow,
        *, argv: list[str], port: int, seed: int, framing: str,
    ) -> None:  # fmt: skip
        self._box = box
        self._record = record
        self._clients = clients
        self._readers = readers
        self._waiter = waiter
        self._follow = follow
        self._argv = [a.replace("<port>", str(port)) for a in argv]
        self._port = port
        self._seed = seed
        self._framing = framing
        self._server: Server | None = None
        self._listener: Listener | None = None
        self._ready_after: float | None = None
        self._last: list[Client] = []
        self._signalled = ""
        self._doings: dict[Verb, Callable[[Line], None]] = {
            Verb.SEND: self._send, Verb.SEND_RAW: self._send_raw, Verb.CONNECTS: self._connect,
            Verb.LEAVES: lambda line: self._leave(line, Kind.CLOSED), Verb.HALF_CLOSES: lambda line: self._leave(line, Kind.HALF_CLOSED),
            Verb.CRASHES: self._crash, Verb.FREEZES: self._freeze, Verb.THAWS: self._thaw,
            Verb.LISTENS: self._note, Verb.IS_RUNNING: self._running, Verb.GETS: self._signal, Verb.STOPS: self._stops,
            Verb.STARTS: self._starts, Verb.RESTARTS: self._restarts,
        }  # fmt: skip

    def do(self, line: Line) -> None:
        """Perform one act. Raises GivenUp."""
        if line.block is None or line.block.kind != "together":
            self._taken_in()
        self._doings[line.verb](line)

    # -- the server -------------------------------------------------------------------------------------------------

    def start(self, step: int | None) -> bool:
        """Start the server and wait until it listens; False, and recorded why, if it never will."""
        try:
            self._launch(step)
        except GivenUp as given:
            self._record.note(SERVER, Kind.WAITED, note=str(given.waited.evidence))
            self._record.note(SERVER, Kind.GAVE_UP, note=given.note, step=step)
            return False
        return True

    def _launch(self, step: int | None) -> None:
        began = self._record.now
        self._record.note(SERVER, Kind.STARTED, note=" ".join(self._argv))
        server = Server(self._box, self._argv, self._printed)
        if self._server is not None:
            self._server.close()
        self._server = server
        self._waiter.watch(server)
        found: list[Listener] = []
        turn = 0

        def listening() -> bool:
            nonlocal turn
            turn += 1
            found[:] = server.listeners()
            return server.ended or any(x.port == self._port for x in found)

        def pause(seconds: float) -> None:
            # The wait proper looks at every thread each time; while a program starts, its sockets tell more for less.
            for _ in range(LOOK_EVERY):
                if select.select([server.pidfd], [], [], 0.001)[0] or listening():
                    return

        waited = self._waiter.until(
            listening, deadline=READY_SECONDS, horizon=READY_SECONDS, trust_cycles=False, pause=pause
        )
        found[:] = server.listeners()
        if not found:
            self._waiter.note_end()
            raise GivenUp(SERVER, "exited-early" if server.ended else "never-listens", waited)
        self._listener = chosen(found, self._port)
        self._ready_after = self._record.now - began
        self._record.note(SERVER, Kind.LISTENING, note=str(self._listener.port if self._listener else 0))

    def _printed(self, stream: str, data: bytes) -> None:
        self._record.note(SERVER, KINDS[stream], data)

    def _note(self, line: Line) -> None:
        self._record.note(SERVER, Kind.NOTED, note="looked", step=line.step)

    def _running(self, line: Line) -> None:
        self._waiter.note_end()
        self._note(line)

    def _signal(self, line: Line) -> None:
        self._record.note(SERVER, Kind.SIGNALLED, note=line.argument, step=line.step)
        self._signalled = line.argument
        self._running_server().signal(line.argument)

    def _stops(self, line: Line) -> None:
        if (waited := self._ended()) is not None:
            ended = self._running_server().ended
            raise GivenUp(SERVER, "still-listens" if ended else f"did-not-stop {self._signalled}", waited)
        self._note(line)

    def _ended(self) -> Waited | None:
        """Wait until the server has ended and nothing listens any more; how that was given up, if it does not."""
        server = self._running_server()
        done = lambda: server.ended and not server.listeners()  # noqa: E731 - said once, read below
        pause = lambda seconds: _either([server.pidfd], seconds)  # noqa: E731
        waited = self._waiter.until(
            done, deadline=STOP_SECONDS, horizon=STOP_SECONDS, trust_cycles=False, pause=None if server.ended else pause
        )
        self._waiter.note_end()
        return None if waited.seen else waited

    def _starts(self, line: Line) -> None:
        self._record.note(SERVER, Kind.NOTED, note="started-again", step=line.step)
        self._launch(line.step)

    def _restarts(self, line: Line) -> None:
        """End it politely, or by force where it does not listen: whether it stops is another check's question."""
        left = [
            r
            for r in self._box.diag.rows(1 << sockdiag.TIME_WAIT)
            if self._listener and r.here[1] == self._listener.port
        ]
        self._record.note(SERVER, Kind.SIGNALLED, note="SIGTERM", step=line.step)
        self._running_server().signal("SIGTERM")
        if self._ended() is not None:
            self._box.kill()
            self._waiter.note_end()
        self._record.note(SERVER, Kind.NOTED, note=f"time-wait {len(left)}")
        self._launch(line.step)

    def _running_server(self) -> Server:
        if self._server is None:
            raise RuntimeError("the server was not started")
        return self._server

    # -- clients ----------------------------------------------------------------------------------------------------

    def _connect(self, line: Line) -> None:
        for name in line.who:
            self._connect_one(name, line.step)

    def _connect_one(self, name: str, step: int) -> None:
        old = self._clients.get(name)
        if old is not None:
            self._readers.drop(old)
            old.reset()
        client = Client(name, self._box.socket(), self._record, FRAMINGS.get(self._framing)())
        self._clients[name] = client
        host, port = self._listener.address if self._listener else ("127.0.0.1", self._port)
        begun = client.connect(("127.0.0.1" if ":" not in host else host, port))
        if begun == errno.EINPROGRESS:
            waited = self._waiter.until(
                lambda: client.connected() is not None, pause=lambda s: _either([client.socket], s, write=True)
            )
            begun = (client.connected() or 0) if waited.seen else errno.ETIMEDOUT
        else:
            waited = Waited(True, Evidence.SEEN)
        if begun:
            self._record.note(name, Kind.REFUSED, note=os.strerror(begun), step=step)
            raise GivenUp(name, "refused" if begun == errno.ECONNREFUSED else "not-accepted", waited)
        client.begin(step)
        self._readers.add(client)
        self._last = [client]

    def _send(self, line: Line) -> None:
        template = self._follow.template(line)
        end = FRAMINGS.get(self._framing)()
        self._last = []
        for number in range(1, line.times + 1):
            for name in line.who:
                text = template.fill(self._follow.known, number=number, seed=self._seed)
                self._write(name, end.encode(text.encode("utf-8", "surrogateescape")), line.step)

    def _send_raw(self, line: Line) -> None:
        template = self._follow.template(line)
        for number in range(1, line.times + 1):
            for name in line.who:
                for at, piece in enumerate(template.pieces(self._follow.known, number=number, seed=self._seed)):
                    if at:
                        self._taken_in()
                    self._write(name, piece, line.step)
                    self._last = [self._clients[name]]

    def _write(self, name: str, data: bytes, step: int) -> None:
        """Send everything, at the pace at which the server takes it."""
        client = self._clients[name]
        if client not in self._last:
            self._last.append(client)
        self._record.note(name, Kind.SENT, data, step=step)
        left = memoryview(data)
        while left:
            sent = client.send_some(left)
            if sent < 0:
                return  # the server has cut the connection; what that means shows in what then does not come
            left = left[sent:]
            if left and not sent:
                waited = self._waiter.until(
                    lambda: _writable(client), pause=lambda s: _either([client.socket], s, write=True)
                )
                if not waited.seen:
                    row = self._box.diag.server_end(client.here, client.there)
                    raise GivenUp(name, f"not-read {row.unread if row else 0}", waited)

    def _leave(self, line: Line, kind: Kind) -> None:
        for name in line.who:
            client = self._clients[name]
            if client.condition is Condition.CUT:
                self._readers.drop(client)
            client.half_close(kind, line.step)
            self._last = [client]

    def _crash(self, line: Line) -> None:
        for name in line.who:
            self._readers.drop(self._clients[name])
            self._clients[name].crash(line.step)

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

    def _taken_in(self) -> None:
        """Wait until the server has accepted and read what the last act gave it."""
        last, self._last = self._last, []
        if last:
            self._waiter.until(lambda: all(self._read(client) for client in last), pause=lambda s: _either([], PACE))

    def _read(self, client: Client) -> bool:
        if client.condition is not Condition.CONNECTED or client.frozen:
            return True
        row = self._box.diag.server_end(client.here, client.there)
        return row is None or (row.inode != 0 and row.unread == 0 and row.received >= client.sent)

    # -- the end ----------------------------------------------------------------------------------------------------

    def facts(self) -> ServerFacts:
        """How the server was run."""
        listening = self._listener.port if self._listener else None
        status = self._server.exit_status_kept if self._server else None
        return ServerFacts(tuple(self._argv), self._port, listening, self._ready_after, status)

    def close(self) -> None:
        """End the server first, then our sockets by reset: so no TIME_WAIT is left that the next server could meet."""
        try:
            if self._server is not None:
                self._server.exit_status_kept = self._server.exit_status()
            self._box.kill()
        finally:
            self._readers.stop()
            for client in self._clients.values():
                client.reset()
            if self._server is not None:
                self._server.close()
        self._box.clear()


def _writable(client: Client) -> bool:
    return bool(select.select([], [client.socket], [], 0)[1])


def _either(descriptors: Sequence[int | socket.socket], seconds: float, *, write: bool = False) -> None:
    """Wait for a descriptor, at most so long."""
    none: list[int] = []
    select.select(none if write else descriptors, descriptors if write else none, none, seconds)

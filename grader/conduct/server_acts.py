"""What a play does to the server: start it, signal it, wait until it stops, start it again.

A server is ready when the kernel says that it listens, and stopped when its processes have ended and nothing listens any
more. Both waits end early when they are proven to be in vain.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence

from grader.clients.record import Record
from grader.conduct.given_up import GivenUp
from grader.conduct.lasting import Kept
from grader.conduct.own_time import OwnTime
from grader.conduct.ports import Ports
from grader.conduct.tidying import look_closely
from grader.conduct.waiting import Waited, Waiter, either
from grader.judge.ports import PRINTED_PORT
from grader.model import ANYWHERE, LOOPBACK, SERVER, Command, Kind, Line, ServerFacts, Verb
from grader.model.commands import MOST_PORTS, PORTS
from grader.stage import sockdiag
from grader.stage.box import Box
from grader.stage.launchers import prepared
from grader.stage.prompts import MOST_KEPT, Prompts
from grader.stage.server import Listener, Server, chosen

READY_SECONDS, STOP_SECONDS = 5.0, 2.0
LOOK_EVERY = 4
PLAIN = Command("")
KINDS = {"out": Kind.OUTPUT, "err": Kind.ERRORS}


class ServerActs:
    """The server of one check, and what a play can do to it. `listener` is where clients find it."""

    def __init__(
        self, box: Box, record: Record, waiter: Waiter, argv: Sequence[str], port: int, command: Command = PLAIN,
        *, listening: Ports | None = None,
    ) -> None:  # fmt: skip
        self.before: Callable[[], None] = lambda: None
        self.listener: Listener | None = None
        self.given_up: Waited | None = None
        """How the start was given up, if it was."""
        self._box = box
        self._listening = listening or Ports()
        self._found: list[Listener] = []
        self._record = record
        self._waiter = waiter
        ports = [port + n for n in range(MOST_PORTS)]
        self._start = prepared(command, argv, ports, box.view.work, self._listening.others)
        self._port = next(iter(self._start.ports), 0)
        self._prompts: Prompts | None = None
        self._printed_port: int | None = None
        self._words = self._signalled = ""
        self._server: Server | None = None
        self._clock: OwnTime | None = None
        self._ready_after: float | None = None
        self._status_kept = False
        self.doings: dict[Verb, Callable[[Line], None]] = {
            Verb.LISTENS: self._note,
            Verb.IS_RUNNING: self._running,
            Verb.GETS: self._signal,
            Verb.STOPS: self._stops,
            Verb.STARTS: self._starts,
            Verb.RESTARTS: self._restarts,
            Verb.IS_TIDY: self._tidy,
        }

    def start(self, step: int | None) -> bool:
        """Start the server and wait until it listens; False, and recorded why, if it never will."""
        ahead = self._server is not None
        try:
            if not ahead:
                self.spawn()
            self._await_listener(measured=not ahead)
        except GivenUp as given:
            self.given_up = given.waited
            self._record.note(SERVER, Kind.WAITED, note=str(given.waited.evidence))
            self._record.note(SERVER, Kind.GAVE_UP, note=given.note, step=step)
            return False
        return True

    def spawn(self) -> None:
        """Start the server, and wait for nothing; or take over the one that is still running."""
        if self._server is None and isinstance(self._box.kept, Kept):
            self._take_over(self._box.kept)
            return
        self.before()
        start = self._start
        self._record.note(SERVER, Kind.STARTED, note=" ".join(start.argv))
        for name, content in start.files.items():
            self._box.write(name, content)
        self._words, self._printed_port = "", None
        prompts = self._prompts = Prompts(start.answers)
        server = self._listening.server(self._box, start, self._printed)
        if self._server is not None:
            self._server.close()
        self._server = server
        prompts.begin(self.type_line)
        self._clock = OwnTime(server)
        self._waiter.watch(server)

    def _take_over(self, kept: Kept) -> None:
        self._box.kept = None
        self._start, self._port, self._printed_port = kept.start, kept.port, kept.printed_port
        self._server = kept.taken_over(self._record, self._printed)
        self._clock = OwnTime(self._server)
        self._waiter.watch(self._server)
        self._waiter.quiet()  # who left the check before is still leaving

    def keep(self) -> bool:
        """Leave the server running for the next check, if it can."""
        if self._server is None or self._server.ended or self._signalled:
            return False
        self._box.kept = Kept(self._server, self._start, self._port, self._printed_port)
        return True

    def _await_listener(self, *, measured: bool = True) -> None:
        """Wait until the server listens. `measured`: it was started just now, so how long it took is known."""
        server, began = self._running_server(), self._record.now
        found: list[Listener] = []

        def listening() -> bool:
            found[:] = server.listeners()
            there = {(x.transport, x.port) for x in found}
            wanted = bool(there) and not self._listening.missing(there, self._start.ports)
            return server.failed or (wanted and (self._start.printed is None or self._printed_port is not None))

        def pause(seconds: float) -> None:
            # The wait proper looks at every thread each time; while a program starts, its sockets tell more for less.
            for _ in range(LOOK_EVERY):
                if select.select([] if server.ended else [server.pidfd], [], [], 0.001)[0] or listening():
                    return

        waited = self._waiter.until(
            listening,
            deadline=READY_SECONDS,
            horizon=READY_SECONDS,
            trust_cycles=False,
            pause=pause,
            clock=self._clock,
        )
        found[:] = server.listeners()
        if not found:
            self._waiter.note_end()
            raise GivenUp(SERVER, "exited-early" if server.failed else "never-listens", waited)
        if not self._start.ports and self._start.printed is None:
            self._waiter.rest()  # it may open more than one
            found[:] = server.listeners() or found
        self._found = found
        self.listener = self._chosen(self._listening.first) or self._chosen(None)
        self._ready_after = self._record.now - began if measured else None
        if self._start.printed is not None:
            self._record.note(SERVER, Kind.NOTED, note=f"{PRINTED_PORT} {self._printed_port or 0}")
        for note in self._listening.notes(found, self._start.ports, self.listener, self.address[0]):
            self._record.note(SERVER, Kind.NOTED, note=note)
        self._record.note(SERVER, Kind.LISTENING, note=str(self.listener.port if self.listener else 0))

    def _chosen(self, transport: str | None) -> Listener | None:
        own = [x for x in self._found if transport in (None, x.transport)]
        return chosen(own, self._printed_port or self._port, self._start.host)

    def _printed(self, stream: str, data: bytes, cut: int) -> None:
        self._record.note(SERVER, KINDS[stream], data, cut=cut)
        if self._prompts is not None:
            self._prompts.hear(data)
        if self._start.printed is not None and self._printed_port is None:
            self._words = (self._words + data.decode(errors="replace"))[-MOST_KEPT:]
            said = self._start.printed.search(self._words)
            self._printed_port = int(said["port"]) if said else None

    @property
    def unread(self) -> bool:
        """Whether datagrams have not been read, or are on their way."""
        return self._server is not None and bool(self._server.unread() or self._server.flying())

    @property
    def has_read(self) -> bool:
        """Whether nothing that was typed waits to be read."""
        return self._server is None or self._server.ended or not self._server.output.untyped()

    def type_line(self, text: str, step: int | None = None) -> None:
        """Type a line at the server's terminal."""
        data = text.encode("utf-8", "surrogateescape") + b"\n"
        self._record.note(SERVER, Kind.TYPED, data, step=step)
        self._running_server().output.type(data)

    def _note(self, line: Line) -> None:
        self._record.note(SERVER, Kind.NOTED, note="looked", step=line.step)

    def _running(self, line: Line) -> None:
        self._waiter.note_end()
        self._note(line)

    def _tidy(self, line: Line) -> None:
        look_closely(self._running_server(), self._waiter, self._record, line.step)

    def _signal(self, line: Line) -> None:
        self._waiter.rest()  # a signal between two calls may be missed by an honest handler; in a wait it is not
        self._record.note(SERVER, Kind.SIGNALLED, note=line.argument, step=line.step)
        self._signalled = line.argument
        self._running_server().signal(line.argument)

    def _stops(self, line: Line) -> None:
        if (waited := self._ended()) is not None:
            ended = self._running_server().ended
            raise GivenUp(SERVER, "still-listens" if ended else f"did-not-stop {self._signalled}", waited)
        self._note(line)

    def exits(self, line: Line) -> None:
        """It must end by itself."""
        if (waited := self._ended()) is not None:
            raise GivenUp(SERVER, "did-not-exit", waited)
        self._note(line)

    def _ended(self) -> Waited | None:
        """Wait until the server has ended and nothing listens any more; how that was given up, if it does not."""
        server = self._running_server()
        done = lambda: server.ended and not server.listeners()  # noqa: E731 - said once, read below
        pause = lambda seconds: either([] if server.ended else [server.pidfd], seconds)  # noqa: E731
        waited = self._waiter.until(
            done, deadline=STOP_SECONDS, horizon=STOP_SECONDS, trust_cycles=False, pause=None if server.ended else pause
        )
        self._waiter.note_end()
        return None if waited.seen else waited

    def _starts(self, line: Line) -> None:
        self._record.note(SERVER, Kind.NOTED, note="started-again", step=line.step)
        self.spawn()
        self._await_listener()

    def _restarts(self, line: Line) -> None:
        """End it politely, or by force where it does not listen: whether it stops is another check's question."""
        self._waiter.rest()  # (see `_signal`); and what was closed has come to rest
        left = [
            r for r in self._box.diag.rows(1 << sockdiag.TIME_WAIT) if self.listener and r.here[1] == self.listener.port
        ]
        self._record.note(SERVER, Kind.SIGNALLED, note="SIGTERM", step=line.step)
        self._running_server().signal("SIGTERM")
        if self._ended() is not None:
            self._box.kill()
            self._waiter.note_end()
        self._record.note(SERVER, Kind.NOTED, note=f"time-wait {len(left)}")
        self.spawn()
        self._await_listener()

    def _running_server(self) -> Server:
        if self._server is None:
            raise RuntimeError("the server was not started")
        return self._server

    @property
    def running(self) -> Server | None:
        """The server that was started last; None if none was."""
        return self._server

    def opened(self) -> tuple[int, ...]:
        """The ports on which the server listens, once it is quiet, beside those that it was told."""
        self._waiter.quiet()
        return tuple(sorted({x.port for x in self._running_server().listeners()} - set(self._start.ports)))

    def address_of(self, port: str, transport: str) -> tuple[str, int]:
        """Where clients call who want one of several ports, by its name; the first one has none."""
        host, first = self.address
        if port in self._listening.others or port.isdecimal():
            return host, self._listening.others.get(port) or int(port)
        if transport != self._listening.first and (other := self._chosen(transport)) is not None:
            first = other.port
        return host, (self._start.ports[PORTS.index(port)] if port in PORTS[1 : len(self._start.ports)] else first)

    @property
    def address(self) -> tuple[str, int]:
        """Where clients call: what the assignment says, or, where that is free, where the server is found."""
        host, port = self._start.host, self._port
        if self.listener is not None:
            host, port = (self.listener.address[0] if host == ANYWHERE else host), self.listener.port
        return (LOOPBACK if host == ANYWHERE else host), port

    def facts(self) -> ServerFacts:
        """How the server was run."""
        listening = self.listener.port if self.listener else None
        status = self._server.exit_status_kept if self._server else None
        return ServerFacts(tuple(self._start.argv), self._port, listening, self._ready_after, status)

    def catch_up(self) -> None:
        """Record what the server has printed by now."""
        if self._server is not None:
            self._server.output.catch_up()

    def keep_status(self) -> None:
        """Remember how the server ended, if it did, before anything is done to it from outside. Only the first time counts."""
        if self._server is not None and not self._status_kept:
            self._server.exit_status_kept = self._server.exit_status()
            self._status_kept = True

    def close(self) -> None:
        """Forget the server, whose processes have been ended."""
        if self._server is not None:
            self._server.close()

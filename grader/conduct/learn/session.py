"""One experiment: a fresh server, clients that come one at a time, and what each of them gets when nothing more comes.

Nothing is waited for by the clock. After each act the server has read what it was sent and is quiet, so what a client has
by then is all that the act brought; that costs some milliseconds. Only a server that never rests costs a deadline.
"""

from __future__ import annotations

import contextlib
import errno
import shlex
from collections.abc import Callable
from types import TracebackType
from typing import Self

from grader.clients.client import Client, Condition
from grader.clients.readers import Readers
from grader.clients.record import Record
from grader.conduct.learn.timers import HORIZON, Timers
from grader.conduct.server_acts import ServerActs
from grader.conduct.waiting import Waited, Waiter, either
from grader.model import SERVER, Command, Event, Evidence, Kind, Protocol, Thread
from grader.stage.box import AgentGone, Box
from grader.stage.processes import Task
from grader.wire.framings import framing

PATIENCE = 0.5
PACE = 0.0001
RAW = Protocol(framing="none")


class Abandoned(Exception):
    """Nobody wants to know any more what comes of this experiment."""


class Late(Exception):
    """Something came by a timer that was not waited for when it had to be."""


class Session:
    """A server and its clients, from start to end. Use it as a context.

    `timers` is what is known of the server's timers. `hasty`: they are not waited for, until somebody sets it back.
    `noticed` is told after each wait whether something came by one.
    """

    def __init__(
        self, box: Box, command: Command, port: int, timers: Timers | None = None, *, hasty: bool = False,
        noticed: Callable[[Session, bool], None] | None = None,
    ) -> None:  # fmt: skip
        self._box = box
        self._noticed = noticed
        self._abandoned = False
        self._tasks: dict[int, Task] = {}
        self._received, self._late = 0, False
        self.timers = timers or Timers()
        self._record = Record()
        self._clients: dict[str, Client] = {}
        self._readers = Readers(self._record, crowd=False)
        self.waiter = Waiter(self._record, self._clients, box.diag, patience=lambda _: PATIENCE, horizon=HORIZON)
        self.waiter.flushes, self.waiter.hasty = True, True
        self._server = ServerActs(box, self._record, self.waiter, shlex.split(command.run), port, command)
        self._read: dict[str, int] = {}
        self.hasty = hasty
        """Whether the server's timers are not waited for."""
        self.deadlines = 0
        self.last: Waited | None = None
        self.listens = False

    def __enter__(self) -> Self:
        try:
            self.listens = self._server.start(None)
            self.last = self._server.given_up
            if self._abandoned:
                raise Abandoned
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened so far."""
        return tuple(self._record.events)

    @property
    def server(self) -> ServerActs:
        return self._server

    @property
    def printed(self) -> str:
        """What the server has printed, on both of its outputs."""
        kinds = (Kind.OUTPUT, Kind.ERRORS)
        return b"".join(e.data for e in self._record.events if e.kind in kinds).decode("utf-8", "replace")

    @property
    def ended(self) -> bool:
        """Whether the server has ended."""
        return any(e.kind is Kind.EXITED for e in self._record.events)

    def connect(self, name: str, *, hasty: bool = False) -> bool:
        """A client connects, and the server does what it does about it; whether the connection stands.

        `hasty`: what it does by a timer is not waited for, because the client has more to say at once.
        """
        self._act()
        address = self._server.address
        client = Client(name, self._box.socket("6" if ":" in address[0] else "4"), self._record, framing(RAW))
        self._clients[name] = client
        begun = client.connect(address)
        if begun == errno.EINPROGRESS:
            waited = self.waiter.until(
                lambda: client.connected() is not None, pause=lambda s: either([client.socket], s, write=True)
            )
            begun = (client.connected() or 0) if waited.seen else errno.ETIMEDOUT
        if begun:
            self._record.note(name, Kind.REFUSED)
            return False
        client.begin(0)
        self._readers.add(client)
        self.settle(hasty=hasty)
        return True

    def send(self, name: str, data: bytes) -> None:
        """Send some bytes, as far as the server takes them, and wait for all that they bring."""
        self._act()
        client = self._clients[name]
        self._record.note(name, Kind.SENT, data)
        client.send_some(memoryview(data))
        self.settle()

    def leave(self, name: str, kind: Kind) -> None:
        """A client leaves: by the end of its stream (CLOSED), or by a reset (CRASHED). What any timer brings of it is waited for."""
        self._act()
        client = self._clients[name]
        if kind is Kind.CRASHED:
            self._readers.drop(client)
            client.crash(0)
        else:
            client.half_close(Kind.CLOSED, 0)
        self.settle(self.timers.reach)

    def settle(self, horizon: float = 0.0, *, hasty: bool = False) -> Waited:
        """Wait until nothing more comes, by timers that go off before the horizon; in haste, until nothing comes but by one."""
        horizon = horizon or self.timers.patience
        last = self._wait(horizon, hasty=hasty or self.hasty)
        if last.evidence is Evidence.QUIET and self.timers.reach > horizon and self.waiter.on_the_way.pending():
            # It looks by a timer for what clients do, and has not looked yet.
            last = self._wait(self.timers.reach, hasty=hasty or self.hasty)
        return last

    def _wait(self, horizon: float, *, hasty: bool) -> Waited:
        late, self.waiter.late = self.waiter.late, False
        self.last = last = self.waiter.until(lambda: self._abandoned, resting=hasty, horizon=horizon)
        if self._abandoned:
            raise Abandoned
        self.deadlines += self.restless
        self.waiter.note_end()
        came, self._late = self.waiter.late or self._late, False
        self.waiter.late = came or late
        self._received = sum(client.received for client in self._clients.values())
        self._tasks = self.timers.note(self._tasks, last.look, late=came)
        if self._noticed is not None:
            self._noticed(self, came)
        return last

    def _act(self) -> None:
        """Somebody is about to do something: what has come since the server was seen at rest came by a timer."""
        received = sum(client.received for client in self._clients.values())
        self._late = self._late or (received != self._received and not self.restless)

    def calm(self) -> None:
        """From here on timers are waited for; what they bring of all that was done in haste is not what comes next."""
        self.hasty, hasted = False, self.hasty and self.waiter.unproven
        if hasted:
            self.settle()

    def abandon(self) -> None:
        """Nobody will ask what comes of this: whatever is waited for in it ends. Any thread may call it."""
        self._abandoned = True
        self._record.wake()

    def heard(self, name: str) -> bytes:
        """What a client has got since this was asked before."""
        begin = self._read.get(name, 0)
        events = self._record.events
        self._read[name] = len(events)
        got = b"".join(e.data for e in events[begin:] if e.who == name and e.kind is Kind.RECEIVED)
        return got + (self._clients[name].framing.rest() if self.restless else b"")

    def forget(self) -> None:
        """What has come so far is not asked for any more."""
        for name in self._clients:
            self._read[name] = len(self._record.events)

    @property
    def restless(self) -> bool:
        """Whether the last wait ended by a deadline: the server never rests."""
        return self.last is not None and self.last.evidence is Evidence.DEADLINE

    def accepted(self, name: str) -> bool:
        """Whether a program has taken this client's connection."""
        return not self.waiter.unaccepted(name)

    def connected(self, name: str) -> bool:
        """Whether the server has left this client's connection open."""
        client = self._clients.get(name)
        return client is not None and client.condition is Condition.CONNECTED and not client.at_end

    def threads(self) -> tuple[Thread, ...]:
        """What the server's threads were doing at the last look."""
        return self.waiter.threads(self.last.look if self.last else None)

    def note_datagrams(self) -> None:
        """Write down whether the server, which listens for no connection, takes datagrams."""
        for pid in self.waiter.living()[:1]:
            with contextlib.suppress(OSError), open(f"/proc/{pid}/net/udp", encoding="ascii") as listed:
                for row in listed.readlines()[1:2]:
                    self._record.note(SERVER, Kind.NOTED, note=f"udp {int(row.split()[1].split(':')[1], 16)}")

    def _close(self) -> None:
        with contextlib.suppress(AgentGone):
            self._server.keep_status()
            self._box.kill()
        self._readers.stop()
        for client in self._clients.values():
            client.reset()
        self._server.close()
        with contextlib.suppress(AgentGone):
            self._box.clear()

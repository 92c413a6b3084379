"""Waiting without guessing: until something is there, or until it is proven that it will never be.

Every wait of a check ends in one of four ways, and says in which: what was waited for was *seen*; the server is *quiet*,
so it will never come; the server has *ended*; or, where quiet can't be proven, a *deadline* has passed, measured in the
server's own time: the time that the server or the grader spent ready to run, but without a processor, is not counted.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from grader.clients.client import Client, Condition
from grader.clients.readers import CROWD
from grader.clients.record import Record
from grader.conduct.acting import Acting
from grader.conduct.on_the_way import OnTheWay
from grader.conduct.own_time import Deadline, OwnTime, Patience
from grader.conduct.progress import Deliveries
from grader.judge.happened import IN_VAIN
from grader.judge.pace import LEAST
from grader.model import SERVER, Evidence, Kind, Thread
from grader.stage import processes, sockdiag
from grader.stage.quiet import HORIZON, Began, Look, Sight, Watch
from grader.stage.server import Server

FIRST_LOOK, SHORTEST, LONGEST = 0.0015, 0.0005, 0.01
MOST_THREADS = 40
"""Threads of a server that are told of."""


@dataclass(frozen=True, slots=True)
class Waited:
    """How a wait ended. `seen` is true when what was waited for is there."""

    seen: bool
    evidence: Evidence
    look: Look | None = None


class Waiter:
    """All waiting of one check, for one server at a time. Threads of a check may share it."""

    def __init__(
        self, record: Record, clients: dict[str, Client], diag: sockdiag.Diag,
        *, patience: Patience = lambda _: LEAST, horizon: float = HORIZON,
    ) -> None:  # fmt: skip
        self._patience = patience
        self._horizon = horizon
        self._record = record
        self.deliveries = Deliveries(record)
        self._clients = clients
        self._diag = diag
        self.on_the_way = OnTheWay(clients, diag)
        self._server: Server | None = None
        self._watch: Watch | None = None
        self._lock = threading.RLock()
        self._look_cost = 0.0
        self.acting = Acting()
        """Who of ours is still to act: while anybody is, no silence is the server's last word."""
        self.timed = self.late = False
        """Whether timers were waited for; whether something came then, when all threads waited and everything had been read."""
        self.hasty = self.flushes = False
        """Whether `rest` may take a server for quiet before that is proven; and give out what only quiet ends."""
        self.unproven = False
        """Whether it has: what follows is worth something only if a proof comes in the end (`judge/later.py`)."""
        self.rests = 0
        """How often it was waited until nothing more came."""
        self.left = self._rested = 0
        """How many have left by an act; how many connections had ended before the last of these waits."""

    def watch(self, server: Server) -> None:
        """From now on it is this server that is looked at."""
        with self._lock:
            self._server = server
            self.on_the_way.server = server
            self._watch = Watch(server.living, self.on_the_way.in_flight, self.on_the_way.pending)

    def until(
        self, done: Callable[[], bool], *, deadline: float | None = None, horizon: float | None = None, trust_cycles: bool = True,
        pause: Callable[[float], None] | None = None, clock: OwnTime | None = None, resting: bool = False,
        progress: Callable[[], int] | None = None, last: bool = False, ends: bool = False,
    ) -> Waited:  # fmt: skip
        """Wait until `done`. It is asked again whenever something was recorded, and before any verdict.

        The deadline counts from here, or from where `clock` was made; by default it is the patience of this run.
        `pause` waits at most so many seconds for whatever may make `done` true; by default, for the next event.
        `resting`: it is enough that the server rests, though a timer of its own may still go off.
        `progress`: while this goes on growing, a part of what is waited for has come, and the deadline counts anew.
        `trust_cycles`: a thread that ticks is taken to idle; not where what ticks may be what is waited for.
        `last`: who waits does nothing more if it is in vain, and so it has to outwait those that act at the same moment.
        `ends`: nothing follows in the play if it is in vain, so a server that spins may be held to what this check needs.
        """
        if done():
            return Waited(True, Evidence.SEEN)
        with self.acting.waiting(done, last=last):
            waited = self._until(
                done, deadline=deadline, horizon=horizon or self._horizon, trust_cycles=trust_cycles, pause=pause, clock=clock,
                resting=resting, progress=progress or (lambda: 0), last=last, ends=ends,
            )  # fmt: skip
        if waited.evidence is Evidence.DEADLINE and not (waited.seen or ends):
            self._record.note(SERVER, Kind.NOTED, note=IN_VAIN)
        return waited

    def _until(
        self, done: Callable[[], bool], *, deadline: float | None, horizon: float, trust_cycles: bool,
        pause: Callable[[float], None] | None, clock: OwnTime | None, resting: bool, progress: Callable[[], int], last: bool,
        ends: bool,
    ) -> Waited:  # fmt: skip
        server, watch = self._server, self._watch
        if server is None or watch is None:
            raise RuntimeError("there is no server to wait for")
        due = Deadline(server, deadline, self._patience, horizon=horizon, clock=clock, ends=ends)
        rest = due.around(pause or (lambda seconds: self._record.wait(seen, seconds)))
        seen = len(self._record.events)
        start, made = time.monotonic(), progress()
        rested: tuple[int, int] | None = None
        turn = self.acting.still(last=last)
        with self._lock:
            began = watch.begin(horizon, trust_cycles=trust_cycles)
        step = max(FIRST_LOOK, self._look_cost)
        while True:
            before = seen
            rest(step)
            seen = len(self._record.events)
            if done():
                return Waited(True, Evidence.SEEN)
            if seen > before and time.monotonic() - start < due.bound:
                continue  # something came: looking at every thread now would only hold the server up
            before_us, turn = turn, self.acting.still(last=last)
            if deadline is None and (turn is None or turn != before_us):
                start = time.monotonic()  # it may have been one of ours whom the server waited for
                due.anew()
            if deadline is None and turn is None:
                step = min(max(step * 1.5, SHORTEST), LONGEST)
                continue
            due.begin()
            look = self._look(watch, began, due)
            self.note_end()
            if done():
                return Waited(True, Evidence.SEEN)
            over = look.sight is Sight.QUIET or (
                look.sight is Sight.ENDED and server.ended
            )  # else the kernel says so soon
            if look.sight is Sight.TIMED and look.rests:
                rested = rested or self._come()
            alone = turn is not None and self.acting.still(last=last) == turn
            if over and alone and len(self._record.events) == seen and self._come() == began.come:
                if self._flush():
                    continue
                if rested is not None:
                    self.timed, self.late = True, self.late or self._come() != rested
                return Waited(False, Evidence.QUIET if look.sight is Sight.QUIET else Evidence.SEEN, look)
            if resting and alone and look.rests and len(self._record.events) == seen:
                if self.flushes and self._flush():
                    continue
                self.unproven = True
                return Waited(False, Evidence.NONE, look)
            if (now := progress()) > made:
                made = now
                due.anew()
            if due.passed(timed=look.sight is Sight.TIMED, called=self.on_the_way.called):
                return Waited(self._after_all(done, server), Evidence.DEADLINE, look)
            step = min(max(step * 1.5, SHORTEST, self._look_cost), LONGEST)
            if look.sight is Sight.TIMED and began.not_before and len(self._clients) <= CROWD:  # a look reads a crowd
                step = max(step, min(began.not_before - time.monotonic(), due.bound))

    def _look(self, watch: Watch, began: Began, due: Deadline) -> Look:
        """Look at the server once more, and keep what that costs."""
        with self._lock, due.step():
            looked = time.monotonic()
            began.stirred(self._come())
            look = watch.look(began)
            self._look_cost = time.monotonic() - looked
        return look

    def _come(self) -> tuple[int, int]:
        """How much has come from the server: bytes, and ends of streams and of itself."""
        return sum(client.received for client in list(self._clients.values())), self._record.ends

    def _after_all(self, done: Callable[[], bool], server: Server) -> bool:
        """Whether it has come, when all is read that has arrived: whoever reads may be late for its turn."""
        server.output.catch_up()
        for client in list(self._clients.values()):
            client.drain(thoroughly=True)
        return done() or (self._flush() and done())

    def _flush(self) -> bool:
        """Give out what without any framing is a message now; whether there was any."""
        flushed = [client.flush() for client in list(self._clients.values())]
        return any(flushed)

    def clock(self, *, reading: bool) -> OwnTime | None:
        """A clock of the server's own time, from now on. `reading`: this thread itself reads the clients.

        Otherwise it only looks on, many times, and what it waits for a processor delays no message.
        """
        but = None if reading else threading.get_native_id()
        return OwnTime(self._server, but=but) if self._server is not None else None

    def quiet(
        self, *, deadline: float | None = None, resting: bool = False, ends: bool = False, delivered: bool = True,
        horizon: float | None = None,
    ) -> Waited:  # fmt: skip
        """Wait until nothing more will come. Without a deadline of its own, it waits for what is still being `delivered`."""
        progress = self.deliveries.watched() if deadline is None and delivered else None
        ended = self.left + self._record.ends
        waited = self.until(
            lambda: False, deadline=deadline, resting=resting, progress=progress, ends=ends, horizon=horizon
        )
        self._rested, self.rests = ended, self.rests + 1
        return waited

    @property
    def ending(self) -> bool:
        """Whether a connection has ended, by whichever side, since it was last waited until nothing more came."""
        return self.left + self._record.ends > self._rested

    def rest(self, *, delivered: bool = True, horizon: float | None = None) -> Waited:
        """Wait until nothing more will come, or, in a hasty play, until nothing comes but by a timer; no evidence then."""
        by_quiet = any(client.framing.by_quiet for client in list(self._clients.values()))
        return self.quiet(resting=self.hasty and (self.flushes or not by_quiet), delivered=delivered, horizon=horizon)

    def note_end(self) -> None:
        """Record that the server has ended, once, when it has and nothing of it is left."""
        server = self._server
        if server is None or not server.ended:
            return
        with self._lock:
            if server.noted_end or processes.look(server.own(), waits=True):
                return
            server.noted_end = True
            server.output.catch_up()  # its last words came before its end
            self._record.note(SERVER, Kind.EXITED, note=str(server.exit_status()))

    def unaccepted(self, who: str) -> bool:
        """Whether a client's connection still waits in the queue of the port: no program has taken it."""
        client = self._clients.get(who)
        if client is None or client.connectionless or not client.here[1] or client.condition is not Condition.CONNECTED:
            return False
        row = self._diag.server_end(client.here, client.there)
        return row is not None and row.inode == 0 and row.state == sockdiag.ESTABLISHED

    def living(self) -> list[int]:
        """The processes of the server that is looked at."""
        return self._server.living() if self._server else []

    def threads(self, look: Look | None) -> tuple[Thread, ...]:
        """What each of the server's threads was doing at a look, in words, and for which client."""
        if look is None:
            return ()
        rows = {}
        for client in self.on_the_way.connected():
            if client.here[1] and (row := self._diag.server_end(client.here, client.there)):
                rows[row.inode] = (client.name, row.unread)
        return tuple(_described(look, rows))


def _described(look: Look, rows: dict[int, tuple[str, int]]) -> Iterable[Thread]:
    for task in look.tasks[:MOST_THREADS]:
        doing = task.wait.call if task.wait else "running"
        inode = None
        if task.wait and task.wait.descriptor is not None:
            inode = processes.socket_inode(task.process, task.wait.descriptor)
            doing = "stdin" if doing == "read" and task.wait.descriptor == 0 and inode is None else doing
        of_client, unread = rows.get(inode or -1, (None, 0))
        yield Thread(task.name, doing, of_client, unread)


def either(descriptors: Sequence[int | socket.socket], seconds: float, *, write: bool = False) -> None:
    """Wait for a descriptor, at most so long."""
    none: list[int] = []
    select.select(none if write else descriptors, descriptors if write else none, none, seconds)

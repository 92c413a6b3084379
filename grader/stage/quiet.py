"""Quiet: the proof that nothing more will come, in place of waiting to see whether something does.

A server is quiet when there was one instant at which every one of its threads waited for input, with no limit on the
wait, and nothing was on the way to or from it. From such an instant nothing can follow by itself, so what has not come
will never come. The instant is proven by two looks: if each thread slept at both, and none ran between them (same threads,
same run counts), and the sockets were found empty in between, then it lay there. That it sleeps at the second look has to
be seen: a thread that another one has woken, and that waits for its turn on a processor, has run no more than one asleep.

Waits with a limit are not quiet yet: they are waited for. A wait that ends later than the horizon counts as without
limit, and the evidence says so; a thread that wakes up again and again is given two full cycles. Where a thread runs all
the time, or waits in a way that is not known, nothing is proven, and the caller falls back to a deadline. Timers that no
system call shows (`alarms.py`) are looked for between the two looks: what had gone off before has woken somebody.

The housekeeping threads of a Java machine wake up again and again for themselves alone: their long waits are left out, by
name. While one of them runs, or waits for a few milliseconds only (as when the machine shuts down), nothing is proven,
because the program's own threads may be waiting for it. One of them wakes up twenty times a second, and a look at hundreds
of threads takes longer than that on a busy machine: so they are looked at twice by themselves, quickly, in between the two
looks at the others. The instant at which all of them slept then lies between those two.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum

from grader.stage import alarms, processes
from grader.stage.processes import SLEEPING, Task
from grader.stage.syscalls import FOREVER

HORIZON = 1.0
CYCLES = 2
SHORT_WAIT = 0.015
JAVA_HOUSEKEEPING = (
    "VM Periodic Tas", "VM Thread", "G1 ", "GC Thread", "C1 Comp", "C2 Comp", "Signal Disp", "Reference Handl", "Finalizer",
    "Service Thread", "Monitor Deflati", "Common-Cleaner", "Notification Th", "Sweeper", "Attach Listener",
)  # fmt: skip


class Sight(StrEnum):
    """What one look says."""

    QUIET = "quiet"
    TIMED = "timed"
    BUSY = "busy"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Look:
    """One look: what it says, and the tasks.

    `rests`: at that moment every thread waited and nothing was on the way or unread, whatever a timer may still bring.
    """

    sight: Sight
    tasks: tuple[Task, ...] = ()
    rests: bool = False


@dataclass
class Began:
    """Where a wait began: the end of its horizon, and the cycles of threads with limited waits that were seen since.

    A cycle is a wait that was seen, ended, and was followed by another. Only cycles in which every other thread slept on
    count: a thread that runs because it has work to do proves nothing by waiting a moment in between.
    """

    until: float
    trust_cycles: bool = True
    asleep: dict[int, int] = field(default_factory=dict)
    waits: dict[int, tuple[int, float]] = field(default_factory=dict)
    cycles: dict[int, int] = field(default_factory=dict)
    not_before: float = 0.0
    """Until when nothing more can be proven, if that is known."""

    come: tuple[int, int] | None = None

    def stirred(self, come: tuple[int, int]) -> None:
        """What has come from the server by now. A cycle in which something came was no idle one: they are counted anew."""
        if come != self.come:
            self.come = come
            self.waits.clear()
            self.cycles.clear()

    def sight(self, tasks: tuple[Task, ...], timed: dict[int, float], *, pending: bool) -> Sight:
        """Quiet if each limited wait ends beyond the horizon, or has been seen through two cycles.

        `pending`: input lies there that nobody has read or accepted yet, so a later cycle may still come to it.
        """
        asleep = {t.tid: t.runs for t in tasks if t.tid not in timed}
        if asleep != self.asleep:
            self.asleep = asleep
            self.waits.clear()
            self.cycles.clear()
        for task in tasks:
            if task.tid in timed:
                self._follow(task, timed[task.tid])
        enough = CYCLES if self.trust_cycles and not pending else FOREVER
        waiting = [tid for tid in timed if self.waits[tid][1] < self.until and self.cycles.get(tid, 0) < enough]
        # Once a thread was seen to begin a wait it is known when that ends, and nothing is proven before.
        known = all(self.cycles.get(tid, 0) for tid in waiting)
        self.not_before = max((self.waits[tid][1] for tid in waiting), default=0.0) if known else 0.0
        return Sight.TIMED if waiting else Sight.QUIET

    def _follow(self, task: Task, limit: float) -> None:
        """Of a wait with a relative limit the kernel does not tell the rest: what counts is when it was first seen."""
        runs, first = self.waits.get(task.tid, (task.runs, limit))
        if runs != task.runs:
            self.cycles[task.tid] = self.cycles.get(task.tid, 0) + 1
            first = limit
        self.waits[task.tid] = (task.runs, min(first, limit))


class Watch:
    """Looks at one server: `living` lists its processes, `in_flight` tells whether bytes are on the way to or from it.

    `pending` tells whether input has arrived that it has not read or accepted.
    """

    def __init__(
        self, living: Callable[[], list[int]], in_flight: Callable[[], bool], pending: Callable[[], bool]
    ) -> None:
        self._living = living
        self._in_flight = in_flight
        self._pending = pending

    def begin(self, horizon: float = HORIZON, *, trust_cycles: bool = True) -> Began:
        """A new wait begins: cycles are counted, and the horizon is measured, from here.

        Without `trust_cycles` a thread that wakes up again and again is never taken for one that only idles: what it
        does at the end of a bounded number of turns (to give up, to exit) is then waited for.
        """
        return Began(time.monotonic() + horizon, trust_cycles)

    def look(self, began: Began) -> Look:
        """Two looks and the sockets between them."""
        everything = processes.look(self._living(), waits=True)
        if not everything:
            return Look(Sight.BUSY if self._in_flight() else Sight.ENDED)
        tasks = tuple(everything.values())
        housekeeping = {t.tid for t in tasks if _housekeeping(t)}
        own = tuple(t for t in tasks if t.tid not in housekeeping)
        if any(t.wait is None or _prints(t) for t in own) or self._in_flight():
            return Look(Sight.BUSY, tasks)
        living = {t.process for t in tasks}
        alarm = alarms.timers(living, time.monotonic())
        limits = {t.tid: alarms.limit(t) for t in own if t.wait and t.wait.until == FOREVER}
        if alarms.refused(living) or (housekeeping and not _rests(living, housekeeping)):
            return Look(Sight.BUSY, tasks)
        second = processes.look(self._living(), waits=False)
        if second.keys() != everything.keys() or any(_ran(t, second[t.tid]) for t in own):
            return Look(Sight.BUSY, tasks)
        now = time.monotonic()
        timed = {t.tid: min(t.wait.until, now + limits.get(t.tid, FOREVER)) for t in own if t.wait}
        timed = {tid: until for tid, until in timed.items() if until != FOREVER}
        pending = bool(timed) and self._pending()
        sight = began.sight(own, timed, pending=pending)
        return Look(Sight.TIMED if sight is Sight.QUIET and alarm < began.until else sight, tasks, rests=not pending)


def _ran(before: Task, after: Task) -> bool:
    """Whether a task has run since, or is about to: one that was woken and has not had its turn yet has the same counts."""
    return before.runs != after.runs or before.ran != after.ran or after.state != SLEEPING


def _prints(task: Task) -> bool:
    """Whether a thread waits until somebody reads what it prints: we do, if late, so that wait ends by itself."""
    wait = task.wait
    if wait is None or wait.call not in ("write", "writev") or wait.descriptor is None:
        return False
    return processes.socket_inode(task.process, wait.descriptor) is None


def _rests(living: Collection[int], housekeeping: Collection[int]) -> bool:
    """Whether there is an instant at which all these threads sleep, none of them for a few milliseconds only."""
    first = processes.look(list(living), waits=True, only=housekeeping)
    second = processes.look(list(living), waits=False, only=housekeeping)
    near = time.monotonic() + SHORT_WAIT
    if second.keys() != first.keys() or len(first) < len(housekeeping):
        return False
    return not any(t.wait is None or t.wait.until < near or _ran(t, second[tid]) for tid, t in first.items())


def _housekeeping(task: Task) -> bool:
    return task.name.startswith(JAVA_HOUSEKEEPING) and processes.is_java(task.process)

"""Quiet: the proof that nothing more will come, in place of waiting to see whether something does.

A server is quiet when there was one instant at which every one of its threads waited for input, with no limit on the
wait, and nothing was on the way to or from it. From such an instant nothing can follow by itself, so what has not come
will never come. The instant is proven by two looks: if no thread ran between them (same threads, same run counts), and
the sockets were found empty in between, then it lay there.

Waits with a limit are not quiet yet: they are waited for. A wait that ends later than the horizon counts as without
limit, and the evidence says so; a thread that wakes up again and again is given two full cycles. Where a thread runs all
the time, or waits in a way that is not known, nothing is proven, and the caller falls back to a deadline.

The housekeeping threads of a Java machine wake for themselves alone and are left out by name.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from grader.stage import processes, sockdiag
from grader.stage.processes import Task
from grader.stage.syscalls import FOREVER

HORIZON = 1.0
CYCLES = 2
JAVA_HOUSEKEEPING = (
    "VM Periodic Tas", "VM Thread", "G1 ", "GC Thread", "C1 Comp", "C2 Comp", "Signal Disp", "Reference Handl", "Finalizer",
    "Service Thread", "Monitor Deflati", "Common-Cleaner", "Notification Th", "Sweeper", "Attach Listener",
)  # fmt: skip
RUNNING_OUT = (1 << sockdiag.FIN_WAIT1) | (1 << sockdiag.LAST_ACK) | (1 << sockdiag.CLOSING) | (1 << sockdiag.SYN_SENT)


class Sight(StrEnum):
    """What one look says."""

    QUIET = "quiet"
    TIMED = "timed"
    BUSY = "busy"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Look:
    """One look: what it says, the tasks, and how often each task with a limited wait has run, and until when it waits."""

    sight: Sight
    tasks: tuple[Task, ...] = ()
    timed: tuple[tuple[int, int, float], ...] = ()


@dataclass
class Began:
    """Where a wait began: the end of its horizon, and how often each thread with a limited wait had run by then."""

    until: float
    runs: dict[int, int] = field(default_factory=dict)

    def sight(self, timed: tuple[tuple[int, int, float], ...]) -> Sight:
        """Quiet if each limited wait ends beyond the horizon, or has been seen through two cycles."""
        for tid, runs, until in timed:
            if runs - self.runs.setdefault(tid, runs) < CYCLES and until < self.until:
                return Sight.TIMED
        return Sight.QUIET


class Watch:
    """Looks at one server. `in_flight` tells whether bytes are on the way; `living` lists the server's processes."""

    def __init__(self, living: Callable[[], list[int]], in_flight: Callable[[], bool]) -> None:
        self._living = living
        self._in_flight = in_flight

    def begin(self, horizon: float = HORIZON) -> Began:
        """A new wait begins: cycles are counted, and the horizon is measured, from here."""
        return Began(time.monotonic() + horizon)

    def look(self, began: Began) -> Look:
        """Two looks and the sockets between them."""
        everything = processes.look(self._living(), waits=True)
        first = {tid: t for tid, t in everything.items() if not _housekeeping(t)}
        if not first:
            return Look(Sight.BUSY if self._in_flight() else Sight.ENDED)
        tasks = tuple(first.values())
        if any(t.wait is None for t in tasks) or self._in_flight():
            return Look(Sight.BUSY, tasks)
        second = processes.look(self._living(), waits=False)
        if second.keys() != everything.keys() or any(_ran(t, second[tid]) for tid, t in first.items()):
            return Look(Sight.BUSY, tasks)
        timed = tuple((t.tid, t.runs, t.wait.until) for t in tasks if t.wait and t.wait.until != FOREVER)
        return Look(began.sight(timed), tasks, timed)


def _ran(before: Task, after: Task) -> bool:
    return before.runs != after.runs or before.ran != after.ran


def _housekeeping(task: Task) -> bool:
    return task.name.startswith(JAVA_HOUSEKEEPING) and processes.is_java(task.process)

"""The clock of a deadline: a server's own time, without what it, or we, waited for a processor."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator

from grader.conduct.calls import ANSWERED_SECONDS
from grader.judge.pace import LEAST
from grader.stage import processes
from grader.stage.server import Server

MOST_DELAY, SPINS = 0.95, 0.8
GOES_ON = 3
"""So many times as long a server that spins is waited for where the play goes on: what comes late would be taken for something else."""
MOST_UNCLOCKED = 2
"""Looks before which no clock is made where no play says how long is long: nearly all waits have ended by then, within some
milliseconds, and a clock costs as much as a look. A deadline is by so much later, never earlier."""
Tasks = dict[int, processes.Task]
Patience = Callable[[bool], float]
"""How long a deadline is; told whether the server spins: its threads together never wait."""


class OwnTime:
    """Seconds that have passed for a server: wall time without the time it, or we, waited for a processor.

    Of each side the thread counts that has waited longest, and of the two sides the one: threads wait at the same time,
    and added up they wait longer than the clock has run. A part always counts, so that every wait ends.
    """

    def __init__(self, server: Server, began: float | None = None, *, but: int | None = None) -> None:
        self._server = server
        self._but = but
        """A thread of ours that does not count."""
        self._began = time.monotonic() if began is None else began
        self._theirs, self._ours = self._look()

    def passed(self, held: float = 0.0) -> float:
        """Seconds of the server's own time since `began`; for so many of them whoever waits was `held` up."""
        wall = self.wall()  # before the look, which may take its time
        return wall - self._delayed(wall, held, *self._look())

    def delayed(self) -> float:
        """Seconds since `began` that were not the server's own time."""
        wall = self.wall()
        return self._delayed(wall, 0.0, *self._look())

    def spins(self, held: float = 0.0) -> bool:
        """Whether the server ran nearly all of its own time: it computes, or goes round in circles.

        Its threads may do so in turns, as those of Python do, which share one lock.
        """
        theirs, ours = self._look()
        ran = sum(_grown(self._theirs, task, "ran") for task in theirs.values())
        wall = self.wall()
        return ran >= SPINS * (wall - self._delayed(wall, held, theirs, ours))

    def wall(self) -> float:
        """Seconds on the wall since `began`: cheap, and never less than `passed`."""
        return time.monotonic() - self._began

    def _delayed(self, wall: float, held: float, theirs: Tasks, ours: Tasks) -> float:
        delays = [held, *(_grown(self._theirs, task, "delayed") for task in theirs.values())]
        delays += [_grown(self._ours, task, "delayed") for task in ours.values()]
        return min(max(delays), MOST_DELAY * wall)

    def _look(self) -> tuple[Tasks, Tasks]:
        ours = processes.look([os.getpid()], waits=False)
        if self._but is not None:
            ours.pop(self._but, None)
        return processes.look(self._server.living(), waits=False), ours


class Deadline:
    """When a wait ends without proof: after so many seconds of the server's own time.

    `seconds` as the play says, or None for the patience of this run, which is computed only where it is needed.

    Whoever waits does so in steps, and when one of them takes longer than it ought to, it was held up, and that does not count. A
    machine that stands still, a process that is stopped, memory that is fetched from a disk, other threads of ours that don't let
    go of the interpreter: the kernel calls none of that a delay, and to whoever looks then every deadline were over.
    """

    def __init__(
        self, server: Server, seconds: float | None, patience: Patience, *, horizon: float, clock: OwnTime | None,
        ends: bool = False,
    ) -> None:  # fmt: skip
        self._server, self._seconds, self._patience, self._horizon = server, seconds, patience, horizon
        self._clock, self._ends = clock, ends
        self._timed = self._held = 0.0
        self._looks = 0
        self.bound = seconds or LEAST

    @contextlib.contextmanager
    def step(self, seconds: float = 0.0) -> Iterator[None]:
        """Something that takes so many seconds beside the time that this thread is on a processor."""
        wall, ran = time.monotonic(), time.thread_time()
        yield
        self._held += max(0.0, time.monotonic() - wall - seconds - (time.thread_time() - ran))

    def around(self, pause: Callable[[float], None]) -> Callable[[float], None]:
        """A way to wait at most so many seconds, each time as one step."""

        def paused(seconds: float) -> None:
            with self.step(seconds):
                pause(seconds)

        return paused

    def begin(self) -> None:
        """Let it count from here, unless it does already, or this is one of the first looks."""
        self._looks += 1
        if self._clock is None and (self._seconds is not None or self._looks > MOST_UNCLOCKED):
            self._clock, self._held = OwnTime(self._server), 0.0

    def anew(self) -> None:
        """Let it count from its next beginning."""
        self._clock, self._timed = None, 0.0

    def passed(self, *, timed: bool, called: bool = False) -> bool:
        """Whether it has passed. `timed`: the server waits for a time limit of its own; that does not count against it.

        Nor does a time limit of the kernel's, which has yet to tell the server who has `called`.
        """
        clock = self._clock
        if clock is None:
            return False
        if timed or called:
            self._timed = min(clock.wall(), max(self._horizon, ANSWERED_SECONDS if called else 0.0))
        if clock.wall() <= self.bound + self._timed:
            return False
        self.bound = self._seconds or self._longest(spins=clock.spins(self._held))
        bound = self.bound + self._timed
        return clock.wall() > bound and clock.passed(self._held) > bound

    def _longest(self, *, spins: bool) -> float:
        if not spins:
            return self._patience(False)
        own = self._patience(True)
        return own if self._ends else min(GOES_ON * own, self._patience(False))


def _grown(before: Tasks, task: processes.Task, what: str) -> float:
    """By how many seconds one of a task's times has grown, since it began if it was not there before."""
    then = before.get(task.tid)
    grown: int = getattr(task, what) - (getattr(then, what) if then else 0)
    return grown / 1e9

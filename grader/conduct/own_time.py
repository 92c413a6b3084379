"""The clock of a deadline: a server's own time, without what it, or we, waited for a processor."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from grader.judge.pace import LEAST
from grader.stage import processes
from grader.stage.server import Server

MOST_DELAY = 0.95
MOST_UNCLOCKED = 2
"""Looks before which no clock is made where no play says how long is long: nearly all waits have ended by then, within some
milliseconds, and a clock costs as much as a look. A deadline is by so much later, never earlier."""


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
        self._theirs, self._ours = self._delays()

    def passed(self) -> float:
        """Seconds of the server's own time since `began`."""
        theirs, ours = self._delays()
        delay = max(_growth(self._theirs, theirs), _growth(self._ours, ours))
        return self.wall() - min(delay, MOST_DELAY * self.wall())

    def wall(self) -> float:
        """Seconds on the wall since `began`: cheap, and never less than `passed`."""
        return time.monotonic() - self._began

    def _delays(self) -> tuple[dict[int, float], dict[int, float]]:
        ours = processes.delays([os.getpid()])
        if self._but is not None:
            ours.pop(self._but, None)
        return processes.delays(self._server.living()), ours


class Deadline:
    """When a wait ends without proof: after so many seconds of the server's own time.

    `seconds` as the play says, or None for the patience of this run, which is computed only where it is needed.
    """

    def __init__(
        self, server: Server, seconds: float | None, patience: Callable[[], float], *, horizon: float, clock: OwnTime | None
    ) -> None:  # fmt: skip
        self._server, self._seconds, self._patience, self._horizon = server, seconds, patience, horizon
        self._clock = clock
        self._timed = 0.0
        self._looks = 0
        self.bound = seconds or LEAST

    def begin(self) -> None:
        """Let it count from here, unless it does already, or this is one of the first looks."""
        self._looks += 1
        if self._seconds is not None or self._looks > MOST_UNCLOCKED:
            self._clock = self._clock or OwnTime(self._server)

    def anew(self) -> None:
        """Let it count from its next beginning."""
        self._clock, self._timed = None, 0.0

    def passed(self, *, timed: bool) -> bool:
        """Whether it has passed. `timed`: the server waits for a time limit of its own; that does not count against it."""
        clock = self._clock
        if clock is None:
            return False
        if timed:
            self._timed = min(clock.wall(), self._horizon)
        if clock.wall() <= self.bound + self._timed:
            return False
        self.bound = self._seconds or self._patience()
        bound = self.bound + self._timed
        return clock.wall() > bound and clock.passed() > bound


def _growth(before: dict[int, float], after: dict[int, float]) -> float:
    return max((delay - before.get(tid, 0.0) for tid, delay in after.items()), default=0.0)

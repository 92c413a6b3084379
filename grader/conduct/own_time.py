"""The clock of a deadline: a server's own time, without what it, or we, waited for a processor."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator

from grader.stage import processes
from grader.stage.server import Server

MOST_DELAY = 0.95


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

    def passed(self, held: float = 0.0) -> float:
        """Seconds of the server's own time since `began`; for so many of them whoever waits was `held` up."""
        theirs, ours = self._delays()
        delay = max(_growth(self._theirs, theirs), _growth(self._ours, ours), held)
        return self.wall() - min(delay, MOST_DELAY * self.wall())

    def wall(self) -> float:
        """Seconds on the wall since `began`: cheap, and never less than `passed`."""
        return time.monotonic() - self._began

    def _delays(self) -> tuple[dict[int, float], dict[int, float]]:
        ours = processes.delays([os.getpid()])
        if self._but is not None:
            ours.pop(self._but, None)
        return processes.delays(self._server.living()), ours


class HeldUp:
    """Seconds for which a thread that waits in short steps was not there, whatever kept it: what the kernel calls a delay is part of it.

    A machine that stands still, a process that is stopped, memory that has to be fetched from a disk, or other threads of ours
    that don't let go of the interpreter: to whoever looks then the deadline is over, and the server had no time at all.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextlib.contextmanager
    def step(self, seconds: float = 0.0) -> Iterator[None]:
        """Something that takes so many seconds beside the time that this thread is on a processor."""
        wall, ran = time.monotonic(), time.thread_time()
        yield
        self.seconds += max(0.0, time.monotonic() - wall - seconds - (time.thread_time() - ran))

    def around(self, pause: Callable[[float], None]) -> Callable[[float], None]:
        """A way to wait at most so many seconds, each of which is a step."""

        def paused(seconds: float) -> None:
            with self.step(seconds):
                pause(seconds)

        return paused


def _growth(before: dict[int, float], after: dict[int, float]) -> float:
    return max((delay - before.get(tid, 0.0) for tid, delay in after.items()), default=0.0)

"""The clock of a deadline: a server's own time, without what it, or we, waited for a processor."""

from __future__ import annotations

import os
import time

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


def _growth(before: dict[int, float], after: dict[int, float]) -> float:
    return max((delay - before.get(tid, 0.0) for tid, delay in after.items()), default=0.0)

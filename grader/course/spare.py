"""Whether the gradings under way leave some of the processors idle, so that one more may be done beside them.

A grading that waits for a server's timers, or for one that hangs, needs no processor for many seconds. Nothing says so
beforehand; the kernel says it meanwhile. Over half a second or more two things are asked: how much of the processors that
are meant for them the gradings under way have used, with everything that they started, and how much of the machine was
idle. Only if both leave enough is one more begun, so neither those who asked for fewer than there are processors get more
than they asked for, nor is a machine that is busy with other things taken for one that waits.

No verdict depends on it, as none depends on how many are asked for: time without a processor counts for nobody.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection

from grader.course.machine import Where
from grader.stage import processes

SHORTEST = 0.5
"""Seconds from one account to the next: what is shorter says little."""
ENOUGH = 0.2
"""Processors that have to be idle. Two ordinary gradings on two processors leave about so much: each waits a little now and then."""
IDLE, TIMES = 4, slice(12, 16)
"""Where in the kernel's lists the machine's idle time stands; and, counted from its name, the times of a process and its children."""


class Spare:
    """Asked again and again; `enough` processors have to be idle, for `shortest` seconds at least."""

    def __init__(self, where: Where | None = None, enough: float = ENOUGH, shortest: float = SHORTEST) -> None:
        self.shortest = shortest
        self._where = where or Where()
        self._enough = enough
        self._asked: tuple[float, float, dict[int, float]] | None = None

    def found(self, workers: Collection[int], most: int, now: float | None = None) -> bool:
        """Whether these processes, and all below them, leave enough of `most` processors idle, since this was asked last.

        Where it was so, or where the processes are others than they were, what was before is forgotten.
        """
        now = time.monotonic() if now is None else now
        then = self._asked
        if then is not None and now - then[0] < self.shortest and then[2].keys() == set(workers):
            return False
        idle, used = self._idle(), {pid: self.used(pid) for pid in workers}
        self._asked = (now, idle, used) if idle is not None else None
        if then is None or idle is None or then[2].keys() != used.keys():
            return False
        seconds = now - then[0]
        took = sum(max(0.0, used[pid] - before) for pid, before in then[2].items()) / seconds
        if min(min(most, self._ours()) - took, (idle - then[1]) / seconds) < self._enough:
            return False
        self._asked = None
        return True

    def used(self, pid: int) -> float:
        """Seconds of processors that a process, and all that it has started, have used so far."""
        total = 0
        for one in (pid, *processes.descendants(pid)):
            with contextlib.suppress(OSError, ValueError, IndexError):  # it has just ended
                stat = (self._where.proc / str(one) / "stat").read_bytes()
                total += sum(map(int, stat[stat.rindex(b")") :].split()[TIMES]))
        return total / os.sysconf("SC_CLK_TCK")

    def _idle(self) -> float | None:
        """Seconds for which processors of the machine were idle so far; None where nobody says."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            first = (self._where.proc / "stat").read_text(encoding="ascii").split("\n", 1)[0]
            return int(first.split()[IDLE]) / os.sysconf("SC_CLK_TCK")
        return None

    def _ours(self) -> float:
        """The processors that this process may use, by the machine's word and by that of the container that it is in."""
        processors = float(len(os.sched_getaffinity(0)))
        with contextlib.suppress(OSError, ValueError):
            quota, period = (self._where.group / "cpu.max").read_text(encoding="ascii").split()
            return min(processors, int(quota) / int(period))  # "max" is no number
        with contextlib.suppress(OSError, ValueError):
            quota, period = (
                (self._where.group / "cpu" / f"cpu.cfs_{n}_us").read_text(encoding="ascii") for n in ("quota", "period")
            )
            return min(processors, int(quota) / int(period)) if int(quota) > 0 else processors
        return processors

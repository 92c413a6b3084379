"""What the machine has left for one more submission: memory first, since a machine that swaps judges nobody fairly.

A submission may use so much memory (`stage/limits.py`). One more is begun only while that much is free; and where the kernel
says that tasks stood still for want of memory, or that pages came back from swap, fewer are graded at a time.

Of processors each grading tells, when it has ended, how long it ran and how long it was ready to run and had none
(`/proc/…/schedstat`). Where the last ones waited several times as long as they ran, and the kernel's own account
(`/proc/pressure/cpu`) agrees, the machine starves. No verdict depends on that, since time without a processor counts for nobody;
but more gradings at a time would only make each slower, and whatever else runs there.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from grader.model import Notice
from grader.stage.limits import SERVER

MIB = 1 << 20
STALLED = 10.0
"""Per cent of the last ten seconds in which everything stood still for want of memory."""
SWAPPED = 2000
"""Pages a second that came back from swap: about 8 MB."""
STARVED = 75.0
"""Per cent of the time in which the last gradings could have run that they had no processor. As many gradings as there are
processors, and nothing else, make it a third."""
CROWDED = 90.0
"""Per cent of the last ten seconds in which somebody on the machine waited for a processor."""
LAST, ENOUGH = 4, 0.5
"""How many gradings that is about, and the seconds that are too few to say anything."""


@dataclass(frozen=True, slots=True)
class Where:
    """The files in which the kernel tells of memory; others in a test."""

    proc: Path = Path("/proc")
    group: Path = Path("/sys/fs/cgroup")


class Machine:
    """Looked at before each job. `need` is what one submission may use, in bytes; `starved` the per cent, and `enough` the
    seconds of gradings, from which on it is said that processors are wanting.
    """

    def __init__(
        self, where: Where | None = None, need: int | None = None, starved: float = STARVED, enough: float = ENOUGH
    ) -> None:
        self._where = where or Where()
        self.need = need if need is not None else SERVER.memory
        self._starved, self._enough = starved, enough
        self._swapped = (time.monotonic(), self._pages_swapped_in())
        self._delays: deque[tuple[float, float]] = deque(maxlen=LAST)

    def heard(self, ran: float, waited: float) -> None:
        """A grading has ended that had a processor for so many seconds, and waited for one for so many."""
        self._delays.append((ran, waited))

    def shortage(self) -> Notice | None:
        """Why no more should run at the same time than do already; None if there is room for one more."""
        free = self.free()
        if free is not None and free < self.need:
            return Notice("short-of-memory", {"free": free // MIB, "need": self.need // MIB})
        if (stalled := self._stalled()) > STALLED:
            return Notice("stalled-by-memory", {"percent": round(stalled)})
        if self._swaps():
            return Notice("swapping", {})
        if (without := self._without_processor()) > self._starved:
            return Notice("starved", {"percent": round(without)})
        return None

    def _without_processor(self) -> float:
        """Per cent of their time that the last gradings waited for a processor; 0 where nothing is known, or nobody else waits."""
        ran, waited = (sum(one[at] for one in self._delays) for at in (0, 1))
        crowded = self._pressure("cpu", "some")
        if ran + waited < self._enough or (crowded is not None and crowded < CROWDED):
            return 0.0
        return 100 * waited / (ran + waited)

    def free(self) -> int | None:
        """Bytes that can still be had, of the machine and of the container that we are in; None where nobody says."""
        least: list[int] = []
        if found := re.search(r"^MemAvailable:\s+(\d+) kB", self._read(self._where.proc / "meminfo"), re.MULTILINE):
            least.append(int(found[1]) * 1024)
        group = self._where.group
        for most, used in (
            ("memory.max", "memory.current"),
            ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
        ):
            limit, taken = self._read(group / most).strip(), self._read(group / used).strip()
            if limit.isdigit() and taken.isdigit():
                cached = re.search(
                    r"^inactive_file (\d+)",
                    self._read(group / used.replace(used.split("/")[-1], "memory.stat")),
                    re.MULTILINE,
                )
                least.append(int(limit) - int(taken) + (int(cached[1]) if cached else 0))
        return min(least) if least else None

    def _stalled(self) -> float:
        return self._pressure("memory", "full") or 0.0

    def _pressure(self, what: str, whose: str) -> float | None:
        """Per cent of the last ten seconds in which some, or all, were stopped for want of it; None where nobody says."""
        told = self._read(self._where.proc / "pressure" / what)
        found = re.search(rf"^{whose} avg10=([\d.]+)", told, re.MULTILINE)
        return float(found[1]) if found else None

    def _swaps(self) -> bool:
        then, before = self._swapped
        now, pages = time.monotonic(), self._pages_swapped_in()
        self._swapped = (now, pages)
        return pages - before > SWAPPED * max(1.0, now - then)

    def _pages_swapped_in(self) -> int:
        found = re.search(r"^pswpin (\d+)", self._read(self._where.proc / "vmstat"), re.MULTILINE)
        return int(found[1]) if found else 0

    @staticmethod
    def _read(path: Path) -> str:
        with contextlib.suppress(OSError):
            return path.read_text(encoding="ascii", errors="replace")
        return ""

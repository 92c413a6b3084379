"""What a server holds at one moment: processes, threads, descriptors, ports; and how much it keeps a processor busy.

It is asked when every client has gone and nothing more can come. Nothing in the numbers is right or wrong by itself: a
pool of threads, a log file, a second port are a server's own affair. What tells a leak is that they grow, wave after wave.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields

from grader.stage import processes

POOLS = ("pool-", "ForkJoinPool")
"""How the threads of an ExecutorService are called."""


@dataclass(frozen=True, slots=True)
class Audit:
    """`ended` are processes that have ended and that nobody has waited for; `busy` is the share of a processor, in percent."""

    processes: int = 0
    threads: int = 0
    files: int = 0
    ended: int = 0
    ports: int = 0
    busy: int = 0

    def facts(self) -> dict[str, int]:
        """All of it by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def audit(living: list[int], *, ports: int, busy: float) -> Audit:
    """What the processes of a server hold now."""
    running = [pid for pid in living if not _ended(pid)]
    return Audit(
        processes=len(running),
        threads=sum(map(_threads, running)),
        files=sum(_entries(pid, "fd") for pid in running),
        ended=len(living) - len(running),
        ports=ports,
        busy=round(100 * busy),
    )


def ran(living: list[int]) -> float:
    """Seconds that all threads of some processes have run, since each began."""
    return sum(task.ran for task in processes.look(living, waits=False).values()) / 1e9


def _threads(pid: int) -> int:
    """The threads of a process, without those of a Java machine's pools: a fixed pool grows with its first clients only."""
    if not processes.is_java(pid):
        return _entries(pid, "task")
    return sum(not task.name.startswith(POOLS) for task in processes.look([pid], waits=False).values())


def _entries(pid: int, folder: str) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/{folder}"))
    except OSError:
        return 0  # it ended meanwhile, or it hides


def _ended(pid: int) -> bool:
    return processes.state(pid) in processes.ENDED

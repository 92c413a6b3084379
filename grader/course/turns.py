"""Which job comes next: any, where each has a network of its own; else one that shares no port with those that are being done.

Where all servers are on the machine's own network (`--weak-sandbox`), two that insist on one port would fail each other. Which ports
a submission opens is known by looking: its server is started once, while nothing else runs, and the kernel is asked. What it
was told to open is no conflict, since those ports are chosen by us, each for one server alone. Where it opened nothing in
that look, nobody knows, and it is graded alone; so is one that did not start beside others though it did in the look.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from grader.course.executor import Job

AHEAD = 4
"""So many for each that runs are looked at before the first of them is graded."""


@dataclass(frozen=True, slots=True)
class Look:
    """To be found out: on which ports the server of a job's submission listens, beside those that it is told."""

    job: Job


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a look; None where the server did not listen at all."""

    ports: tuple[int, ...] | None = None


@dataclass
class Turns:
    """The jobs that wait, those to be tried again first, and how often each was tried.

    With `shared` ports, jobs are looked at, so many `ahead`, and only those of different ports are done side by side.
    """

    waiting: deque[Job]
    shared: bool = False
    ahead: int = AHEAD
    tries: dict[str, int] = field(default_factory=dict)
    _ports: dict[str, tuple[int, ...] | None] = field(default_factory=dict)

    def next(self, running: Collection[Job | Look]) -> Job | Look | None:
        """What may begin beside these; None: nothing before one of them has ended. It is taken off those that wait."""
        if not self.shared:
            return self.waiting.popleft() if self.waiting else None
        jobs = [one for one in running if isinstance(one, Job)]
        if len(jobs) < len(running) or any(not one.beside for one in jobs):
            return None
        if not running and (look := self._to_be_looked_at()):
            return look
        taken = {port for one in jobs for port in one.ports}
        for job in self.waiting:
            ports = self._ports.get(job.place)
            if ports is not None and not taken & set(ports):
                return self._taken(job, replace(job, beside=True, ports=ports))
        if running or not self.waiting:
            return None
        return self.waiting.popleft()

    def looked(self, look: Look, found: Looked) -> None:
        """What came of a look."""
        self._ports[look.job.place] = found.ports

    def again(self, job: Job) -> None:
        """To be tried once more, by itself where it may have met another."""
        self._ports[job.place] = None
        self.waiting.appendleft(replace(job, beside=False, ports=()))

    def _to_be_looked_at(self) -> Look | None:
        known = [job for job in self.waiting if job.place in self._ports]
        unknown: Iterable[Job] = (job for job in self.waiting if job.place not in self._ports)
        first = next(iter(unknown), None)
        return Look(first) if first is not None and len(known) < self.ahead else None

    def _taken(self, job: Job, now: Job) -> Job:
        self.waiting.remove(job)
        return now

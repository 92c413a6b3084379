"""Who does the grading of a class: the contract between a class and the processes, here or elsewhere, that grade it.

A `Job` is one submission; a `Task` is what all jobs of a class have in common. An executor does jobs and tells of each when
it begins and when it has ended, with the files that came of it. There are two kinds: worker processes of this machine
(`course/workers.py`), and a cluster. Whatever the kind, `course/job.py` does one job, in a process that has only that job
to do, and these rules hold:

* every job ends once, as `Done`: with its files, or, after one more try, with the problem that kept it from them;
* a worker that is killed or hangs costs only the job that it was doing, for that one time;
* an interruption ends everything that was started, then passes through `run`; what was told before stays told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from grader.model import Finding, Grade, Notice, Spec

RESULTS = "results.json"
RUN_SECONDS = 600.0
"""The bound of a whole grading: ten times what the slowest submission takes on a busy machine."""

Draw = Callable[[Grade, str], Mapping[str, str]]
"""What else is made of a grade where it was graded: names of files and their text, from the grade and a language. A function
of a module, so that it can be told to another process by its name."""


@dataclass(frozen=True, slots=True)
class Task:
    """What all jobs of a class have in common. All are graded with one seed, so that all are asked the same."""

    spec: Spec
    seed: int
    language: str
    argv: tuple[str, ...] = ()
    rung: str | None = None
    least_rung: str | None = None
    draw: Draw | None = None
    seconds: float = RUN_SECONDS
    """The bound of one job; whoever takes longer hangs."""


@dataclass(frozen=True, slots=True)
class Job:
    """One submission that is to be graded. `place` names it within its class, and is the folder of its results.

    `only` names the checks that are to be judged whatever they need; empty means all. `earlier` is the file of earlier
    results, of which the verdicts of the checks in `given` hold: they are not judged again. Where submissions share the
    machine's ports, `beside` tells that it is done beside others, of other `ports` (`course/turns.py`).
    """

    place: str
    name: str
    folder: str
    owners: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    earlier: str = ""
    given: tuple[str, ...] = ()
    beside: bool = False
    ports: tuple[int, ...] = ()
    """Ports of the machine's own network that its server opens of itself: nobody else may have them meanwhile."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A job is being done, by the worker of that name, for the first or for the second time."""

    job: Job
    worker: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A job has ended. `files` are by name, `results.json` among them; without it, `problem` says what came in between."""

    job: Job
    files: Mapping[str, bytes] = field(default_factory=dict)
    problem: Finding | None = None
    seconds: float = 0.0
    worker: str = ""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that concerns the run as a whole, such as a worker that was refused."""

    notice: Notice


Told = Begun | Done | Noticed
Tell = Callable[[Told], None]


class Executor(Protocol):
    """Does jobs. It is told the whole class at once, and begins with the first."""

    @property
    def width(self) -> int:
        """How many jobs are done at the same time, as far as is known."""
        ...

    def run(self, task: Task, jobs: Iterable[Job], tell: Tell) -> None:
        """Do them all; returns when all have ended. `tell` is called one at a time, from any thread.

        Raises UsageError or HarnessError where no job at all can be done.
        """
        ...

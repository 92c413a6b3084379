"""A class graded: what holds is kept, what has changed is given to an executor, and every result is written when it comes.

Nothing is remembered in this process that is not in a file as well, so an interruption, or a power cut, costs the
gradings that were under way, and the same command goes on from there. Each place has its results, its pages, and the
difference to the grading before (`regraded.json`), if there is one.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from grader import results
from grader.course import kept, store
from grader.course.executor import RESULTS, Begun, Done, Executor, Job, Noticed, Task, Told
from grader.course.job import undone
from grader.course.kept import Now, Plan
from grader.course.members import HandedIn
from grader.errors import UsageError
from grader.model import Changed, ClassRun, Cohort, Finding, Grade, Member, Notice, Outcome, Regrade, Submission

REGRADED = "regraded.json"
LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class ClassWish:
    """What the person at the keyboard asked for."""

    out: Path
    only: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """How many are to be graded, and how many are kept."""

    todo: int
    kept: int


@dataclass(frozen=True, slots=True)
class Graded:
    """One more submission has its grade."""

    member: Member
    seconds: float
    regrades: tuple[Regrade, ...]


News = Planned | Begun | Graded | Noticed
Heard = Callable[[News], None]


class ClassGrading:
    """The grading of these submissions. `heard` is told the news; `cohort` is right at every moment."""

    def __init__(
        self,
        task: Task,
        handed_in: Sequence[HandedIn],
        wish: ClassWish,
        executor: Executor,
        heard: Heard = lambda _: None,
    ) -> None:
        self._task = task
        self._handed_in = {one.place: one for one in handed_in}
        self._wish = wish
        self._executor = executor
        self._heard = heard
        self._now: Now = kept.now(task.spec)
        self._checks = {check.id: check for check in task.spec.checks}
        self._members: dict[str, Member] = {}
        self._regrades: dict[str, tuple[Regrade, ...]] = {}
        self._before: dict[str, Grade | None] = {}
        self._notices: list[Notice] = []
        self._began = time.monotonic()
        self._started = datetime.now().astimezone().isoformat(timespec="seconds")

    def run(self) -> Cohort:
        """Grade what has to be. KeyboardInterrupt passes through, after all that was started has ended."""
        with locked(self._wish.out):
            jobs = list(self._jobs())
            self._heard(Planned(len(jobs), len(self._members)))
            self._executor.run(self._task, jobs, self._told)
        return self.cohort()

    def cohort(self) -> Cohort:
        """The class as it stands: those who have a grade."""
        spec = self._task.spec
        run = ClassRun(
            self._started,
            round(time.monotonic() - self._began, 3),
            self._executor.width,
            self._task.argv,
            tuple(self._notices),
        )
        members = [self._members[place] for place in self._handed_in if place in self._members]
        return Cohort(
            spec.id, spec.title, spec.digest, spec.language, spec.checks, tuple(members), run,
            tuple(r for m in members for r in self._regrades.get(m.place, ())),
        )  # fmt: skip

    def _jobs(self) -> Iterator[Job]:
        """A job for each submission of which not everything holds; the others become members at once."""
        for place, one in self._handed_in.items():
            folder = self._wish.out / place
            store.sweep(folder)
            old = kept.earlier(folder)
            digest = kept.digest(one.folder, self._task.spec)
            todo: Plan = kept.plan(self._task.spec, old, digest, self._now, self._wish.only, again=self._wish.again)
            if old is not None and not todo.todo:
                who = Submission(one.name, str(one.folder), digest, one.owners)
                self._members[place] = Member(place, kept.as_now(old, who, self._checks), kept=True)
                self._regrades[place] = _read_regraded(folder)
                continue
            self._before[place] = old
            earlier = str(folder / RESULTS) if todo.given else ""
            yield Job(place, one.name, str(one.folder), one.owners, todo.only, earlier, todo.given)

    def _told(self, told: Told) -> None:
        if isinstance(told, Noticed):
            self._notices.append(told.notice)
            self._heard(told)
        elif isinstance(told, Begun):
            self._heard(told)
        else:
            self._done(told)

    def _done(self, done: Done) -> None:
        """Write what came of a job: the results last, since who has them counts as graded."""
        job = done.job
        files = dict(done.files)
        if RESULTS not in files:
            digest = kept.digest(Path(job.folder), self._task.spec)
            problem = done.problem or Finding("worker-ended", {})
            files = dict(undone(self._task, job, problem, digest, self._now.reference))
        text = files.pop(RESULTS)
        grade = kept.shared(results.load_bare(text.decode()), self._checks)
        folder = self._wish.out / job.place
        changed = kept.regraded(job.place, self._before.get(job.place), grade, self._now)
        for name, data in files.items():
            store.write_bytes(folder / name, data)
        if changed:
            store.write(folder / REGRADED, json.dumps([asdict(r) for r in changed]) + "\n")
        else:
            (folder / REGRADED).unlink(missing_ok=True)
        store.write_bytes(folder / RESULTS, text)
        member = Member(job.place, grade)
        self._members[job.place], self._regrades[job.place] = member, changed
        self._heard(Graded(member, done.seconds, changed))


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """No two gradings write to one folder. Raises UsageError where another does."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        store.mark(out)
        lock = (out / LOCK).open("w")
    except OSError as problem:
        raise UsageError("cannot-write", path=str(out), why=problem.strerror) from problem
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError("class-locked", path=str(out)) from None
        yield


def _read_regraded(folder: Path) -> tuple[Regrade, ...]:
    """What a place keeps of the difference to the grading before; it is only a convenience."""
    try:
        return tuple(_regrade(plain) for plain in json.loads((folder / REGRADED).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _regrade(plain: dict[str, object]) -> Regrade:
    was, now = (Outcome(str(x)) if (x := plain[key]) else None for key in ("was", "now"))
    why = plain["reasons"]
    return Regrade(
        str(plain["place"]), str(plain["check"]), was, now,
        float(str(plain["earned_was"])), float(str(plain["earned_now"])),
        tuple(Changed(x) for x in why) if isinstance(why, list) else (), str(plain["when"]),
    )  # fmt: skip

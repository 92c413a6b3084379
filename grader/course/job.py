"""One job of a class done, in a process that has nothing else to do: a submission in, the files of its grading out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from grader import results
from grader.course.circumstances import versions
from grader.course.entry import find
from grader.course.executor import RESULTS, Job, Task
from grader.course.grading import Grading
from grader.course.known_reference import KnownReference
from grader.course.subject import Subject
from grader.course.turns import Looked
from grader.course.wish import Wish, Within
from grader.errors import HarnessError
from grader.judge.follow import Follow
from grader.judge.order import EXPECTATIONS
from grader.model import Finding, Grade, Outcome, Run, Submission, Verb, Verdict
from grader.spec.contents import contents
from grader.spec.proof import listed_paths
from grader.stage import staging
from grader.stage.claims import Claims
from grader.stage.sandbox import Choice
from grader.trim import trimmed

SAYS = EXPECTATIONS | {Verb.SEND, Verb.SEND_RAW}
SILENT = ("never-listens", "exited-early")
"""Codes of what a server does that could not open its port."""


def do(task: Task, job: Job, known: KnownReference, choice: Choice) -> Mapping[str, bytes]:
    """Grade it. Raises UsageError if the folder can't be read, HarnessError if the machine or the grader failed."""
    wish = Wish(task.seed, job.only, task.argv)
    within = Within(job.name, job.owners, choice, known, _given(task, job))
    with Claims() as claims:
        claims.take(job.ports)
        grade = Grading(Path(job.folder), task.spec, wish, within=within).run()
    if job.beside and _did_not_start(grade):
        raise HarnessError("not-alone")  # it did in the look: what it may have met is tried again without
    return drawn(task, grade)


def look(task: Task, job: Job, choice: Choice) -> Looked:
    """Start its server once, to see which ports it opens of itself. Raises UsageError or HarnessError."""
    command = find(Path(job.folder), task.spec.server)
    if task.spec.opposite is not None or command.command is None:
        return Looked(())  # it opens none
    staged, _ = staging.stage(Path(job.folder), listed_paths(task.spec))
    subject = Subject(staged, task.spec, choice.rung, command, "submission", task.seed)
    try:
        built = subject.build()
        return Looked(subject.ports() if built is None or built.status == 0 else ())
    finally:
        subject.close()
        staging.remove(staged)


def _did_not_start(grade: Grade) -> bool:
    return any(f.code in SILENT for v in grade.verdicts if v.outcome is Outcome.FAILED for f in v.findings)


def undone(task: Task, job: Job, problem: Finding, digest: str, reference: str) -> Mapping[str, bytes]:
    """The files of a job that could not be done: a grader problem in every check that nothing else is known of.

    The digests are the submission's, where it is known, and the reference's.
    """
    given = {v.check.id: v for v in _given(task, job)}
    verdicts = tuple(
        given.get(check.id) or Verdict(check, Outcome.GRADER_PROBLEM, 0.0, findings=(problem,))
        for check in task.spec.checks
    )
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    run = Run(uuid.uuid4().hex[:12], now, 0.0, task.seed, task.argv, "", "", versions(), reference)
    who = Submission(job.name, job.folder, digest, job.owners)
    spec = task.spec
    grade = Grade(
        who, spec.id, spec.title, spec.digest, spec.language, verdicts, run, complete=False, problem=problem,
        groups=spec.groups, manual=spec.manual, milestones=spec.milestones, contents=contents(spec),
    )  # fmt: skip
    return drawn(task, grade)


def warm(task: Task) -> Mapping[str, bytes]:
    """Read and draw once what every job reads and draws: whoever is a copy of this process finds it done."""
    for check in task.spec.checks:
        follow = Follow(check, task.spec, task.seed)
        for line in check.play:
            if line.verb in SAYS:
                follow.template(line)
    return undone(task, Job("", "", ""), Finding("worker-ended", {"signal": 9}), "", "")


def drawn(task: Task, grade: Grade) -> Mapping[str, bytes]:
    """A grade as files; the results last, since a submission that has them counts as done."""
    grade = trimmed(grade)  # once: what is small already is trimmed again at no cost
    pages = task.draw(grade, task.language) if task.draw else {}
    files = {**pages, RESULTS: results.dump(grade)}
    return {name: text.encode("utf-8", "backslashreplace") for name, text in files.items()}


def _given(task: Task, job: Job) -> tuple[Verdict, ...]:
    """The verdicts of earlier results that hold, each about the check as the spec has it now."""
    if not job.given:
        return ()
    now = {check.id: check for check in task.spec.checks}
    kept = results.load(Path(job.earlier).read_text(encoding="utf-8")).verdicts
    return tuple(replace(v, check=replace(now[v.check.id], play=())) for v in kept if v.check.id in job.given)

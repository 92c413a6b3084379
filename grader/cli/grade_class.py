"""`grade submissions/`: a class, from the arguments to the class page.

What holds of an earlier run is kept, so the same command goes on where it was interrupted, and after a correction it
grades only what the correction touches.
"""

from __future__ import annotations

import os
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from grader.cli.class_files import comments_in, with_marks, write_class
from grader.cli.class_live import ClassLive
from grader.cli.codes import GRADED, GRADER_PROBLEM, INTERRUPTED, TOO_FEW, USAGE
from grader.cli.formats import fulfil, wished
from grader.errors import UsageError
from grader.model import Cohort, Spec

if TYPE_CHECKING:
    from grader.cli.asked import Asked
    from grader.course.executor import Executor, Task
    from grader.course.handed_in import Import
    from grader.words.sentences import Sentences

STRONG = ("full", "namespaces")
"""Rungs on which submissions can't meet each other. Any other is good enough for one's own server only."""


def grade_class(asked: Asked, spec: Spec, taken: Import, language: str, say: Sentences) -> int:
    """Grade a class, write, print; returns the exit code. Raises UsageError or HarnessError."""
    from grader.cli.reporting import RESULTS, read
    from grader.course.class_grading import ClassGrading, ClassWish
    from grader.course.executor import Noticed, Task
    from grader.course.marks import marks_in
    from grader.report.each import Each
    from grader.report.pages import pages
    from grader.report.registry import REPORTS

    wishes = wished(asked.formats)
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(2**31)
    task = Task(spec, seed, language, _command_line(asked), asked.sandbox, asked.require_sandbox, pages)
    out = Path(asked.out)
    comments = comments_in(out)
    marks = marks_in(out, spec.manual, {name for m in taken.members for name in (m.name, m.place)})
    executor = _executor(asked, task)
    console = Console(highlight=False, markup=False, emoji=False, stderr=any(wish.file is None for wish in wishes))
    interrupted = False
    with ClassLive(console, say, len(taken.members), executor) as live:
        for notice in taken.refused:
            live.heard(Noticed(notice))
        grading = ClassGrading(task, taken.members, ClassWish(out, asked.only, asked.again), executor, live.heard)
        try:
            cohort = grading.run()
        except KeyboardInterrupt:
            interrupted = True
            cohort = grading.cohort()
    cohort = replace(cohort, refused=taken.refused)
    live.conclude(cohort, str(write_class(with_marks(cohort, out, language, comments, marks), out, language, comments)))
    if interrupted:
        console.print(say.say("cli.class-interrupted", left=len(taken.members) - len(cohort.members)), soft_wrap=True)
    code = INTERRUPTED if interrupted else _code(cohort, asked)
    try:
        places = [out / member.place / RESULTS for member in cohort.members]
        whole = [wish for wish in wishes if REPORTS.get(wish.name).evidence]
        fulfil(
            [wish for wish in wishes if wish not in whole],
            cohort.grades,
            language,
            asked.view,
            incomplete=asked.incomplete,
        )
        fulfil(whole, Each(places, read), language, asked.view, incomplete=asked.incomplete)
    except UsageError as problem:
        print(say.say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
        code = code or USAGE
    return code


def _executor(asked: Asked, task: Task) -> Executor:
    """The workers of a cluster, or those of this machine, in a sandbox that is good enough for a class."""
    if asked.cluster:
        from grader.course.cluster import Cluster

        return Cluster(asked.cluster, task.least_rung or (None if asked.weak_sandbox else STRONG[-1]))
    from grader.course.circumstances import chosen
    from grader.course.workers import Workers

    choice = chosen(task.rung, task.least_rung)
    if choice.rung.name not in STRONG and not asked.weak_sandbox:
        raise UsageError("class-in-weak-sandbox", rung=choice.rung.name, why=choice.why)
    workers = Workers(asked.jobs or len(os.sched_getaffinity(0)))
    workers.choice = choice
    return workers


def _code(cohort: Cohort, asked: Asked) -> int:
    if cohort.problems:
        return GRADER_PROBLEM
    if asked.fail_under is not None and any(g.earned < asked.fail_under for g in cohort.grades):
        return TOO_FEW
    return GRADED


def _command_line(asked: Asked) -> tuple[str, ...]:
    only = tuple(word for check in asked.only for word in ("--only", check))
    return ("grade", *asked.submissions, *only)


def handed_in(asked: Asked, spec: Spec) -> Import:
    """Whoever handed in something in what is named; archives are unpacked among the results. Raises UsageError."""
    from grader.course.class_grading import locked
    from grader.course.handed_in import gathered

    out = Path(asked.out)
    with locked(out):
        return gathered([Path(name) for name in asked.submissions], spec, out / "handed-in")

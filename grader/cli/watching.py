"""`grade submissions/alice --watch`: graded again whenever something is saved, with what changed on top.

The checks that the edit can affect are run first, then those that did not pass, because it is them that somebody is working on;
how they ended is said at once. Then all others are run, because a repair may have broken something: a grade is always of
all that was handed in. Ctrl-C ends it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.codes import GRADED, INTERRUPTED
from grader.errors import UsageError
from grader.model import Grade, Spec, Verdict

if TYPE_CHECKING:
    from rich.console import Console

    from grader.cli.grade_one import Asked
    from grader.course.affected import Order
    from grader.course.edits import Edit
    from grader.course.grading import Grading
    from grader.words.sentences import Sentences


def watch(asked: Asked, folder: Path, spec: Spec, language: str, say: Sentences) -> int:
    """Grade, wait for a save, grade again; returns when interrupted. Raises UsageError where saves can't be heard of."""
    from grader.cli.grade_one import earlier, graded
    from grader.course.affected import order
    from grader.course.edits import edit, files_of
    from grader.course.kept import digest
    from grader.course.reference import child_process
    from grader.course.saves import Saves

    staff = asked.view == "staff"
    before = earlier(Path(asked.out) / folder.resolve().name / "results.json")
    known = None
    with Saves(folder) as saves:
        try:
            while True:
                was, files = digest(folder, spec), files_of(folder)
                edited = edit(known, files) if known is not None else None
                plan = order(spec, before, edited, staff=staff)
                first = First(before, plan, say, staff=staff)
                if edited is not None:
                    _say_saved(edited, plan, say)
                try:
                    ended = graded(asked, folder, spec, language, say, child_process(), before, first)
                    if ended.code == INTERRUPTED:
                        return GRADED
                    before, known = ended.grade, files
                except UsageError as problem:  # such as a submission.yaml that is half written
                    print(say.say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
                print(say.say("cli.watching", path=str(folder)), flush=True)
                while digest(folder, spec) == was:
                    saves.wait()
        except KeyboardInterrupt:
            return GRADED


class First:
    """The checks that are run before the others: when the last of them has its verdict, it is said how they ended."""

    def __init__(self, before: Grade | None, order: Order, say: Sentences, *, staff: bool) -> None:
        self.checks = order.first
        self._before = before
        self._left = set(order.first)
        self._say, self._staff = say, staff

    def heard(self, verdict: Verdict, grading: Grading, console: Console) -> None:
        """One more check has its verdict."""
        self._left.discard(verdict.check.id)
        if self._left or not self.checks or self._before is None:
            return
        told = changes(
            self._of_these(self._before),
            self._of_these(grading.grade()),
            self._say.lang,
            staff=self._staff,
            whole=False,
        )
        console.print(told, markup=False, end="")
        console.print(self._say.say("cli.watch-rest"), markup=False)
        self.checks = ()

    def _of_these(self, grade: Grade) -> Grade:
        return replace(grade, verdicts=tuple(v for v in grade.verdicts if v.check.id in self.checks))


def changes(old: Grade, new: Grade, language: str, *, staff: bool, whole: bool = True) -> str:
    """What lies between two grades; without the whole, only how these checks ended."""
    from grader.report.diff import difference
    from grader.report.diff_text import as_text, of_some
    from grader.report.student import student_view

    old, new = (old, new) if staff else (student_view(old), student_view(new))
    return (as_text if whole else of_some)(difference(old, new), language, staff=staff)


def _say_saved(edited: Edit, order: Order, say: Sentences) -> None:
    """What was saved, and what is run first because of it."""
    used = [name for name in edited.files if name not in edited.idle]
    names = [place.name for place in edited.places if place.name]
    if used:
        print(say.say("cli.watch-saved", files=used, places=list(dict.fromkeys(names)) or None))
    if edited.idle:
        print(say.say("cli.watch-idle", files=list(edited.idle)))
    if order.affected:
        print(say.say("cli.watch-first", checks=list(order.affected), count=len(order.affected)))
    elif used and order.failed:
        print(say.say("cli.watch-failed", checks=list(order.failed), count=len(order.failed)))
    sys.stdout.flush()

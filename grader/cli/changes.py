"""What changed since the last grading: told as soon as the checks that an edit can affect have run, and at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from grader.model import Grade, Verdict

if TYPE_CHECKING:
    from rich.console import Console

    from grader.course.affected import Order
    from grader.course.grading import Grading
    from grader.words.sentences import Sentences


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

"""Every way in which grades can be drawn, by name: one row here, and one module that draws.

A module of `exports/` has one function, `draw`, from grades and an `Order` to the text of one file; a row says where it
stands and what has to be known before it is called. Modules are imported when a report is asked for: jinja2 alone would
double the time of `grade --help`.

Two rules hold for all of them and are kept here, so that no module can forget them. Unless the order is for staff, what
is drawn is the student's view of a grade. And what goes into a gradebook is complete, or was asked for in spite of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from grader.errors import UsageError
from grader.model import Grade, Outcome
from grader.registry import Registry
from grader.report.each import Each


class Roster(StrEnum):
    """Whether a report needs to know the course's list of students."""

    NONE = ""
    MAY = "may"
    MUST = "must"


@dataclass(frozen=True, slots=True)
class Order:
    """How a report is wanted. `roster` is the text of the file that the gradebook handed out, `column` the one to fill,
    `out_of` the points that the gradebook counts to.
    """

    lang: str
    staff: bool = False
    roster: str | None = None
    column: str = ""
    out_of: float | None = None
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """One way of drawing. `file` is the name it is filed under; `many` tells whether one file holds several grades."""

    module: str
    file: str
    staff: bool = False
    """Whom it is for when nobody says: staff, or the student."""
    many: bool = False
    gradebook: bool = False
    roster: Roster = Roster.NONE
    evidence: bool = False
    """Whether it tells what happened, and needs transcripts for that; the others can be drawn of bare grades."""
    option: str = "--roster"
    """How the command line calls the list."""


REPORTS: Registry[Report] = Registry("report")
for _name, _report in {
    "html": Report("page", "report.html"),
    "text": Report("text", "report.txt"),
    "markdown": Report("markdown", "comment.md"),
    "json": Report("record", "results.json", staff=True),
    "csv": Report("table", "results.csv", staff=True, many=True),
    "gradescope": Report("gradescope", "gradescope.json", gradebook=True),
    "canvas": Report("canvas", "canvas.csv", many=True, gradebook=True, roster=Roster.MUST),
    "moodle": Report("moodle", "moodle.csv", many=True, gradebook=True, roster=Roster.MAY),
    "moodle-worksheet": Report(
        "worksheet", "worksheet.csv", many=True, gradebook=True, roster=Roster.MUST, option="--worksheet"
    ),
    "junit": Report("junit", "junit.xml", many=True, evidence=True),
    "github": Report("github", "summary.md", many=True),
}.items():
    REPORTS.add(_name)(_report)


def draw(name: str, grades: Sequence[Grade], order: Order) -> str:
    """The text of one file. Raises UsageError where such a report can't, or should not, be made of these grades."""
    from grader.report.student import student_view

    report = REPORTS.get(name)
    if len(grades) > 1 and not report.many:
        raise UsageError("one-grade-a-file", format=name, count=len(grades))
    if report.roster is Roster.MUST and order.roster is None:
        raise UsageError("roster-missing", format=name, option=report.option)
    if report.gradebook and not order.incomplete:
        refuse_incomplete(grades)
    drawn: Callable[[Sequence[Grade], Order], str] = import_module(f"grader.report.exports.{report.module}").draw
    if not order.staff:
        grades = Each(grades, student_view) if report.evidence else [student_view(g) for g in grades]
    return drawn(grades, order)


def refuse_incomplete(grades: Sequence[Grade]) -> None:
    """A gradebook keeps what it is given for good, so a number that may still change is no grade. Raises UsageError."""
    open_ones = [g for g in grades if pending(g)]
    if open_ones:
        names = [g.submission.name for g in open_ones]
        raise UsageError("incomplete-grade", names=names, count=sum(map(pending, open_ones)))


def pending(grade: Grade) -> int:
    """How many checks of a grade have not been judged: not run yet, or the grader stumbled over them."""
    return sum(v.outcome in (None, Outcome.GRADER_PROBLEM) for v in grade.verdicts) or int(not grade.complete)

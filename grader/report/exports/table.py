"""csv: one row for each check of each submission, for a spreadsheet or a script of one's own."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Grade, Outcome
from grader.report.exports.cells import Cell, number, written
from grader.report.registry import Order
from grader.report.told import Teller
from grader.words import printable

HEADER = (
    "submission", "check", "title", "concept", "outcome", "earned", "points", "finding", "what", "place", "evidence",
    "attempts", "complete", "started", "submission_digest", "spec", "spec_digest",
)  # fmt: skip
"""These names are for scripts, so they are in no language but this one."""


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The rows. What was not judged has an empty cell under `earned`, not a zero."""
    rows: list[Sequence[Cell]] = [HEADER]
    for grade in grades:
        teller = Teller(grade, order.lang, staff=order.staff)
        for told in teller.checks():
            verdict = told.verdict
            judged = verdict.outcome not in (None, Outcome.GRADER_PROBLEM)
            rows.append(
                (
                    teller.name,
                    verdict.check.id,
                    told.title,
                    verdict.check.concept or "",
                    verdict.outcome.value if verdict.outcome else "",
                    number(verdict.earned) if judged else None,
                    number(verdict.check.points),
                    printable(verdict.findings[0].code) if verdict.findings else "",
                    told.one,
                    told.place,
                    verdict.evidence.value,
                    len(verdict.attempts),
                    "yes" if grade.complete else "no",
                    printable(grade.run.started),
                    printable(grade.submission.digest),
                    printable(grade.spec_id),
                    printable(grade.spec_digest),
                )
            )
    return written(rows)

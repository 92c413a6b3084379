"""moodle-worksheet: the offline grading worksheet of an assignment, as Moodle gave it out, filled in.

Moodle takes back three columns, by the names that they have in its own language, and the feedback; it skips without a word
a grade above the maximum, and a row that is older than the grade it has. So the file is handed back exactly as it came, all its
columns and rows, with the grade and the feedback of those who have one here. A teacher's own feedback is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import UsageError
from grader.model import Grade
from grader.report.exports.cells import Cell, written
from grader.report.exports.feedback import feedback, ours
from grader.report.exports.points import agreed, parsed, points
from grader.report.exports.roster import Listed, listed, owners
from grader.report.registry import Order

GRADE = ("grade", "calificación", "nota", "note", "bewertung")
MAXIMUM = ("maximum grade", "calificación máxima", "nota máxima")
CHANGED = ("last modified (grade)", "última modificación (calificación)", "última modificación (nota)")
FEEDBACK = ("feedback comments", "comentarios de retroalimentación", "comentarios de retroalimentacion")


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The worksheet, with grades."""
    first = {"participant": 0} if order.column else None  # in a language that we don't know it is told by its place
    listing = listed(order.roster or "", "moodle-worksheet", first)
    grade_at = _column(listing, (order.column.casefold(),) if order.column else GRADE)
    if grade_at is None or "participant" not in listing.columns:
        raise UsageError("not-a-worksheet")
    if _column(listing, CHANGED) is None and not order.column:
        raise UsageError("not-a-worksheet")
    said_at, most_at = _column(listing, FEEDBACK), _column(listing, MAXIMUM)
    mine = owners(grades, listing)
    most = [n for at in mine if (n := parsed(listing.cell(at, most_at))) is not None]
    agreed(grades, order, most, "moodle-worksheet")
    rows: list[Sequence[Cell]] = [listing.header]
    for at, cells in enumerate(listing.rows):
        row: list[Cell] = [*cells, *[""] * (len(listing.header) - len(cells))]
        if at in mine:
            row[grade_at] = points(mine[at], order)
            if said_at is not None and ours(listing.cell(at, said_at)):
                row[said_at] = feedback(mine[at], order.lang)
        rows.append(row)
    return written(rows)


def _column(listing: Listed, names: Sequence[str]) -> int | None:
    return next((at for at, head in enumerate(listing.header) if head.casefold() in names), None)

"""canvas: a file for Canvas's “Import Grades”, made from the one that its “Export” gave.

Canvas knows a student by the id in the second column and an assignment by the number in brackets behind its title; where
these are missing it goes by the name, and makes a new assignment of a title that it does not know. So both are copied
from the export, never made up. Only students who have a grade here get a row, because Canvas takes an empty cell for a
grade to delete, and only the one assignment gets a column, so that nothing else can change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import UsageError
from grader.model import Grade
from grader.registry import nearest
from grader.report.exports.cells import Cell, written
from grader.report.exports.points import agreed, parsed, points
from grader.report.exports.roster import Listed, listed, owners
from grader.report.registry import Order

ASSIGNMENT = re.compile(r"(?P<title>.*\S)\s*\((?P<id>\d+)\)")
POSSIBLE = "Points Possible"


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The file: the columns that say who somebody is, as Canvas wrote them, and the assignment's."""
    listing = listed(order.roster or "", "canvas")
    ends = _section(listing) + 1
    column = _assignment(grades, order, listing, ends)
    total = [n for row in listing.rows if POSSIBLE in row[0] and (n := parsed(_at(row, column))) is not None]
    agreed(grades, order, total, "canvas")
    mine = owners(grades, listing)
    rows: list[Sequence[Cell]] = [[*listing.header[:ends], listing.header[column]]]
    rows += [[*_padded(row, ends), _at(row, column)] for row in listing.rows if POSSIBLE in row[0]]
    rows += [[*_padded(listing.rows[at], ends), points(mine[at], order)] for at in sorted(mine)]
    return written(rows)


def _section(listing: Listed) -> int:
    """Where the columns end that say who somebody is. Raises UsageError where this is no export of Canvas."""
    head = listing.header
    if not (len(head) > 3 and "Student" in head[0] and "ID" in head[1] and "Section" in head):
        raise UsageError("not-from-canvas")
    return head.index("Section")


def _assignment(grades: Sequence[Grade], order: Order, listing: Listed, start: int) -> int:
    """The column to fill: the one that is named, the one called like the spec, or the only one."""
    titled = {
        at: found for at, head in enumerate(listing.header[start:], start) if (found := ASSIGNMENT.fullmatch(head))
    }
    if order.column:
        wanted = order.column.strip().casefold()
        fitting = [
            at
            for at, found in titled.items()
            if wanted in (found[0].casefold(), found["title"].casefold(), found["id"])
        ]
    else:
        titles = {title.casefold() for grade in grades for title in grade.spec_title.values()}
        fitting = [at for at, found in titled.items() if found["title"].casefold() in titles]
        fitting = fitting or ([*titled] if len(titled) == 1 else [])
    if len(fitting) == 1:
        return fitting[0]
    known = [listing.header[at] for at in titled]
    near = nearest(order.column, known) if order.column else None
    raise UsageError("which-column", format="canvas", known=", ".join(known), **({"nearest": near} if near else {}))


def _at(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def _padded(row: list[str], length: int) -> list[str]:
    return (row + [""] * length)[:length]

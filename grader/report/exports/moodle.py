"""moodle: a file for Moodle's “Import > CSV file” of the gradebook.

Moodle lets the teacher say which column means what, and knows a user by username, ID number or address; a single row that
it can't place aborts the whole import. Without a list of the course's users the folder's name stands as the username;
with one (the participants, or the gradebook's own export) the keys are copied from it, letter by letter, for Moodle
compares addresses with regard to case. More than 100 points are refused there unless the site allows more.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import UsageError
from grader.model import Grade
from grader.report.exports.cells import Cell, written
from grader.report.exports.feedback import feedback
from grader.report.exports.points import all_points, points
from grader.report.exports.roster import listed, owners
from grader.report.registry import Order
from grader.report.told import Teller
from grader.words import printable

KEYS = {"login": "username", "idnumber": "idnumber", "email": "email"}
MOST = 100


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The file: who, how many points, and what to say about it."""
    for grade in grades:
        if order.out_of is None and all_points(grade) > MOST:
            raise UsageError("other-total", format="moodle", gradebook=MOST, points=all_points(grade))
    title = Teller(grades[0], order.lang).course
    keys, mine = _keys(grades, order)
    rows: list[Sequence[Cell]] = [[*keys, title, "feedback"]]
    rows += [[*who, points(grade, order), feedback(grade, order.lang)] for who, grade in mine]
    return written(rows)


def _keys(grades: Sequence[Grade], order: Order) -> tuple[list[str], list[tuple[list[str], Grade]]]:
    """The columns by which Moodle will know a user, and each grade with its cells in them."""
    if order.roster is None:
        return ["username"], [([printable(grade.submission.name)], grade) for grade in grades]
    listing = listed(order.roster, "moodle")
    columns = {name: listing.columns[column] for column, name in KEYS.items() if column in listing.columns}
    if not columns:
        raise UsageError("roster-no-list", format="moodle")
    mine = owners(grades, listing)
    return [*columns], [([listing.cell(at, c) for c in columns.values()], mine[at]) for at in sorted(mine)]

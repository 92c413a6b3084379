"""What goes into a gradebook's one number: the points, converted where the gradebook counts to another total.

A gradebook that counts to 20 takes 86 of 100 for 86 of 20, or drops it without a word. So where it says its total and
that is another one, nothing is written until somebody has said what to do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import UsageError
from grader.model import Grade
from grader.report.exports.cells import number
from grader.report.registry import Order


def all_points(grade: Grade) -> float:
    """What all checks are worth, bonus apart, whether they could be judged or not."""
    return grade.total


def agreed(grades: Sequence[Grade], order: Order, counts_to: Sequence[float], format_: str) -> None:
    """See that the gradebook counts to what will be written. Raises UsageError."""
    for grade in grades:
        written = order.out_of if order.out_of is not None else all_points(grade)
        other = next((n for n in counts_to if abs(n - written) > 0.005), None)
        if other is not None:
            raise UsageError("other-total", format=format_, gradebook=number(other), points=number(written))


def points(grade: Grade, order: Order) -> float | int:
    """The number for the gradebook."""
    total = all_points(grade)
    if order.out_of is None or not total:
        return number(grade.earned)
    return number(grade.earned * order.out_of / total)


def parsed(text: str) -> float | None:
    """A number as a gradebook writes it, with a point or a comma; None for anything else."""
    text = text.strip().replace(" ", "").replace("\u00a0", "")
    if not re.fullmatch(r"\d+(?:[.,]\d+)*", text):
        return None
    *before, last = re.split(r"[.,]", text)
    return float(f"{''.join(before)}.{last}" if before else last)

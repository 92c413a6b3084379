"""html: the page, one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Grade
from grader.report.html import student_page
from grader.report.registry import Order


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The page of the one grade."""
    return student_page(grades[0], order.lang, staff=order.staff)

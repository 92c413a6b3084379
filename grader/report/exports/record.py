"""json: the record of the grading (`docs/results.schema.json`), from which every other report can be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Grade
from grader.report.registry import Order
from grader.results import dump


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The record of the one grade."""
    return dump(grades[0])

"""text: what the terminal shows, without colour, in 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Grade
from grader.report.registry import Order
from grader.report.text import as_text


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The lines for the one grade."""
    return as_text(grades[0], order.lang, staff=order.staff)

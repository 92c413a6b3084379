"""Functions of an instructor's that are checks: made of the text that travels with the spec (`wire/doors.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from grader.model import Check
from grader.wire.doors import BROKE, named

__all__ = ["BROKE", "GIVEN", "function_of"]

GIVEN: dict[str, Callable[[Any], object]] = {}
"""Functions that are here already, such as a test of pytest, by the name under which a check has them."""


def function_of(check: Check) -> Callable[[Any], object]:
    """The function that a check names. Raises HarnessError."""
    if check.python in GIVEN:
        return GIVEN[check.python]
    path, _, name = check.python.rpartition(":")
    return cast("Callable[[Any], object]", named(path, check.source, name))

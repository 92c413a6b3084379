"""In which order checks are run: as they stand in the spec, but none before those that it needs."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Check


def in_order(checks: Sequence[Check]) -> list[Check]:
    """The checks as they stand in the spec, but each after those that it needs."""
    ordered: list[Check] = []
    left = list(checks)
    while left:
        ready = next((c for c in left if not set(c.needs) & {x.id for x in left}), left[0])
        left.remove(ready)
        ordered.append(ready)
    return ordered

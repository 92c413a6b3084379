"""How points are shared out and added up: groups, marks that a person gives, milestones, and what one check can earn.

A check earns its points or a share of them. A *penalty* earns nothing and can only lose. A *bonus* is earned beyond what
can be earned. A *gate* that fails holds the whole grade down. All of that is arithmetic on values that are in the results,
so every report comes to the same sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that belong together under one heading. `points` are shared out among them; None: each has its own."""

    id: str
    title: Mapping[str, str]
    points: float | None = None


@dataclass(frozen=True, slots=True)
class Manual:
    """Points that a person gives: the report shows a box, and no sum counts it before it is filled in."""

    id: str
    title: Mapping[str, str]
    points: float
    requirement: Mapping[str, str] = field(default_factory=dict)
    given: float | None = None
    """What the person gave, once it is known."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A stage of the assignment: reached when all its checks have passed, and those of every milestone before it."""

    id: str
    title: Mapping[str, str]
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """Points for a play that took no longer than this: seconds, or times as long as the reference took."""

    limit: float
    points: float
    of_reference: bool = False


def shares(points: float, weights: Sequence[float]) -> list[float]:
    """Points shared out in proportion to the weights, each a whole number of hundredths, together exactly the points."""
    hundredths, whole = round(points * 100), sum(weights)
    exact = [hundredths * weight / whole for weight in weights]
    given = [int(one) for one in exact]
    by_rest = sorted(range(len(exact)), key=lambda at: (given[at] - exact[at], at))
    for at in by_rest[: hundredths - sum(given)]:
        given[at] += 1
    return [one / 100 for one in given]

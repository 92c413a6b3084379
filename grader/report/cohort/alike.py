"""Submissions that fail alike: the same reasons, no more and no fewer. Whoever has read one of them has read them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.model import Member
from grader.report.cohort.comments import BETWEEN
from grader.report.cohort.reasons import Why, whys


@dataclass(frozen=True, slots=True)
class Cluster:
    """Two or more submissions with the same reasons."""

    reasons: tuple[Why, ...]
    members: tuple[Member, ...]

    @property
    def key(self) -> str:
        """What stands before a comment for all of them."""
        return BETWEEN.join(w.key for w in self.reasons)


def clusters(members: Sequence[Member]) -> list[Cluster]:
    """The clusters, the largest first."""
    found: dict[frozenset[str], list[Member]] = {}
    reasons: dict[frozenset[str], tuple[Why, ...]] = {}
    for member in members:
        those = whys(member.grade)
        together = frozenset(w.key for w in those)
        if together:
            found.setdefault(together, []).append(member)
            reasons.setdefault(together, those)
    made = [Cluster(reasons[k], tuple(those)) for k, those in found.items() if len(those) > 1]
    return sorted(made, key=lambda c: -len(c.members))

"""What a new grading changed, and why: those of whom the same reason is told stand together.

Where nothing differs between two gradings, the server itself does not always do the same, and somebody should look at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.model import Changed, Cohort, Member, Regrade
from grader.words import Sentences


@dataclass(frozen=True, slots=True)
class Moved:
    """One submission whose grade changed: by how many points, and in which checks (their ids)."""

    member: Member
    points: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regraded:
    """The submissions that changed for the same reasons."""

    why: str
    moved: tuple[Moved, ...]


def regraded(cohort: Cohort, say: Sentences) -> list[Regraded]:
    """The groups, those first of whom most changed."""
    members = {m.place: m for m in cohort.members}
    of: dict[str, list[Regrade]] = {}
    for regrade in cohort.regrades:
        if regrade.place in members:
            of.setdefault(regrade.place, []).append(regrade)
    groups: dict[tuple[Changed, ...], list[Moved]] = {}
    for place, those in of.items():
        reasons = tuple(dict.fromkeys(reason for r in those for reason in r.reasons))
        groups.setdefault(reasons, []).append(_moved(members[place], those, say))
    made = [Regraded(" ".join(_why(r, say) for r in reasons), tuple(moved)) for reasons, moved in groups.items()]
    return sorted(made, key=lambda g: -len(g.moved))


def _why(reason: Changed, say: Sentences) -> str:
    if reason is Changed.NOTHING:
        return f"{say.say('class.nothing-changed')} {say.say('diff.unsteady')}"
    return say.say("class.settled") if reason is Changed.SETTLED else say.say(f"diff.{reason.value}")


def _moved(member: Member, those: Sequence[Regrade], say: Sentences) -> Moved:
    gained = round(sum(r.earned_now - r.earned_was for r in those), 2)
    points = f"{'+' if gained > 0 else '−' if gained < 0 else '±'}{say.number(abs(gained))}"
    return Moved(member, points, tuple(r.check for r in those))

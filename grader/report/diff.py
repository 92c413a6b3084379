"""Two grades of the same student compared: what changed, and why as far as the records tell.

Everything that a verdict depends on is in a grade: the submission, the spec, the reference, the grader and the machine, each
by its digest or version. What differs between two grades is a reason that may stand behind a change; where nothing differs,
the server behaves differently from one run to the next, which is a finding of its own. A check whose own text, points or
play changed has a reason of its own, and so has one that a grader problem touched: those are never laid at the student's
door. When several things changed at once, all of them are named, and none is picked out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from grader.model import Grade, Outcome, Verdict
from grader.report.student import HOST


class Reason(StrEnum):
    """Why a check may have ended differently."""

    SUBMISSION = "submission"
    SPEC = "spec"
    REFERENCE = "reference"
    GRADER = "grader"
    MACHINE = "machine"
    CHECK = "check"
    """The check itself was changed: what it asks, does or is worth."""
    ADDED = "added"
    REMOVED = "removed"
    PROBLEM = "problem"
    NOT_RUN = "not-run"
    NEEDED = "needed"
    """A check that this one needs ended differently."""
    UNSTEADY = "unsteady"
    """Nothing changed: the server itself does not always do the same."""


@dataclass(frozen=True, slots=True)
class Change:
    """One check that ended differently. `before` or `after` is None where there was no such check."""

    before: Verdict | None
    after: Verdict | None
    reasons: tuple[Reason, ...]

    @property
    def check(self) -> str:
        """The id of the check."""
        verdict = self.after or self.before
        return verdict.check.id if verdict else ""

    @property
    def gained(self) -> float:
        """Points that it brought, negative where some were lost."""
        before, after = (v.earned if v else 0.0 for v in (self.before, self.after))
        return round(after - before, 2)


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that lies between two grades."""

    old: Grade
    new: Grade
    changed: tuple[Reason, ...]
    """What of the circumstances is another."""
    changes: tuple[Change, ...]
    same: int
    """How many checks ended as before."""

    @property
    def gained(self) -> float:
        """The points between the two."""
        return round(self.new.earned - self.old.earned, 2)


def difference(old: Grade, new: Grade) -> Difference:
    """What changed from the old grade to the new one."""
    changed = tuple(reason for reason, (a, b) in _circumstances(old, new).items() if a != b)
    before = {v.check.id: v for v in old.verdicts}
    after = {v.check.id: v for v in new.verdicts}
    differing = {i for i in before.keys() & after.keys() if _ended(before[i]) != _ended(after[i])}
    changes = [
        Change(before.get(i), after.get(i), _reasons(before.get(i), after.get(i), changed, differing))
        for i in [*after, *(i for i in before if i not in after)]
        if i in differing or i not in before or i not in after
    ]
    return Difference(old, new, changed, tuple(changes), len(before.keys() & after.keys()) - len(differing))


def _circumstances(old: Grade, new: Grade) -> dict[Reason, tuple[object, object]]:
    def machine(grade: Grade) -> object:
        versions = {k: v for k, v in grade.run.versions.items() if k not in ("grade", "code", HOST)}
        return versions, grade.run.rung

    return {
        Reason.SUBMISSION: (old.submission.digest, new.submission.digest),
        Reason.SPEC: (old.spec_digest, new.spec_digest),
        Reason.REFERENCE: (old.run.reference_digest or None, new.run.reference_digest or None),
        Reason.GRADER: (old.run.versions.get("grade"), new.run.versions.get("grade")),
        Reason.MACHINE: (machine(old), machine(new)),
    }


def _ended(verdict: Verdict) -> tuple[object, ...]:
    """How a check ended: two equal ones need no line. A failure for another reason is a change, though not in points."""
    codes = tuple(dict.fromkeys(f.code for f in verdict.findings[:1]))
    return verdict.outcome, verdict.earned, verdict.check.points, codes


def _reasons(
    before: Verdict | None, after: Verdict | None, changed: Sequence[Reason], differing: set[str]
) -> tuple[Reason, ...]:
    if before is None or after is None:
        return (Reason.ADDED,) if before is None else (Reason.REMOVED,)
    outcomes = (before.outcome, after.outcome)
    if Outcome.GRADER_PROBLEM in outcomes:
        return (Reason.PROBLEM,)
    if None in outcomes:
        return (Reason.NOT_RUN,)
    if Outcome.BLOCKED in outcomes and differing & {*before.blocked_by, *after.blocked_by}:
        return (Reason.NEEDED,)
    if Reason.SPEC in changed and _is_another(before, after):
        changed = [Reason.CHECK if r is Reason.SPEC else r for r in changed]
    return tuple(changed) or (Reason.UNSTEADY,)


def _is_another(before: Verdict, after: Verdict) -> bool:
    """Whether a check was changed itself: what it is worth, what it asks, or what it does where both runs tell it."""
    plays = [_play(before), _play(after)]
    asked = [(v.check.points, dict(v.check.requirement), v.check.needs) for v in (before, after)]
    return asked[0] != asked[1] or (None not in plays and plays[0] != plays[1])


def _play(verdict: Verdict) -> tuple[str, ...] | None:
    return next((tuple(x.text for x in a.transcript.play) for a in verdict.attempts if a.transcript.play), None)

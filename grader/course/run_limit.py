"""How long a submission may take.

With `limits: {run: 120s}` all checks of a submission together may take so long; what is left over is not run.
Only the time of the submission's own attempts counts. If the reference, on the same machine in the same run, needed more
than half of the limit for the same checks, the machine was busy or the limit too tight: that is nobody's fault.
"""

from __future__ import annotations

from collections.abc import Collection

from grader.model import Check, Evidence, Finding, Outcome, Verdict

LATE = "timed-out"
TIGHT = "no-time"


def left_over(check: Check, limit: float | None, verdicts: Collection[Verdict]) -> Verdict | None:
    """The verdict about a check for which no time is left, or None while there is some."""
    spent = sum(attempt.seconds for verdict in verdicts for attempt in verdict.attempts)
    if limit is None or spent <= limit:
        return None
    theirs = sum(v.reference.events[-1].t for v in verdicts if v.reference is not None and v.reference.events)
    facts = {"seconds": round(limit)}
    if theirs > limit / 2:
        return Verdict(check, Outcome.GRADER_PROBLEM, 0.0, findings=(Finding(TIGHT, facts),))
    return Verdict(check, Outcome.FAILED, -check.penalty, Evidence.DEADLINE, findings=(Finding(LATE, facts),))

"""What to fix first: failed checks gathered by their cause, each with the checks that could not run because of it."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model import Cause, Outcome, Verdict

ONE_CAUSE = {
    "exited",
    "exited-early",
    "never-listens",
    "no-server",
    "build-failed",
    "not-accepted",
    "wrong-port",
    "refused",
}
"""Findings that are the same fault wherever they show."""


def causes(verdicts: Sequence[Verdict]) -> tuple[Cause, ...]:
    """Each cause with the checks that it explains, the failed ones first, then those that they block."""
    gathered: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.outcome in (Outcome.FAILED, Outcome.UNSTEADY) and verdict.findings:
            code = verdict.findings[0].code
            gathered.setdefault(code if code in ONE_CAUSE else f"{code} {verdict.check.id}", []).append(verdict)
    found = []
    for several in gathered.values():
        ids = [v.check.id for v in several]
        waiting = [v for v in verdicts if v.outcome is Outcome.BLOCKED]
        for _ in waiting:  # what a blocked check blocks waits for the same cause, however long the chain
            ids += [v.check.id for v in waiting if v.check.id not in ids and set(v.blocked_by) & set(ids)]
        finding = several[0].findings[0]
        found.append(Cause(finding.code, tuple(ids), finding.facts))
    return tuple(found)

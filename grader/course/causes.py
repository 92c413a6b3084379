"""What to fix first: failed checks gathered by their cause, each with the checks that could not run because of it."""

from __future__ import annotations

from collections.abc import Sequence

from grader.judge.happened import END
from grader.model import Cause, Facts, Kind, Outcome, Verdict

LEFT = {Kind.CLOSED, Kind.CRASHED, Kind.HALF_CLOSED, Kind.SERVER_CLOSED, Kind.SERVER_RESET}
ONE_CAUSE = {
    "exited",
    "exited-early",
    "never-listens",
    "no-server",
    "build-failed",
    "not-accepted",
    "wrong-port",
    "refused",
    "agent-killed",
    *(
        "limit-memory",
        "limit-processes",
        "limit-files",
        "limit-file-size",
        "limit-disk",
        "limit-entries",
        "limit-seconds",
    ),
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
        alone = _one_at_a_time(several) if finding.code == "not-accepted" else None
        found.append(
            Cause("one-at-a-time", tuple(ids), alone) if alone else Cause(finding.code, tuple(ids), finding.facts)
        )
    return tuple(found)


def _one_at_a_time(several: list[Verdict]) -> Facts | None:
    """Who was served while who waited, if in two checks or more somebody waited un-accepted while another was served.

    Served is who has come in and stayed. A server that only holds the door while a newcomer says their name is another
    matter: there, whoever keeps the others waiting has not sent anything yet.
    """
    facts: Facts | None = None
    for verdict in several:
        waiting = verdict.findings[0].facts.get("who")
        events = verdict.attempts[-1].transcript.events if verdict.attempts else ()
        events = events[: next((i for i, e in enumerate(events) if e.note == END), len(events))]
        served = {e.who for e in events if e.kind is Kind.SENT} - {e.who for e in events if e.kind in LEFT}
        if not served:
            return None
        facts = facts or {"who": sorted(served)[:1], "waiting": waiting}
    return facts if len(several) > 1 else None

"""The reasons behind failed checks, as a page names them: what to fix first, what then, and what each check owes to which.

A reason is a cause that the grade names. Where it says more than the finding of a check (“it serves one client at a time”
instead of “beto was not accepted”), the check takes its line and its advice from it.
"""

from __future__ import annotations

from grader.model import Cause, Finding, Grade, SourceSpot, Verdict
from grader.report.summary import First, Summary

MOST = 5
"""Reasons that are named after the first."""


class Reasons:
    """The reasons of one grade, in one language."""

    def __init__(self, grade: Grade, summary: Summary) -> None:
        self._grade, self._summary = grade, summary
        self._of = {check: cause for cause in reversed(grade.causes) for check in cause.explains}

    def named(self, verdict: Verdict) -> Cause | None:
        """The reason behind a check, if it says more than the check's own finding."""
        cause = self._of.get(verdict.check.id)
        own = {f.code for f in verdict.findings}
        return cause if cause is not None and cause.code not in own else None

    def where(self, verdict: Verdict) -> SourceSpot | None:
        """The line that a check points at: its finding's own, else that of the reason behind it."""
        own = verdict.findings[0].where if verdict.findings else None
        cause = self._of.get(verdict.check.id)
        return own or (cause.where if cause else None)

    def advice(self, verdict: Verdict) -> str:
        """The reason in a sentence, and where such a thing is mended; empty where the finding says all."""
        cause = self.named(verdict)
        if cause is None:
            return ""
        finding = Finding(cause.code, cause.facts)
        return " ".join(s for part in ("one", "where") if (s := self._summary.finding(finding, part)))

    def known(self, verdict: Verdict) -> str:
        """A reason that stands behind several checks, as something to know again; empty for any other."""
        cause = self._of.get(verdict.check.id)
        return repr((cause.code, cause.facts)) if cause and len(cause.explains) > 1 else ""

    def then(self) -> list[First]:
        """What to fix after the first thing, the dearest first."""
        first, summary = self._summary.first(), self._summary
        if first is None:
            return []
        others = [x for cause in self._grade.causes if (x := summary.of_cause(cause)) and x.checks != first.checks]
        return sorted(others, key=lambda x: -x.points)[:MOST]

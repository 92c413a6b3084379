"""A class as its page needs it: the grades without what travelled, and why each of them lost what it lost.

A grade with its transcripts takes megabytes, and a class has hundreds: `light` leaves of each what a table and a count
need. Whoever draws a class reads one grade at a time, draws its page, and keeps the light one.

Two servers *fail alike* when the same causes stand behind what they lost. `whys` names each cause by a key that is the same
for both: its code, the error or the module if it is about one, and the check where only a check's own finding is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.model import Attempt, Cause, Facts, Grade, Outcome, ServerFacts, Transcript, Verdict

NEVER_STARTED = {
    "no-server", "build-failed", "never-listens", "exited-early", "missing-module", "syntax-error", "python-2",
    "error-swallowed", "waits-for-input",
}  # fmt: skip
"""Reasons for which a server never opened its port."""
_NOT_A_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One submission of a class: its grade, where its page is (seen from the class page), and how it was graded before."""

    grade: Grade
    page: str
    before: Grade | None = None

    @property
    def name(self) -> str:
        """Whose it is."""
        return self.grade.submission.name


@dataclass(frozen=True, slots=True)
class Why:
    """One reason behind lost points, comparable across submissions by `key`."""

    key: str
    code: str
    facts: Facts
    about: str
    """The module or the kind of error, where the reason is about one."""
    check: str
    """The check whose own finding it is, where no reason behind it is known."""
    concept: str
    """The idea behind the check that shows it best."""


def light(grade: Grade) -> Grade:
    """The grade without transcripts: outcomes, points, findings and causes."""
    return replace(grade, verdicts=tuple(_light(v) for v in grade.verdicts), build=None)


def _light(verdict: Verdict) -> Verdict:
    attempts = tuple(replace(a, transcript=_empty(a), remarks=()) for a in verdict.attempts)
    return replace(verdict, attempts=attempts, reference=None, recorder=None, remarks=())


def _empty(attempt: Attempt) -> Transcript:
    return Transcript(attempt.transcript.check, attempt.transcript.subject, 0, (), (), ServerFacts())


def whys(grade: Grade) -> tuple[Why, ...]:
    """Why a submission lost points, each reason once."""
    verdicts = {v.check.id: v for v in grade.verdicts}
    found = {w.key: w for cause in grade.causes if (w := _why(cause, verdicts))}
    return tuple(found.values())


def _why(cause: Cause, verdicts: Mapping[str, Verdict]) -> Why | None:
    shown = next((verdicts[i] for i in cause.explains if i in verdicts), None)
    if shown is None:
        return None
    own = cause.code in {f.code for f in shown.findings} and cause.code not in NEVER_STARTED
    about = _about(cause.facts)
    key = cause.code + (f"({about})" if about else "") + (f"@{shown.check.id}" if own else "")
    return Why(key, cause.code, cause.facts, about, shown.check.id if own else "", shown.check.concept or "")


def _about(facts: Facts) -> str:
    """A name from the server's own output, as far as it is one."""
    said = str(facts.get("module") or facts.get("error") or "").split(":", maxsplit=1)[0]
    return _NOT_A_NAME.sub("", said)[:40]


def never_started(grade: Grade) -> Why | None:
    """Why the server never opened its port; None if it did, or if that is not known."""
    if any(v.outcome in (Outcome.PASSED, Outcome.UNSTEADY) and v.attempts for v in grade.verdicts):
        return None
    return next((w for w in whys(grade) if w.code in NEVER_STARTED), None)


def judged(verdict: Verdict) -> bool:
    """Whether something is known about a check."""
    return verdict.outcome not in (None, Outcome.GRADER_PROBLEM)

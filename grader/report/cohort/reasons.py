"""Why each submission of a class lost what it lost, so that one can be compared with another.

Two servers *fail alike* when the same causes stand behind what they lost. `whys` names each cause by a key that is the same
for both: its code, the error or the module if it is about one, and the check where only a check's own finding is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from grader.model import Cause, Facts, Grade, Member, Outcome, Verdict

NEVER_STARTED = {
    "no-server", "build-failed", "never-listens", "exited-early", "missing-module", "syntax-error", "python-2",
    "error-swallowed", "waits-for-input", "instead-display", "instead-python2", "instead-address", "instead-module",
    "instead-database", "instead-udp", "instead-ended", "instead-no-port",
}  # fmt: skip
"""Reasons for which a server never opened its port."""
_NOT_A_NAME = re.compile(r"[^\w.-]+")


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
    if grade.problem and grade.problem.code in NEVER_STARTED:
        return Why(grade.problem.code, grade.problem.code, grade.problem.facts, "", "", "")
    return next((w for w in whys(grade) if w.code in NEVER_STARTED), None)


def judged(verdict: Verdict) -> bool:
    """Whether something is known about a check."""
    return verdict.outcome not in (None, Outcome.GRADER_PROBLEM)


def name(member: Member) -> str:
    """Whose a submission is."""
    return member.grade.submission.name


def page(member: Member) -> str:
    """Where the page of a submission is, seen from the class page: the one that hides nothing from whoever teaches."""
    hidden = any(v.check.hidden for v in member.grade.verdicts)
    return f"{member.place}/{'staff' if hidden else 'report'}.html"

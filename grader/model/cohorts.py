"""A class (`Cohort` in code, since `class` is taken): the grades of all submissions of one assignment, without their evidence.

Six hundred grades with every byte that travelled would be some gigabytes. Here each is kept *bare*: what was found, what it
earned, what stands behind it, but no transcript; those stay in the submission's own `results.json`, next to its
page. A bare grade is a `Grade` like any other, so whatever speaks of grades speaks of these too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from grader.model.grades import Attempt, Evidence, Grade, Outcome, Verdict
from grader.model.lines import Facts, Words
from grader.model.plays import Check
from grader.model.transcripts import ServerFacts, Transcript


class Changed(StrEnum):
    """What lies between two gradings of one submission; `NOTHING` when the same was graded twice."""

    SUBMISSION = "submission"
    SPEC = "spec"
    REFERENCE = "reference"
    GRADER = "grader"
    SETTLED = "settled"
    """The earlier one had a grader problem there, or had not run the check."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Regrade:
    """A check of one submission that ended otherwise than in the grading before; `place` is its folder in the reports."""

    place: str
    check: str
    was: Outcome | None
    now: Outcome | None
    earned_was: float
    earned_now: float
    reasons: tuple[Changed, ...]
    when: str
    """When the later grading began."""


@dataclass(frozen=True, slots=True)
class Member:
    """One submission of a class. `place` is the folder of its results and pages, below the class page."""

    place: str
    grade: Grade
    """Bare: see `bare`."""
    kept: bool = False
    """Whether it was graded by an earlier run and nothing has changed since."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that concerns a class as a whole, such as a machine without enough memory: a sentence by its code."""

    code: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClassRun:
    """The circumstances of grading a class."""

    started: str
    seconds: float
    jobs: int
    """How many were graded at the same time."""
    argv: tuple[str, ...]
    notices: tuple[Notice, ...] = ()
    """What befell the run as a whole, such as a machine that had too little memory for so many at a time."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Every submission of one assignment. `checks` are the spec's, in its order; members are in the order of their names."""

    spec_id: str
    spec_title: Words
    spec_digest: str
    language: str
    checks: tuple[Check, ...]
    members: tuple[Member, ...]
    run: ClassRun
    regrades: tuple[Regrade, ...] = ()
    refused: tuple[Notice, ...] = ()
    """What was handed in and could not be taken for a submission, such as an archive that would fill the disk."""
    comments: Mapping[str, str] = field(default_factory=dict)
    """What the instructor has to say to all whose grades have the same cause, by its code (`comments.yaml`)."""

    @property
    def grades(self) -> tuple[Grade, ...]:
        """The bare grades of all."""
        return tuple(member.grade for member in self.members)

    @property
    def problems(self) -> tuple[Member, ...]:
        """Those with a grader problem in some check: nobody knows yet what they are worth."""
        return tuple(m for m in self.members if any(v.outcome is Outcome.GRADER_PROBLEM for v in m.grade.verdicts))


def bare(grade: Grade, checks: Mapping[str, Check] | None = None) -> Grade:
    """A grade without transcripts and output. `checks` are shared by all grades, so that a class has each only once."""
    known = checks or {}
    verdicts = tuple(_bare(verdict, known.get(verdict.check.id)) for verdict in grade.verdicts)
    return replace(grade, verdicts=verdicts, build=None)


def _bare(verdict: Verdict, check: Check | None) -> Verdict:
    attempts = tuple(_counted(attempt, verdict.check.id) for attempt in verdict.attempts)
    return replace(verdict, check=check or replace(verdict.check, play=()), attempts=attempts, reference=None)


def _counted(attempt: Attempt, check: str) -> Attempt:
    """An attempt as far as it is counted: how it ended."""
    nothing = Transcript(check, "submission", 0, (), (), ServerFacts())
    return Attempt(attempt.outcome, Evidence(attempt.evidence), attempt.seconds, (), (), nothing)

"""What it is worth: findings, attempts, verdicts and the grade, each a claim with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from grader.model.lines import Facts, Words
from grader.model.plays import Check
from grader.model.recordings import Recorded
from grader.model.scoring import Group, Manual, Milestone
from grader.model.transcripts import SourceSpot, Transcript


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNSTEADY = "unsteady"
    BLOCKED = "blocked"
    GRADER_PROBLEM = "grader-problem"


class Evidence(StrEnum):
    """What a verdict rests on, from strongest to weakest."""

    SEEN = "seen"
    QUIET = "quiet"
    FENCE = "fence"
    DEADLINE = "deadline"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's folder. `digest` is a hash of its content, so equal folders have equal digests."""

    name: str
    folder: str
    digest: str
    owners: tuple[str, ...] = ()
    """Who handed it in, each as a gradebook knows them (a number, an address); empty where `name` says it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that differs from what the protocol asks. `code` names it for ever; `events` are indices."""

    code: str
    facts: Facts = field(default_factory=dict)
    events: tuple[int, ...] = ()
    where: SourceSpot | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of one check, judged."""

    outcome: Outcome
    evidence: Evidence
    seconds: float
    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    transcript: Transcript


GATHERED = ("left-open", "left-outlived", "left-busy")
"""Remarks that are told once for all checks of a grade, among its notices, and not at each check."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The claim about one check: an outcome, the points, and everything that it rests on.

    `outcome` is None when the check did not run (an interrupted grading).
    """

    check: Check
    outcome: Outcome | None
    earned: float
    evidence: Evidence = Evidence.NONE
    blocked_by: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Finding, ...] = ()
    reference: Transcript | None = None
    recorder: Recorded | None = None
    """What came of running a failed check once more with the server's socket calls recorded, if that was done."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason that explains several failed checks. It changes no verdict: it only says what stands behind them.

    `explains` begins with the check that shows it best, where its evidence is. `where` is the line of the code that it
    points at, if anything did.
    """

    code: str
    explains: tuple[str, ...]
    facts: Facts = field(default_factory=dict)
    where: SourceSpot | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """What the build printed, and how it ended (`status` 0 is success)."""

    command: str
    status: int
    seconds: float
    log: str


@dataclass(frozen=True, slots=True)
class Run:
    """The circumstances of a grading: all that somebody needs to repeat it."""

    id: str
    started: str
    seconds: float
    seed: int
    argv: tuple[str, ...]
    rung: str
    rung_why: str
    versions: Mapping[str, str]
    reference_digest: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """Every verdict of one submission."""

    submission: Submission
    spec_id: str
    spec_title: Words
    spec_digest: str
    language: str
    verdicts: tuple[Verdict, ...]
    run: Run
    complete: bool = True
    causes: tuple[Cause, ...] = ()
    build: Build | None = None
    problem: Finding | None = None
    """Why nothing could be run at all: no server in the folder, or a grader problem that concerns every check."""
    notices: tuple[Finding, ...] = ()
    """What is to be known of the whole submission and costs nothing, such as files that were not taken."""
    contents: Mapping[str, str] = field(default_factory=dict)
    """A digest of what each check says (`spec/contents.py`), by which it is known whether its verdict still holds."""

    groups: tuple[Group, ...] = ()
    manual: tuple[Manual, ...] = ()
    milestones: tuple[Milestone, ...] = ()

    @property
    def earned(self) -> float:
        """Points earned so far: never below nothing, and no more than a gate that failed lets through."""
        limits = [v.check.gate for v in self.shut if v.check.gate is not None]
        return min([max(0.0, self.before_gates), *limits])

    @property
    def before_gates(self) -> float:
        """What the checks come to by themselves, penalties taken off, and what a person gave."""
        return round(sum(v.earned for v in self.verdicts) + sum(one.given or 0.0 for one in self.manual), 2)

    @property
    def shut(self) -> tuple[Verdict, ...]:
        """The gates that failed, or that could not be run because of another check that failed."""
        bad = (Outcome.FAILED, Outcome.BLOCKED)
        return tuple(v for v in self.verdicts if v.check.gate is not None and v.outcome in bad)

    @property
    def withheld(self) -> float:
        """Points of checks that ended in a grader problem: neither earned nor lost."""
        problems = (v for v in self.verdicts if v.outcome is Outcome.GRADER_PROBLEM and not v.check.bonus)
        return round(sum(v.check.points for v in problems), 2)

    @property
    def total(self) -> float:
        """What all checks are worth, bonus apart, whether they could be judged or not, and the marks that were given."""
        given = sum(one.points for one in self.manual if one.given is not None)
        return round(sum(v.check.points for v in self.verdicts if not v.check.bonus) + given, 2)

    @property
    def possible(self) -> float:
        """Points that could be earned in this run: all, but those withheld."""
        return round(self.total - self.withheld, 2)

    def reached(self, milestone: Milestone) -> bool:
        """Whether every check of this milestone, and of those before it, has passed."""
        until = self.milestones[: self.milestones.index(milestone) + 1]
        wanted = {check for one in until for check in one.checks}
        return all(v.outcome is Outcome.PASSED for v in self.verdicts if v.check.id in wanted)

    @property
    def first_to_fix(self) -> Cause | None:
        """The cause that unlocks most points, its blocked checks included."""
        lost = {v.check.id: v.check.points - v.earned for v in self.verdicts}
        ranked = sorted(self.causes, key=lambda c: -sum(lost.get(i, 0.0) for i in c.explains))
        return ranked[0] if ranked else None

"""One submission graded: staged, built, driven through every check of the spec beside the reference, and judged.

Two boxes run at the same time, one with the submission and one, in another process, with the reference. A verdict waits
for the reference's transcript of the same check: if the reference fails a check too, the check is at fault, and nobody
pays for it.

Every verdict is handed on the moment it exists, so that an interruption costs only what was under way.
"""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from grader.course import entry as entries
from grader.course import learning
from grader.course.attempts import attempt_until_clear, compared, unfair, verdict
from grader.course.causes import causes
from grader.course.circumstances import chosen, versions
from grader.course.known_reference import Remembered
from grader.course.order import in_order
from grader.course.recorded import Scene, explain
from grader.course.reference import ReferenceRun
from grader.course.run_limit import left_over
from grader.course.spots import first_of_build
from grader.course.stumbles import stumbled
from grader.course.subject import Subject
from grader.course.wish import Wish, Within
from grader.course.written import written
from grader.errors import GraderError, HarnessError, UsageError
from grader.judge.pace import LEAST
from grader.judge.tidy import left_everywhere
from grader.model import (
    Attempt,
    Build,
    Check,
    Command,
    Evidence,
    Finding,
    Grade,
    Outcome,
    Run,
    ServerFacts,
    Spec,
    Submission,
    Transcript,
    Verb,
    Verdict,
)  # fmt: skip
from grader.spec.contents import contents
from grader.spec.proof import listed_paths
from grader.stage import staging
from grader.stage.place import Staging
from grader.stage.rungs import Rung
from grader.stage.sandbox import Choice

NEVER_STARTED = {"never-listens", "exited-early", "no-server", "build-failed", "bad-submission-yaml"}
Heard = Callable[[Verdict], None]
Reference = ReferenceRun | Remembered


class Grading:
    """The grading of one submission. `heard` is told each verdict; `grade` is right at every moment."""

    def __init__(
        self, folder: Path, spec: Spec, wish: Wish, heard: Heard = lambda _: None,
        child: subprocess.Popen[bytes] | None = None, within: Within | None = None,
    ) -> None:  # fmt: skip
        self.spec = spec
        self._within = within
        self._folder = folder
        self._wish = wish
        self._heard = heard
        self._child = child
        self._began = time.monotonic()
        self._started = datetime.now().astimezone().isoformat(timespec="seconds")
        self._verdicts: dict[str, Verdict] = {v.check.id: v for v in within.given} if within else {}
        self._build: Build | None = None
        self._problem: Finding | None = None
        self._choice: Choice | None = None
        self._digest = ""
        self._notices: tuple[Finding, ...] = ()
        self._instead: Finding | None = None
        self._contents = contents(spec)
        self._reference_digest = ""
        self._blocked_all: str | None = None
        self._complete = False

    def run(self) -> Grade:
        """Grade everything. KeyboardInterrupt passes through, after everything that was started has ended.

        Where the grader falls over something that nobody foresaw, what was earned until then stands, and the checks that
        have no verdict are grader problems.
        """
        try:
            for _ in self.steps():
                pass
        except GraderError:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is ours; nothing that was earned is lost
            self._problem = stumbled(problem)
            for check in self.spec.checks:
                if check.id not in self._verdicts:
                    self._keep(Verdict(check, Outcome.GRADER_PROBLEM, 0.0, findings=(self._problem,)))
        return self.grade()

    def steps(self) -> Iterator[Verdict]:
        """Grade one check after the other; whoever stops in between closes it, and everything that was started ends."""
        self._choice = self._within.choice if self._within else chosen(self._wish.rung, self._wish.least_rung)
        command, unusable = self._command()
        early = {check: at for at, check in enumerate(self._wish.first)}
        order = sorted(self.spec.checks, key=lambda c: early.get(c.id, len(early)))
        checks = [c for c in in_order(order) if not self._wish.only or c.id in self._wish.only]
        checks = [c for c in checks if c.id not in self._verdicts]
        earlier = [self._verdicts[c.id] for c in in_order(self.spec.checks) if c.id in self._verdicts]
        for held in earlier:
            self._note_never_started(held)
        staged, copied = staging.stage(self._folder, listed_paths(self.spec))
        self._digest, self._notices = copied.digest, copied.notices()
        subject = Subject(staged, self.spec, self._choice.rung, command, "submission", self._wish.seed)
        reference: Reference | None = None
        if self._within:
            self._reference_digest = self._within.reference.digest
        try:
            if command.command is None:
                nothing = Finding("no-server", {"looked_for": list(command.looked_for)})
                self._cannot_start(checks, unusable or nothing)
            elif self._built(subject, checks):
                if self.spec.discover:
                    checks = self._find_out(staged, self._choice.rung, command.command, checks)
                    subject = Subject(staged, self.spec, self._choice.rung, command, "submission", self._wish.seed)
                    subject.patience = lambda _: LEAST  # there is no reference that would tell how long is long
                elif not self._wish.alone:
                    reference = self._reference(checks)
                    self._reference_digest = reference.digest
                    subject.patience = reference.patience
                for at, check in enumerate(checks):
                    self._keep(self._check(check, subject, reference, checks[at + 1 :]))
                    yield self._verdicts[check.id]
            self._complete = len(self._verdicts) == len(self.spec.checks)
            subject.close()
            if self._wish.explained and self.spec.opposite is None:  # what is recorded are the calls of servers
                scene = Scene(self.spec, self._folder, staged, self._choice.rung, command, self._wish.seed)
                made = {c.id: self._verdicts[c.id] for c in checks}
                self._verdicts |= explain(made, scene, time.monotonic() - self._began)
                self._verdicts |= written(self._verdicts, Path(staged.submission))
        finally:
            subject.close()
            if reference is not None:
                reference.stop()
            staging.remove(staged)

    def grade(self) -> Grade:
        """The grade as it stands: complete, or with checks that have not run."""
        verdicts = tuple(self._verdicts.get(c.id) or Verdict(c, None, 0.0) for c in self.spec.checks)
        reasons = causes(verdicts, self._instead)
        notices = self._notices if self._instead is None or reasons else (*self._notices, self._instead)
        rung = self._choice.rung.name if self._choice else ""
        run = Run(
            uuid.uuid4().hex[:12], self._started, round(time.monotonic() - self._began, 3), self._wish.seed, self._wish.argv, rung,
            self._choice.why if self._choice else "", versions(), self._reference_digest,
        )  # fmt: skip
        within = self._within
        name, owners = (within.name, within.owners) if within else (self._folder.resolve().name, ())
        return Grade(
            Submission(name, str(self._folder), self._digest, owners), self.spec.id, self.spec.title, self.spec.digest,
            self.spec.language, verdicts, run, self._complete, reasons, self._build, self._problem,
            (*notices, *left_everywhere(verdicts, reasons)),
            self._contents, self.spec.groups, self.spec.manual, self.spec.milestones,
        )  # fmt: skip

    def _find_out(self, staged: Staging, rung: Rung, command: Command, checks: Sequence[Check]) -> list[Check]:
        """Learn how the server talks, and put the spec into its words; the checks that can be played in them."""
        found = learning.find_out(self.spec, self._folder, staged, rung, command, self._wish.seed)
        self.spec, self._instead = found.spec, found.instead
        self._notices += found.notices
        for check in (c for c in checks if c.id in found.unplayable):
            self._keep(Verdict(check, Outcome.GRADER_PROBLEM, 0.0, findings=(found.unplayable[check.id],)))
        put = {check.id: check for check in found.spec.checks}
        return [put[check.id] for check in checks if check.id not in found.unplayable]

    def _command(self) -> tuple[entries.Entry, Finding | None]:
        """How it is started. In a class, whoever wrote a `submission.yaml` that can't be used has no server."""
        try:
            return entries.find(self._folder, self.spec.server), None
        except UsageError as problem:
            if self._within is None or problem.code != "bad-submission-yaml":
                raise
            why = str(problem.facts.get("why", ""))
            return entries.Entry(None), Finding("bad-submission-yaml", {"why": why})

    def _reference(self, checks: Sequence[Check]) -> Reference:
        """The reference beside the submission, or what a class remembers of it."""
        rung = self._choice.rung.name if self._choice else ""
        if self._within is not None:
            return Remembered(self._within.reference, self.spec, rung, self._wish.seed)
        return ReferenceRun(self.spec, checks, rung, self._wish.seed, self._child)

    def _built(self, subject: Subject, checks: Sequence[Check]) -> bool:
        try:
            self._build = subject.build()
        except HarnessError as problem:
            self._problem = Finding(problem.code, problem.facts)
            for check in checks:
                self._keep(Verdict(check, Outcome.GRADER_PROBLEM, 0.0, findings=(self._problem,)))
            return False
        if self._build is not None and self._build.status:
            last = (self._build.log.strip().splitlines() or [""])[-1]
            facts = {"command": self._build.command, "status": self._build.status, "last": last[:200]}
            facts |= {"error": error} if (error := first_of_build(self._build.log)) else {}
            self._cannot_start(checks, Finding("build-failed", facts))
            return False
        return True

    def _cannot_start(self, checks: Sequence[Check], finding: Finding) -> None:
        """There is nothing to start: the first check says so, and the rest need it."""
        self._problem = finding
        first = next((c for c in checks if any(x.verb is Verb.LISTENS for x in c.play)), checks[0])
        for check in checks:
            if self._blocked_all:  # by what is given
                self._keep(Verdict(check, Outcome.BLOCKED, 0.0, blocked_by=(self._blocked_all,)))
            elif check is first:
                transcript = Transcript(check.id, "submission", self._wish.seed, (), check.play, ServerFacts())
                attempt = Attempt(Outcome.FAILED, Evidence.SEEN, 0.0, (finding,), (), transcript)
                self._keep(Verdict(check, Outcome.FAILED, 0.0, Evidence.SEEN, (), (attempt,), (finding,)))
            else:
                self._keep(Verdict(check, Outcome.BLOCKED, 0.0, blocked_by=(first.id,)))

    def _check(self, check: Check, subject: Subject, reference: Reference | None, later: Sequence[Check]) -> Verdict:
        blocked = self._blocked(check)
        late = left_over(check, self.spec.run_limit, self._verdicts.values())
        if late or (blocked and not self._wish.only):
            if reference is not None:
                reference.skip(check)
            return late or Verdict(check, Outcome.BLOCKED, 0.0, blocked_by=blocked)
        try:
            then = next((c for c in later if self._wish.only or not self._blocked(c)), None)

            def once(number: int) -> Attempt:
                made = subject.attempt(check, number, then)
                if reference is None or not check.beside_reference:
                    return made
                return compared(check, self.spec, made, reference.of(check).transcript)

            attempts = attempt_until_clear(check, once)
            if reference is not None and reference.slower(check, later, attempts):
                attempts = attempt_until_clear(check, once)
            expected = reference.of(check) if reference is not None else None
            if expected is not None and expected.outcome is not Outcome.PASSED:
                problem = Finding("reference-failed", {"codes": [f.code for f in expected.findings]})
                return Verdict(
                    check,
                    Outcome.GRADER_PROBLEM,
                    0.0,
                    attempts=tuple(attempts),
                    findings=(problem,),
                    reference=expected.transcript,
                )
            if why := unfair(attempts):
                raise HarnessError(why)
            result = verdict(check, attempts, expected.transcript if expected else None, self.spec.unsteady)
        except HarnessError as problem:
            return Verdict(check, Outcome.GRADER_PROBLEM, 0.0, findings=(Finding(problem.code, problem.facts),))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is ours, and the other checks go on
            subject.close()  # who knows in what state its boxes are; the next check gets new ones
            return Verdict(check, Outcome.GRADER_PROBLEM, 0.0, findings=(stumbled(problem),))
        self._note_never_started(result)
        return result

    def _note_never_started(self, verdict: Verdict) -> None:
        """Where a server never started, and no check has passed, the rest need not be tried."""
        failed = verdict.outcome is Outcome.FAILED and {f.code for f in verdict.findings} & NEVER_STARTED
        if failed and not self._has_passed():
            self._blocked_all = self._blocked_all or verdict.check.id

    def _has_passed(self) -> bool:
        return any(v.outcome is Outcome.PASSED for v in self._verdicts.values())

    def _blocked(self, check: Check) -> tuple[str, ...]:
        if self._blocked_all:
            return (self._blocked_all,)
        bad = (Outcome.FAILED, Outcome.BLOCKED)
        return tuple(n for n in check.needs if n in self._verdicts and self._verdicts[n].outcome in bad)

    def _keep(self, result: Verdict) -> None:
        self._verdicts[result.check.id] = result
        self._heard(result)

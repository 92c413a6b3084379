"""One submission graded: staged, built, driven through every check of the spec beside the reference, and judged.

Two boxes run at the same time, one with the submission and one with the reference, each in a thread that lives as long
as its box. A verdict waits for the reference's transcript of the same check: if the reference fails a check too, the
check is at fault, and nobody pays for it.

Every verdict is handed on the moment it exists, so that an interruption costs only what was under way.
"""

from __future__ import annotations

import platform
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import grader
from grader.conduct.conductor import conduct
from grader.course import entry as entries
from grader.course.attempts import attempt_until_clear, verdict
from grader.course.causes import causes
from grader.course.spots import pointed
from grader.errors import HarnessError
from grader.judge.verdict import judge
from grader.model import (
    Attempt, Build, Check, Evidence, Finding, Grade, Outcome, Run, ServerFacts, Spec, Submission, Transcript, Verb, Verdict,
)  # fmt: skip
from grader.stage import sandbox, staging
from grader.stage.box import AgentGone, Box
from grader.stage.build import build, need_program
from grader.stage.sandbox import Choice

NEVER_STARTED = {"never-listens", "exited-early", "no-server", "build-failed"}
LOWEST_PORT, PORTS = 10_000, 20_000
Heard = Callable[[Verdict], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person at the keyboard asked for. `only` names the checks to run; empty means all."""

    seed: int
    only: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    rung: str | None = None


def port_for(seed: int, turn: int) -> int:
    """A port below the range that the system gives to clients, so that it can't be taken by one of ours."""
    return LOWEST_PORT + (seed * 7919 + turn * 101) % PORTS


class Subject:
    """A folder with a server, staged and built, ready to be conducted in its own box."""

    def __init__(self, folder: Path, spec: Spec, choice: Choice, command: entries.Entry, kind: str, seed: int) -> None:
        self.spec = spec
        self.kind = kind
        self.seed = seed
        self.command = command
        self._choice = choice
        self.staging, self.copied = staging.stage(folder)
        self._box: Box | None = None
        self._turn = 0

    def build(self) -> Build | None:
        """Run the build command, if there is one."""
        command = self.command.command
        if command is None:
            return None
        made = build(command.build, self._choice.rung, self.staging) if command.build else None
        if not command.run.startswith("./"):
            need_program(command.run)
        return made

    def attempt(self, check: Check, number: int = 0) -> Attempt:
        """Conduct and judge one check once. Call it always from the same thread: the box belongs to it."""
        if self._box is None:
            self._box = Box(self._choice.rung, self.staging)
        self._turn += 0 if self._choice.rung.own_network else 1
        began = time.monotonic()
        try:
            transcript = conduct(
                check, self.spec, self._box, self.command.argv, port_for(self.seed, self._turn),
                seed=self.seed + number, subject=self.kind,
            )  # fmt: skip
        except AgentGone:
            transcript = Transcript(check.id, self.kind, self.seed, (), check.play)
        if self._box.broken:
            self._box.close()
            self._box = None
        judged = judge(check, self.spec, transcript)
        findings = tuple(pointed(f, judged.transcript, Path(self.staging.submission)) for f in judged.findings)
        return Attempt(judged.outcome, judged.evidence, time.monotonic() - began, findings, judged.remarks, judged.transcript)

    def close(self) -> None:
        """End the box and remove the staged copy."""
        if self._box is not None:
            self._box.close()
            self._box = None
        staging.remove(self.staging)


class ReferenceRun(threading.Thread):
    """The reference, driven through the same checks in the background; `of` waits for one check's attempt."""

    def __init__(self, spec: Spec, checks: Sequence[Check], choice: Choice, seed: int) -> None:
        super().__init__(name="reference", daemon=True)
        self.digest = ""
        self._spec, self._checks, self._choice, self._seed = spec, checks, choice, seed
        self._ready = {check.id: threading.Event() for check in checks}
        self._attempts: dict[str, Attempt] = {}
        self._problem: HarnessError | None = None
        self._over = threading.Event()
        self._unwanted: set[str] = set()

    def of(self, check: Check) -> Attempt:
        """The reference's attempt at a check. Raises HarnessError if the reference could not be run."""
        self._ready[check.id].wait()
        if check.id not in self._attempts:
            raise self._problem or HarnessError("reference-failed")
        return self._attempts[check.id]

    def skip(self, check: Check) -> None:
        """Nobody will ask for this check any more."""
        self._unwanted.add(check.id)

    def stop(self) -> None:
        """End after the check that is under way."""
        self._over.set()
        self.join()

    def run(self) -> None:
        try:
            folder = Path(self._spec.reference_folder)
            subject = Subject(folder, self._spec, self._choice, entries.Entry(self._spec.reference), "reference", self._seed)
            self.digest = subject.copied.digest
            try:
                built = subject.build()
                if built is not None and built.status:
                    raise HarnessError("reference-failed", why=built.log[-400:])
                self._conduct(subject)
            finally:
                subject.close()
        except HarnessError as problem:
            self._problem = problem
        except Exception as problem:  # noqa: BLE001 - a bug of ours in this thread must end in a grader problem, not in a hang
            self._problem = HarnessError("grader-error", what=f"{type(problem).__name__}: {problem}")
        finally:
            for ready in self._ready.values():
                ready.set()

    def _conduct(self, subject: Subject) -> None:
        for check in self._checks:
            if self._over.is_set():
                return
            if check.id not in self._unwanted:
                attempts = [subject.attempt(check)]
                while attempts[-1].outcome is not Outcome.PASSED and len(attempts) < check.attempts:
                    attempts.append(subject.attempt(check, len(attempts)))
                self._attempts[check.id] = attempts[-1]
            self._ready[check.id].set()


class Grading:
    """The grading of one submission. `heard` is told each verdict; `grade` is right at every moment."""

    def __init__(self, folder: Path, spec: Spec, wish: Wish, heard: Heard = lambda _: None) -> None:
        self.spec = spec
        self._folder = folder
        self._wish = wish
        self._heard = heard
        self._began = time.monotonic()
        self._started = datetime.now().astimezone().isoformat(timespec="seconds")
        self._verdicts: dict[str, Verdict] = {}
        self._build: Build | None = None
        self._problem: Finding | None = None
        self._choice: Choice | None = None
        self._digest = ""
        self._reference_digest = ""
        self._blocked_all: str | None = None
        self._complete = False

    def run(self) -> Grade:
        """Grade everything. KeyboardInterrupt passes through, after everything that was started has ended."""
        probe = staging.empty_staging()
        try:
            self._choice = sandbox.choose(probe, self._wish.rung)
        finally:
            staging.remove(probe)
        command = entries.find(self._folder, self.spec.server)
        checks = [c for c in self.spec.checks if not self._wish.only or c.id in self._wish.only]
        reference = ReferenceRun(self.spec, checks, self._choice, self._wish.seed)
        subject = Subject(self._folder, self.spec, self._choice, command, "submission", self._wish.seed)
        self._digest = subject.copied.digest
        try:
            if command.command is None:
                self._cannot_start(checks, Finding("no-server", {"looked_for": list(command.looked_for)}))
            elif self._built(subject, checks):
                reference.start()
                for check in checks:
                    self._keep(self._check(check, subject, reference))
            self._complete = True
        finally:
            if reference.ident is not None:
                reference.stop()
            self._reference_digest = reference.digest
            subject.close()
        return self.grade()

    def grade(self) -> Grade:
        """The grade as it stands: complete, or with checks that have not run."""
        verdicts = tuple(self._verdicts.get(c.id) or Verdict(c, None, 0.0) for c in self.spec.checks)
        rung = self._choice.rung.name if self._choice else ""
        run = Run(
            uuid.uuid4().hex[:12], self._started, round(time.monotonic() - self._began, 3), self._wish.seed, self._wish.argv, rung,
            self._choice.why if self._choice else "", versions(), self._reference_digest,
        )  # fmt: skip
        return Grade(
            Submission(self._folder.resolve().name, str(self._folder), self._digest), self.spec.id, self.spec.title, self.spec.digest,
            self.spec.language, verdicts, run, self._complete, causes(verdicts), self._build, self._problem,
        )  # fmt: skip

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
            self._cannot_start(checks, Finding("build-failed", facts))
            return False
        return True

    def _cannot_start(self, checks: Sequence[Check], finding: Finding) -> None:
        """There is nothing to start: the first check says so, and the rest need it."""
        self._problem = finding
        first = next((c for c in checks if any(x.verb is Verb.LISTENS for x in c.play)), checks[0])
        for check in checks:
            if check is first:
                transcript = Transcript(check.id, "submission", self._wish.seed, (), check.play, ServerFacts())
                attempt = Attempt(Outcome.FAILED, Evidence.SEEN, 0.0, (finding,), (), transcript)
                self._keep(Verdict(check, Outcome.FAILED, 0.0, Evidence.SEEN, (), (attempt,), (finding,)))
            else:
                self._keep(Verdict(check, Outcome.BLOCKED, 0.0, blocked_by=(first.id,)))

    def _check(self, check: Check, subject: Subject, reference: ReferenceRun) -> Verdict:
        blocked = self._blocked(check)
        if blocked and not self._wish.only:
            reference.skip(check)
            return Verdict(check, Outcome.BLOCKED, 0.0, blocked_by=blocked)
        try:
            attempts = attempt_until_clear(check, lambda number: subject.attempt(check, number))
            expected = reference.of(check)
            if expected.outcome is not Outcome.PASSED:
                problem = Finding("reference-failed", {"codes": [f.code for f in expected.findings]})
                return Verdict(check, Outcome.GRADER_PROBLEM, 0.0, attempts=tuple(attempts), findings=(problem,), reference=expected.transcript)
            result = verdict(check, attempts, expected.transcript)
        except HarnessError as problem:
            return Verdict(check, Outcome.GRADER_PROBLEM, 0.0, findings=(Finding(problem.code, problem.facts),))
        if result.outcome is Outcome.FAILED and {f.code for f in result.findings} & NEVER_STARTED and not self._has_passed():
            self._blocked_all = self._blocked_all or check.id
        return result

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


def versions() -> dict[str, str]:
    """What a grading was done with."""
    return {"grade": grader.__version__, "python": platform.python_version(), "system": f"{platform.system()} {platform.release()}"}


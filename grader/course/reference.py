"""The reference, driven through the same checks at the same time, in a process of its own.

A process, not a thread: the grader's clients of the reference and of the submission would else take turns on one
interpreter lock, and the one server's haste would slow the other's clients down. The parent sends one job and reads
attempts as they are finished. When it goes away, by whatever end, the child reads the end of its input and goes too;
the box dies with it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from grader.course.entry import Entry
from grader.course.pipes import begun, receive, send
from grader.course.stumbles import stumbled
from grader.course.subject import Subject
from grader.errors import HarnessError
from grader.judge.pace import patience
from grader.model import Attempt, Check, Outcome, Spec
from grader.spec.proof import listed_paths
from grader.stage import staging
from grader.stage.place import Staging
from grader.stage.rungs import RUNGS
from grader.trim import shortened

BUILD_LOG = 400


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that the child needs to know."""

    spec: Spec
    checks: tuple[str, ...]
    staging: Staging
    rung: str
    seed: int


def child_process() -> subprocess.Popen[bytes]:
    """A child that loads what it needs and waits for its job. Begun early, it is ready when the job is."""
    return begun(__name__)


def dismiss(process: subprocess.Popen[bytes]) -> None:
    """End a child, and everything that it started: it ends when its input does."""
    _hang_up(process)
    process.wait()
    if process.stdout:
        process.stdout.close()


def _hang_up(process: subprocess.Popen[bytes]) -> None:
    """Close a child's input. It may have ended before it heard all that was meant for it."""
    if process.stdin:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


class ReferenceRun:
    """The parent's side. `of` waits for one check's attempt; `digest` is of the reference's folder."""

    def __init__(
        self, spec: Spec, checks: Sequence[Check], rung: str, seed: int, process: subprocess.Popen[bytes] | None = None
    ) -> None:
        self._staging, copied = staging.stage(Path(spec.reference_folder), listed_paths(spec))
        self.digest = copied.digest
        self._attempts: dict[str, Attempt] = {}
        self._problem: HarnessError | None = None
        self._checks = {check.id: check for check in checks}
        self._ready = {check.id: threading.Event() for check in checks}
        self._sending = threading.Lock()
        job = Job(spec, tuple(self._ready), self._staging, rung, seed)
        try:
            self._process = process or child_process()
            self._thread = threading.Thread(target=self._listen, args=(job,), name="reference", daemon=True)
            self._thread.start()
        except BaseException:
            staging.remove(self._staging)  # interrupted: nothing is left behind
            raise

    def of(self, check: Check) -> Attempt:
        """The reference's attempt at a check. Raises HarnessError if the reference could not be run."""
        self._ready[check.id].wait()
        if check.id not in self._attempts:
            raise self._problem or HarnessError("reference-ended")
        return self._attempts[check.id]

    def patience(self, check: Check | None) -> float:
        """How long to wait for an answer of the submission's in this check, by the answers of the reference so far.

        None: as long as in any. So it is, too, where the submission is ahead of the reference.
        """
        made = self._attempts.get(check.id) if check else None
        return patience([a.transcript for a in list(self._attempts.values())], made.transcript if made else None)

    def skip(self, check: Check) -> None:
        """Nobody will ask for this check: the child leaves it out if it has not begun it."""
        self._send(check.id)

    def slower(self, check: Check, later: Sequence[Check], attempts: Sequence[Attempt]) -> bool:
        """Whether it needs longer now than was thought: it runs beside the submission, so what is thought is right."""
        del check, later, attempts
        return False

    def stop(self) -> None:
        """End the child and everything that it started."""
        with self._sending:
            _hang_up(self._process)
        self._process.wait()
        self._thread.join()
        dismiss(self._process)
        staging.remove(self._staging)

    def _send(self, what: object) -> None:
        with self._sending:
            try:
                if self._process.stdin and not self._process.stdin.closed:
                    send(self._process.stdin, what)
            except OSError:
                return  # the child has ended; `of` says so to whoever asks

    def _listen(self, job: Job) -> None:
        """Hand over the job, which may have to wait until the child is there, then hear what it has to say."""
        try:
            self._send(job)
            while self._process.stdout and (told := receive(self._process.stdout)) is not None:
                if isinstance(told, HarnessError):
                    self._problem = told
                elif isinstance(told, Attempt):
                    check = self._checks[told.transcript.check]
                    self._attempts[check.id] = replace(told, transcript=replace(told.transcript, play=check.play))
                    self._ready[check.id].set()
        finally:
            for ready in self._ready.values():
                ready.set()


def child() -> None:
    """The child's side: one job in, attempts out."""
    gc.set_threshold(100_000, 20, 100)  # (see `cli.main`)
    inward, outward = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever might print must not land between the answers
    job = receive(inward)
    if not isinstance(job, Job):
        return
    unwanted: set[str] = set()
    threading.Thread(target=_watch, args=(inward, unwanted), daemon=True).start()
    subject = Subject(job.staging, job.spec, RUNGS.get(job.rung), Entry(job.spec.reference), "reference", job.seed)
    try:
        built = subject.build()
        if built is not None and built.status:
            raise HarnessError("reference-failed", why=built.log[-BUILD_LOG:])
        by_id = {check.id: check for check in job.spec.checks}
        for at, wanted in enumerate(job.checks):
            if wanted not in unwanted:
                then = next((by_id[c] for c in job.checks[at + 1 :] if c not in unwanted), None)
                send(outward, _attempted(subject, by_id[wanted], then))
    except HarnessError as problem:
        send(outward, problem)
    except BrokenPipeError:
        pass  # the parent has gone, and nobody wants to know
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is ours: the checks that are left can't be compared
        send(outward, HarnessError("grader-error", **stumbled(problem).facts))
    finally:
        subject.close()
        with contextlib.suppress(OSError):
            outward.close()
    os._exit(0)  # the watching thread sits in a read that only the parent can end


def _attempted(subject: Subject, check: Check, then: Check | None) -> Attempt:
    """An attempt that passed, if one of a few does: the reference, too, may meet a machine in haste."""
    attempt = subject.attempt(check, then=then)
    for number in range(1, check.attempts):
        if attempt.outcome is Outcome.PASSED:
            break
        attempt = subject.attempt(check, number, then)
    # Only what results keep is sent home, but for what is to be compared; the play is known there.
    kept = attempt.transcript if check.beside_reference else shortened(attempt.transcript)
    return replace(attempt, transcript=replace(kept, play=()))


def _watch(inward: IO[bytes], unwanted: set[str]) -> None:
    """Hear which checks nobody wants; the end of the input is the end of the parent, and of everything here."""
    while (told := receive(inward)) is not None:
        unwanted.add(str(told))
    os._exit(0)

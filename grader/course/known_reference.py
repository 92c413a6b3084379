"""The reference of a class: run once, before everybody, and asked by each grading for what it did then.

Two hundred submissions are asked the same by the same seed, so the reference would answer each time the same, and take as
much of the processor as all of them. What can't be remembered is how quickly it answers *now*, beside all that is running.
That is needed only where a deadline has failed a check. Then, and from there on to the end of this one grading, the
reference runs beside the submission, and the check is tried again if it turns out to need longer than was thought.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.course.reference import ReferenceRun
from grader.judge.pace import patience
from grader.model import Attempt, Check, Evidence, Outcome, Spec


@dataclass(frozen=True, slots=True)
class KnownReference:
    """What the reference did in each check. The plays are left out: whoever asks has the spec."""

    digest: str
    attempts: Mapping[str, Attempt]

    @property
    def failed(self) -> tuple[str, ...]:
        """The checks that it does not pass: they are withdrawn for everybody."""
        return tuple(name for name, a in self.attempts.items() if a.outcome is not Outcome.PASSED)


def run_once(spec: Spec, checks: Sequence[Check], rung: str, seed: int) -> KnownReference:
    """Run the reference, if there is one, by itself through these checks. Raises HarnessError if it can't be run."""
    if spec.discover:
        return KnownReference("", {})
    run = ReferenceRun(spec, checks, rung, seed)
    try:
        attempts = {check.id: run.of(check) for check in checks}
    finally:
        run.stop()
    bare = {name: replace(a, transcript=replace(a.transcript, play=())) for name, a in attempts.items()}
    return KnownReference(run.digest, bare)


class Remembered:
    """In place of a `ReferenceRun`, for one grading: answers from memory, and runs the reference when its pace is needed."""

    def __init__(self, known: KnownReference, spec: Spec, rung: str, seed: int) -> None:
        self.digest = known.digest
        self._known = known
        self._spec = spec
        self._rung = rung
        self._seed = seed
        self._live: ReferenceRun | None = None

    def of(self, check: Check) -> Attempt:
        """The reference's attempt at a check."""
        attempt = self._known.attempts[check.id]
        return replace(attempt, transcript=replace(attempt.transcript, play=check.play))

    def patience(self, check: Check | None) -> float:
        """How long to wait for an answer in this check, or, None, in any: by what is remembered, and by what the reference
        needs now where that was measured.
        """
        made = self._known.attempts.get(check.id) if check else None
        remembered = patience([a.transcript for a in self._known.attempts.values()], made.transcript if made else None)
        return max(remembered, self._live.patience(check)) if self._live else remembered

    def slower(self, check: Check, later: Sequence[Check], attempts: Sequence[Attempt]) -> bool:
        """Whether a deadline failed these attempts, and the reference beside them now needs longer than was thought."""
        if all(a.outcome is Outcome.PASSED or a.evidence is not Evidence.DEADLINE for a in attempts):
            return False
        before = self.patience(check), self.patience(None)
        if self._live is None:
            self._live = ReferenceRun(self._spec, [check, *later], self._rung, self._seed)
        self._live.of(check)
        now = self.patience(check), self.patience(None)
        return any(later > earlier for later, earlier in zip(now, before, strict=True))

    def skip(self, check: Check) -> None:
        """Nobody will ask for this check."""
        if self._live is not None:
            self._live.skip(check)

    def stop(self) -> None:
        """End it, if it was started."""
        if self._live is not None:
            self._live.stop()

"""Results of earlier gradings that still hold: what has not changed is not graded again.

A verdict holds as long as nothing that it rests on has changed: the submission's files, what the check says, the
reference's files, and the grader's own code. All four are known by digests that stand in `results.json`, so nothing else is
kept, and a results file that was copied to another machine, or restored from a backup, holds there as well. A check that
ended in a grader problem, or did not run, never holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader import results
from grader.course.circumstances import code_digest
from grader.course.executor import RESULTS
from grader.errors import UsageError
from grader.model import Changed, Check, Grade, Outcome, Regrade, Spec, Submission, Verdict
from grader.spec.contents import contents
from grader.spec.proof import listed_paths
from grader.stage.staging import digest_of

UNSETTLED = (None, Outcome.GRADER_PROBLEM)


@dataclass(frozen=True, slots=True)
class Now:
    """The digests as they are now: of each check, of the reference and of the grader."""

    contents: Mapping[str, str]
    reference: str
    code: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be done for one submission. `given` are the checks whose verdicts hold; `only` as in a job."""

    only: tuple[str, ...]
    given: tuple[str, ...]
    todo: tuple[str, ...]


def now(spec: Spec) -> Now:
    """The digests of a spec and its reference. Raises UsageError where the reference can't be read."""
    return Now(contents(spec), digest_of(Path(spec.reference_folder), listed_paths(spec)), code_digest())


def earlier(folder: Path) -> Grade | None:
    """The bare grade that is kept in a folder of results, if there is one that can be read."""
    try:
        return results.load_bare((folder / RESULTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def digest(folder: Path, spec: Spec) -> str:
    """The digest of a submission's folder; empty where it can't be read, which the grading will say."""
    try:
        return digest_of(folder, listed_paths(spec))
    except UsageError:
        return ""


def shared(grade: Grade, checks: Mapping[str, Check]) -> Grade:
    """A bare grade whose checks are the spec's own, so that a class has each only once."""
    verdicts = tuple(replace(v, check=checks.get(v.check.id, v.check)) for v in grade.verdicts)
    return replace(grade, verdicts=verdicts)


def as_now(grade: Grade, one: Submission, checks: Mapping[str, Check]) -> Grade:
    """A grade that is kept, under the name by which the submission goes now."""
    return shared(replace(grade, submission=one), checks)


def reasons(old: Grade, digest: str, here: Now) -> tuple[Changed, ...]:
    """What all verdicts of an earlier grade rest on and has changed since."""
    changed = {
        Changed.SUBMISSION: old.submission.digest != digest,
        Changed.REFERENCE: old.run.reference_digest != here.reference,
        Changed.GRADER: old.run.versions.get("code") != here.code,
    }
    return tuple(reason for reason, true in changed.items() if true)


def plan(
    spec: Spec, old: Grade | None, digest: str, here: Now, only: Sequence[str] = (), *, again: bool = False
) -> Plan:
    """What has to be graded. With `only`, these checks are graded and nothing else, whatever held of the others."""
    holding = _holding(old, digest, here) if old else set[str]()
    wanted = [c.id for c in spec.checks if not only or c.id in only]
    todo = set(wanted) if only or again else {i for i in wanted if i not in holding}
    if not only:
        todo |= _needing(spec, todo)
    given = tuple(c.id for c in spec.checks if c.id in holding and c.id not in todo)
    return Plan(tuple(only), given, tuple(c.id for c in spec.checks if c.id in todo))


def regraded(place: str, old: Grade | None, new: Grade, here: Now) -> tuple[Regrade, ...]:
    """The checks that ended otherwise, or earned other points, than in the earlier grade."""
    if old is None:
        return ()
    before = {v.check.id: v for v in old.verdicts}
    general = reasons(old, new.submission.digest or old.submission.digest, here)
    return tuple(
        Regrade(
            place,
            v.check.id,
            was.outcome,
            v.outcome,
            was.earned,
            v.earned,
            _why(was, old, here, general),
            new.run.started,
        )
        for v in new.verdicts
        if (was := before.get(v.check.id)) and (was.outcome, was.earned) != (v.outcome, v.earned)
    )


def _why(was: Verdict, old: Grade, here: Now, general: tuple[Changed, ...]) -> tuple[Changed, ...]:
    changed = list(general)
    if old.contents.get(was.check.id) != here.contents.get(was.check.id):
        changed.append(Changed.SPEC)
    if was.outcome in UNSETTLED:
        changed.append(Changed.SETTLED)
    return tuple(changed) or (Changed.NOTHING,)


def _holding(old: Grade, digest: str, here: Now) -> set[str]:
    """The checks whose verdicts hold."""
    if reasons(old, digest, here):
        return set()
    return {
        v.check.id
        for v in old.verdicts
        if v.outcome not in UNSETTLED and here.contents.get(v.check.id, "") == old.contents.get(v.check.id)
    }


def _needing(spec: Spec, checks: Collection[str]) -> set[str]:
    """The checks that need one of these, at first or second hand: whether they can be run at all may change."""
    found: set[str] = set()
    grown: Iterable[str] = checks
    while grown:
        grown = {c.id for c in spec.checks if set(c.needs) & set(grown)} - found
        found |= set(grown)
    return found

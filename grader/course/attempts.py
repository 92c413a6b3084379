"""From several attempts at one check to one outcome.

A failure that was seen, or that rests on a server proven quiet, stands. One that rests on a deadline is tried again: if
it then passes, it was the machine's haste and counts as passed, with a remark. Failures of the first kind in some
attempts only make a check unsteady, and it earns its share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from grader.course.tiers import tier
from grader.judge.compare import first_difference
from grader.judge.latency import too_slow
from grader.judge.timing import overslept
from grader.model import Attempt, Check, Evidence, Finding, Outcome, Spec, Transcript, Verb, Verdict

EARNED: Mapping[str, Callable[[float], float]] = {
    "share": lambda share: share,
    "nothing": lambda _: 0.0,
    "everything": lambda _: 1.0,
}


def attempt_until_clear(check: Check, once: Callable[[int], Attempt]) -> list[Attempt]:
    """Attempts at a check, as many as its outcome needs: one, or up to `check.attempts`. `once` is told the number."""
    attempts: list[Attempt] = []
    while len(attempts) < max(1, check.attempts):
        attempts.append(once(len(attempts)))
        last = attempts[-1]
        settled = last.outcome is Outcome.PASSED or last.evidence is not Evidence.DEADLINE
        if settled and not check.race and not (check.tiers and last.outcome is Outcome.PASSED):
            break
    return attempts


def compared(check: Check, spec: Spec, attempt: Attempt, reference: Transcript) -> Attempt:
    """The attempt, failed where its clients got something else than the reference's did (`same_as_reference`), or later.

    Where nothing is said about it, everything is as it was.
    """
    if attempt.outcome is not Outcome.PASSED:
        return attempt
    if (slow := too_slow(check, attempt.transcript, reference)) is not None:
        return replace(attempt, outcome=Outcome.FAILED, findings=(slow,), evidence=Evidence.DEADLINE)
    if not check.same_as_reference:
        return attempt
    difference = first_difference(check, spec, attempt.transcript, reference)
    if difference is None:
        return attempt
    timed = any(line.verb is Verb.WAITS for line in attempt.transcript.play)
    rests_on = Evidence.DEADLINE if timed else difference[1]
    return replace(attempt, outcome=Outcome.FAILED, findings=(difference[0],), evidence=rests_on)


def unfair(attempts: Sequence[Attempt]) -> str:
    """Why nobody can be judged by these attempts: the code of a grader problem, or nothing."""
    if any(f.code == "broke-off" for a in attempts for f in a.findings):
        return "broke-off"
    late = all(a.outcome is Outcome.FAILED and overslept(a.transcript.events) for a in attempts)
    return "overslept" if late and attempts else ""


def verdict(check: Check, attempts: list[Attempt], reference: Transcript | None, rule: str = "share") -> Verdict:
    """The outcome of all attempts, with the findings of the attempt that tells most.

    `rule` says what an unsteady check earns (`Spec.unsteady`).
    """
    failed = [a for a in attempts if a.outcome is Outcome.FAILED]
    passed = [a for a in attempts if a.outcome is Outcome.PASSED]
    certain = [a for a in failed if a.evidence is not Evidence.DEADLINE]
    kept = tuple(attempts)
    if not failed or (passed and not certain):
        shown = passed[-1]
        again = (Finding("passed-when-repeated", {"attempts": len(attempts)}),) if failed else ()
        points, told = tier(check, passed, reference) if check.tiers else (check.points, ())
        return Verdict(
            check, Outcome.PASSED, points, shown.evidence, (), kept, (), shown.remarks + again + told, reference
        )
    shown = (certain or failed)[0]
    # What failed by deadline alone would have passed when repeated: it costs nothing beside an attempt that did.
    share = EARNED[rule](1 - len(certain) / len(attempts)) if passed else 0.0
    outcome = Outcome.UNSTEADY if passed else Outcome.FAILED
    return Verdict(
        check,
        outcome,
        round(check.points * share - check.penalty * (1 - share), 2),
        shown.evidence,
        (),
        kept,
        shown.findings,
        shown.remarks,
        reference,
    )

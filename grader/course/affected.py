"""The checks that an edit can affect first, by the evidence of the last grading: they are run before all others.

In this order: those whose failing lines, or the lines in which the server's threads stood, lie in an edited function; those
that did not pass and in whose play a text of the edited lines stands; those that passed and have such a text; then
whatever else did not pass. The rest follows, because a repair may break anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.course.edits import Edit
from grader.model import Check, Grade, Outcome, SourceSpot, Spec, Verdict


@dataclass(frozen=True, slots=True)
class Order:
    """The checks that the edit can affect and those that did not pass; `first` are both, each behind what it needs."""

    affected: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    first: tuple[str, ...] = ()


def order(spec: Spec, before: Grade | None, edited: Edit | None, *, staff: bool = True) -> Order:
    """Which checks to run first. Without an edit that is known, those that did not pass.

    To anybody else than staff, it is not told which lines a hidden check is about.
    """
    if before is None:
        return Order()
    verdicts = {v.check.id: v for v in before.verdicts}
    failed = [c.id for c in spec.checks if c.id in verdicts and verdicts[c.id].outcome is not Outcome.PASSED]
    affected = _affected(spec, before, edited) if edited else []
    affected = [i for i in affected if staff or not verdicts[i].check.hidden]
    return Order(tuple(affected), tuple(failed), tuple(_with_needs(spec, dict.fromkeys([*affected, *failed]))))


def _affected(spec: Spec, before: Grade, edited: Edit) -> list[str]:
    verdicts = {v.check.id: v for v in before.verdicts}
    named = _named(spec, edited.words)
    ranks: dict[str, int] = {}
    for check in spec.checks:
        verdict = verdicts.get(check.id)
        if verdict is None:
            continue
        passed = verdict.outcome is Outcome.PASSED
        if not passed and any(_lies_in(spot, edited) for spot in _spots(verdict, before)):
            ranks[check.id] = 0
        elif check.id in named:
            ranks[check.id] = 2 if passed else 1
    return sorted(ranks, key=ranks.__getitem__)


def _named(spec: Spec, words: Iterable[str]) -> set[str]:
    """The checks in whose plays such a word stands. One that stands in most of them says nothing."""
    plays = {check.id: _said(check) for check in spec.checks}
    found: set[str] = set()
    for word in words:
        having = {i for i, said in plays.items() if word in said}
        if len(having) * 2 <= len(plays):
            found |= having
    return found


def _said(check: Check) -> str:
    """What is sent, expected and looked for in a check; how clients join is the same in all."""
    return "\n".join(line.argument for line in check.play if line.part == "play")


def _lies_in(spot: tuple[str, int], edited: Edit) -> bool:
    file, line = spot
    return any(place.file == file and place.first <= line <= place.last for place in edited.places)


def _spots(verdict: Verdict, grade: Grade) -> Iterator[tuple[str, int]]:
    """The lines that the evidence of a verdict points at."""
    found = [f.where for f in verdict.findings]
    for attempt in verdict.attempts:
        found += [f.where for f in attempt.findings]
        for thread in attempt.transcript.threads:
            found += [thread.spot, *thread.calls]
    found += [c.where for c in grade.causes if verdict.check.id in c.explains]
    for spot in found:
        if isinstance(spot, SourceSpot):
            yield spot.file, spot.line
            yield from spot.via


def _with_needs(spec: Spec, wanted: Iterable[str]) -> Iterator[str]:
    """The checks in this order, each behind those that it needs."""
    needs = {check.id: check.needs for check in spec.checks}
    told: set[str] = set()

    def behind(check: str) -> Iterator[str]:
        if check not in told:
            told.add(check)
            for need in needs.get(check, ()):
                yield from behind(need)
            yield check

    for check in wanted:
        yield from behind(check)

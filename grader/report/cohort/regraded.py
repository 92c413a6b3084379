"""What a new grading changed, and why: those of whom the same reason is told stand together.

The reasons are those of `diff`: what differs between the two gradings may stand behind a change; where nothing differs, the
server itself does not always do the same, and somebody should look at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.report.cohort.entry import Entry
from grader.report.diff import Difference, Reason, difference
from grader.report.diff_text import reason_said, signed
from grader.words import Sentences


@dataclass(frozen=True, slots=True)
class Moved:
    """One submission whose grade changed."""

    entry: Entry
    points: str
    gained: str
    checks: tuple[str, ...]
    """The ids of the checks that ended differently."""


@dataclass(frozen=True, slots=True)
class Regraded:
    """The submissions that changed for the same reasons."""

    why: str
    moved: tuple[Moved, ...]


def regraded(entries: Sequence[Entry], say: Sentences) -> list[Regraded]:
    """The groups, those first of whom most changed."""
    found: dict[tuple[Reason, ...], list[tuple[Entry, Difference]]] = {}
    for entry in entries:
        if entry.before is None:
            continue
        between = difference(entry.before, entry.grade)
        if between.changes:
            single = [r for c in between.changes for r in c.reasons]
            found.setdefault(tuple(dict.fromkeys([*between.changed, *single])), []).append((entry, between))
    groups = [
        Regraded(_why(reasons, those, say), tuple(_moved(entry, between, say) for entry, between in those))
        for reasons, those in found.items()
    ]
    return sorted(groups, key=lambda g: -len(g.moved))


def _why(reasons: Sequence[Reason], those: Sequence[tuple[Entry, Difference]], say: Sentences) -> str:
    """The reasons in sentences; one that holds for some checks only speaks of as many as there are."""
    told = []
    for reason in reasons:
        checks = {c.check for _, between in those for c in between.changes if reason in c.reasons}
        told.append(reason_said(those[0][1], reason, say, count=len(checks)))
    return " ".join(told)


def _moved(entry: Entry, between: Difference, say: Sentences) -> Moved:
    then, now = (say.number(g.earned) for g in (between.old, between.new))
    checks = tuple(c.check for c in between.changes)
    return Moved(entry, f"{then} → {now}", signed(between.gained, say), checks)

"""What a class got wrong, counted: the checks that fewest pass, the reasons behind lost points, the ideas they belong to.

A check that was not judged says nothing about a server, so it counts neither way. An idea counts as not understood where it
stands behind a *reason*: a server that serves one client at a time fails ten checks about clients, sockets and threads, and
has one thing to learn. Servers that never opened their port say nothing about ideas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.model import Member, Outcome, Verdict
from grader.report.cohort.reasons import Why, judged, never_started, whys
from grader.report.view import IDEAS


@dataclass
class Hard:
    """A check, and how many of those that were judged passed it."""

    verdict: Verdict
    passed: int = 0
    of: int = 0

    @property
    def share(self) -> float:
        """Hundredths that passed."""
        return round(100 * self.passed / self.of, 1) if self.of else 0.0


@dataclass
class Wrong:
    """A reason, and whom it concerns."""

    why: Why
    members: list[Member] = field(default_factory=list)


@dataclass
class Idea:
    """A concept of the course, how many stumble over it, and the reasons that show it, most frequent first."""

    name: str
    stumbled: int
    of: int
    reasons: list[Wrong] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Hundredths of those whose servers ran."""
        return round(100 * self.stumbled / self.of, 1) if self.of else 0.0


def hardest(members: Sequence[Member]) -> list[Hard]:
    """Every check, the one that fewest pass first; in the spec's order where as many do."""
    found: dict[str, Hard] = {}
    for member in members:
        for verdict in member.grade.verdicts:
            hard = found.setdefault(verdict.check.id, Hard(verdict))
            if judged(verdict):
                hard.of += 1
                hard.passed += verdict.outcome is Outcome.PASSED
    return sorted((h for h in found.values() if h.of), key=lambda h: h.share)


def wrongs(members: Sequence[Member]) -> list[Wrong]:
    """Every reason, the one that most submissions have first."""
    found: dict[str, Wrong] = {}
    for member in members:
        for why in whys(member.grade):
            found.setdefault(why.key, Wrong(why)).members.append(member)
    return sorted(found.values(), key=lambda w: -len(w.members))


def ideas(members: Sequence[Member]) -> list[Idea]:
    """Each concept that some check is about, the one that most stumble over first."""
    ran = [e for e in members if not never_started(e.grade) and any(map(judged, e.grade.verdicts))]
    asked = {v.check.concept for e in members for v in e.grade.verdicts}
    reasons = wrongs(ran)
    found = []
    for name in IDEAS:
        behind = [w for w in reasons if w.why.concept == name]
        stumbled = {id(e) for w in behind for e in w.members}
        if name in asked:
            found.append(Idea(name, len(stumbled), len(ran), behind))
    return sorted(found, key=lambda i: -i.stumbled)

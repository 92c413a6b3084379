"""What a grade comes to in a few words: how each check ended, two sentences on the whole, and what to fix first.

The page and the terminal say the same, so both take their sentences here. A hidden check gives away its outcome and its
points, and nothing that it found, unless the reader is staff.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grader.model import Cause, Finding, Grade, Outcome, SourceSpot, Verdict
from grader.report.rows import signal_name
from grader.report.sums import plain
from grader.words import Sentences

TO_FIX = (Outcome.FAILED, Outcome.UNSTEADY, Outcome.BLOCKED)
TONES = {
    Outcome.PASSED: "pass",
    Outcome.FAILED: "fail",
    Outcome.UNSTEADY: "unsteady",
    Outcome.BLOCKED: "notrun",
    Outcome.GRADER_PROBLEM: "problem",
    None: "notrun",
}
SIGNS = {"pass": "✓", "fail": "✗", "unsteady": "~", "notrun": "–", "problem": "!"}


@dataclass(frozen=True, slots=True)
class First:
    """The one thing to fix first: what it is, where it shows, and what depends on it."""

    what: str
    spot: str
    checks: tuple[tuple[str, str], ...]
    """Id and title of each check that it stands behind."""
    points: float
    evidence: str = ""
    """How that is known, where the checks' own findings do not say it."""
    printed: bool = False
    """Whether the spot says what the runtime printed there, not what the flight recorder saw."""


class Summary:
    """A grade, summed up in one language."""

    def __init__(self, grade: Grade, say: Sentences, *, staff: bool = False) -> None:
        self.grade, self.say, self.staff = grade, say, staff
        self.by_id = {v.check.id: v for v in grade.verdicts}

    def title(self, verdict: Verdict) -> str:
        return self.say.text(verdict.check.title, self.grade.language) or verdict.check.id

    def titles(self, ids: Sequence[str]) -> list[str]:
        return [self.title(self.by_id[i]) if i in self.by_id else i for i in ids]

    def word(self, verdict: Verdict) -> str:
        return self.say.say(f"outcome.{verdict.outcome.value if verdict.outcome else 'none'}")

    def kept(self, verdict: Verdict) -> bool:
        """Whether the details of this check are not for this reader."""
        return verdict.check.hidden and not self.staff

    def finding(self, finding: Finding, part: str) -> str:
        """What is said of a finding."""
        facts = dict(finding.facts)
        if facts.get("signal") is not None:
            facts["signal"] = signal_name(facts["signal"])
        return self.say.of_finding(finding.code, part, facts)

    def one(self, verdict: Verdict) -> str:
        """The line under a check's title: why it did not pass."""
        if verdict.outcome is Outcome.PASSED:
            return ""
        if verdict.outcome is None:
            return self.say.say("page.not-reached")
        if verdict.outcome is Outcome.BLOCKED:
            return self.say.say("page.not-run", titles=self.titles(verdict.blocked_by))
        if self.kept(verdict):
            return self.say.say("page.kept")
        if verdict.findings:
            said = self.finding(verdict.findings[0], "one")
        else:
            unknown = "grader-error" if verdict.outcome is Outcome.GRADER_PROBLEM else "unknown"
            said = self.say.of_finding(unknown, "one", {})
        if verdict.outcome is Outcome.UNSTEADY:
            passed = len([a for a in verdict.attempts if a.outcome is Outcome.PASSED])
            return f"{self.say.say('page.unsteady', passed=passed, count=len(verdict.attempts))} {said}"
        return said

    def sentences(self) -> list[str]:
        """The whole in two sentences, the good first; none where a problem stands above everything."""
        say, verdicts = self.say, self.grade.verdicts
        passed = [v for v in verdicts if v.outcome is Outcome.PASSED]
        stumbled = [v for v in verdicts if v.outcome in (Outcome.FAILED, Outcome.UNSTEADY)]
        counts = {"passed": len(passed), "total": len(verdicts)}
        if not verdicts or self.grade.problem:
            return []
        if len(passed) == len(verdicts):
            return [say.say("page.all-passed", **counts)]
        said = [say.say("page.some-passed", **counts, fine=self._fine())] if passed else []
        if not passed and stumbled:
            said = [say.say("page.none-passed", **counts)]
        if stumbled:
            said.append(self._stumbles(stumbled))
        return said

    def withheld(self) -> str:
        """What the checks that could not be judged are worth; empty if there are none."""
        problems = [v for v in self.grade.verdicts if v.outcome is Outcome.GRADER_PROBLEM]
        points = plain(self.grade.withheld)
        return self.say.say("page.withheld", count=len(problems), points=points) if problems else ""

    def _stumbles(self, stumbled: list[Verdict]) -> str:
        first = self.first()
        ids = [i for i, _ in first.checks] if first else []
        behind = [v for v in self.grade.verdicts if v.check.id in ids and v.outcome in TO_FIX]
        if len(behind) > 3 and len(behind) == len(self.grade.verdicts):
            return self.say.say("page.one-reason-all")
        if len(behind) > 3 and len(behind) * 3 >= len(self.grade.verdicts) * 2:
            passed = [v for v in self.grade.verdicts if v.outcome is Outcome.PASSED]
            others = len(behind) + len(passed) == len(self.grade.verdicts)
            return self.say.say("page.one-reason-others" if others else "page.one-reason", count=len(behind))
        dearest = sorted(stumbled, key=lambda v: v.earned - v.check.points)
        return self.say.say("page.stumbles", titles=[self.title(v) for v in dearest])

    def _fine(self) -> list[str]:
        """The concepts all of whose checks passed."""
        fine = []
        for concept in ("port", "host", "server", "client", "socket", "thread"):
            about = [v for v in self.grade.verdicts if v.check.concept == concept]
            if about and all(v.outcome is Outcome.PASSED for v in about):
                fine.append(self.say.say(f"idea.{concept}.about"))
        return fine

    def first(self) -> First | None:
        """The cause that the grade names, else the check whose repair gives most points, with those that wait for it."""
        cause = self.grade.first_to_fix
        if self.grade.problem:
            return None
        if cause and (named := self.of_cause(cause)):
            return named
        worth = {v.check.id: v.check.points - v.earned for v in self.grade.verdicts}
        best: list[str] = []
        for verdict in self.grade.verdicts:
            if verdict.outcome in (Outcome.FAILED, Outcome.UNSTEADY) and not self.kept(verdict):
                waiting = [verdict.check.id, *self._waiting_for(verdict.check.id)]
                if not best or sum(worth[i] for i in waiting) > sum(worth[i] for i in best):
                    best = waiting
        if not best:
            return None
        verdict = self.by_id[best[0]]
        finding = verdict.findings[0] if verdict.findings else None
        return self._first(self.one(verdict), finding, best)

    def of_cause(self, cause: Cause) -> First | None:
        """A cause, unless what shows it is not for this reader."""
        behind = [i for i in cause.explains if i in self.by_id]
        open_ones = [i for i in behind if not self.kept(self.by_id[i])]
        if behind and not open_ones:
            return None
        named = Finding(cause.code, cause.facts, where=cause.where)
        own = [f for i in open_ones for f in self.by_id[i].findings if f.code == cause.code]
        own.sort(key=lambda f: f.where is None)
        what = self.finding(named, "one")
        if own:
            return self._first(what, named if cause.where else own[0], behind)
        # What an error says is in the evidence already; what was recorded is said nowhere else.
        says = cause.where.says if cause.where and cause.where.recorded else ""
        bare = replace(named, where=replace(cause.where, says=says)) if cause.where else None
        return replace(self._first(what, bare, behind), evidence=self.finding(named, "happened"))

    def _first(self, what: str, finding: Finding | None, ids: list[str]) -> First:
        points = sum(self.by_id[i].check.points - self.by_id[i].earned for i in ids)
        spot = self.spot(finding) if finding else ""
        printed = bool(finding and finding.where and not finding.where.recorded)
        return First(what, spot, tuple(zip(ids, self.titles(ids), strict=True)), round(points, 2), printed=printed)

    def spot(self, finding: Finding) -> str:
        """The place in the code that a finding points at, with what the runtime said there, or the flight recorder."""
        where = finding.where
        if where is None:
            return ""
        key = f"recorded.{where.recorded}.spot"
        key = key if self.say.has(key) else "page.spot"
        says = where.says.strip().rstrip(".")
        return self.say.say(key, file=where.file, line=where.line, says=says)

    def recorded(self, verdict: Verdict, where: SourceSpot | None) -> str:
        """That a place is from a second, recorded run, and the other lines that belong to it; or why there is none."""
        if where is None and verdict.recorder is not None:
            why = f"recorded.not.{verdict.recorder.state.value}"
            return self.say.say(why) if self.say.has(why) else ""
        if where is None or where.recorded == "written" or not self.say.has(f"recorded.{where.recorded}.spot"):
            return ""  # what stands in the source needed no second run
        places = [
            self.say.say("recorded.line" if file == where.file else "recorded.line-in", file=file, line=line)
            for file, line in where.via
        ]
        via = self.say.say(f"recorded.{where.recorded}.via", places=places) if places else ""
        return f"{via} {self.say.say('recorded.second')}".strip()

    def _waiting_for(self, check: str) -> list[str]:
        """The checks that were not run because of this one, directly or by another."""
        waiting: list[str] = []
        reached = [check]
        while reached:
            needed = reached.pop()
            for verdict in self.grade.verdicts:
                if needed in verdict.blocked_by and verdict.check.id not in waiting:
                    waiting.append(verdict.check.id)
                    reached.append(verdict.check.id)
        return waiting

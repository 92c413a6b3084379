"""One check as the page shows it: everything that the template needs, already in words or drawn.

A template only places things. What is shown, in which order, and what is left out is decided here: a passed check is one
sentence; a failed one has the four answers, then its evidence from the closest to the fullest (code, drawing, what the
server printed, its threads, both transcripts); a check that was not run says why. How much evidence there is room for,
`room.py` decides.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from grader.model import GATHERED, Attempt, Finding, Grade, Kind, Outcome, Verdict
from grader.report.code import Standing, caption, excerpt, standing
from grader.report.drawing import Drawing, drawing
from grader.report.evidence import evidence
from grader.report.printed import listing, printed
from grader.report.reasons import Reasons
from grader.report.room import NONE, Allowance, Room
from grader.report.rows import judged_events
from grader.report.sides import sides
from grader.report.steps import Side
from grader.report.summary import TO_FIX, TONES, Summary
from grader.report.sums import long, short
from grader.results import shown_folder
from grader.trim import shown_attempt

_WRONG = (Outcome.FAILED, Outcome.UNSTEADY)
SENTENCES = 6
"""Other findings of a check that are told one by one."""
IDEAS = ("server", "client", "socket", "host", "port", "thread")


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt in a list of several."""

    name: str
    tone: str
    word: str
    took: str
    said: str
    drawn: Drawing | None = None
    """What travelled in it, where it is not the attempt that the check shows anyway."""


@dataclass
class CheckView:
    """What the page shows of one check."""

    id: str
    title: str
    tone: str
    word: str
    points: str
    short: str
    """The points in the narrowest form: 12/20."""
    width: float
    """How much of the points bar is this check's."""
    share: float
    """Of its points, how many hundredths were earned."""
    one: str
    open: bool
    fix: bool
    idea: str = ""
    lead: list[str] = field(default_factory=list)
    """Sentences for a check without findings to show."""
    links: list[tuple[str, str]] = field(default_factory=list)
    happened: str = ""
    evidence: str = ""
    expected: str = ""
    why: str = ""
    spot: str = ""
    printed: bool = False
    """Whether the spot says what the runtime printed there."""
    recorded: str = ""
    """About the second run from which the spot is."""
    where: str = ""
    also: list[str] = field(default_factory=list)
    code: Markup | None = None
    drawn: Drawing | None = None
    errors: Markup | None = None
    output: Markup | None = None
    threads: list[Standing] = field(default_factory=list)
    threads_more: str = ""
    sides: list[Side] = field(default_factory=list)
    reference: bool = False
    attempts: list[Try] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    """Word by word: a line may end between two words, never at a hyphen inside one."""
    code_word: str = ""
    left_out: bool = False
    """Whether there was no room for some of the evidence."""

    @property
    def unjudged(self) -> bool:
        """Whether nothing is known about it, so that its points are neither earned nor lost."""
        return self.tone == "problem" or (self.tone == "notrun" and not self.fix)

    @property
    def size(self) -> int:
        """About how many bytes the evidence takes on the page."""
        pieces = [self.code, self.errors, self.output, *(t.code for t in self.threads)]
        pieces += [x for d in (self.drawn, *(a.drawn for a in self.attempts)) if d for x in (d.picture, d.legend)]
        pieces += [x for row in self.sides for x in (row.yours, row.theirs)]
        return sum(len(p.encode()) for p in pieces if p) + 200 * len(self.sides)


def anchor(check: str) -> str:
    """The id of a check as the id of an element: what can stand in a link."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", check).strip("-") or "check"


class Checks:
    """The checks of one grade, viewed one after the other. With `bare`, none has evidence: the page is too large."""

    def __init__(self, grade: Grade, summary: Summary, *, bare: bool = False) -> None:
        self.grade, self.summary, self.say, self.bare = grade, summary, summary.say, bare
        self._seen: set[str] = set()
        self.reasons = Reasons(grade, summary)
        self._total = sum(v.check.points for v in grade.verdicts)
        self._allowance = Allowance(len([v for v in grade.verdicts if v.outcome in _WRONG]))

    def view(self, verdict: Verdict) -> CheckView:
        """The view of one check."""
        check, outcome, say = verdict.check, verdict.outcome, self.say
        view = CheckView(
            id=anchor(check.id),
            title=self.summary.title(verdict),
            tone=TONES[outcome],
            word=self.summary.word(verdict),
            points=long(verdict, say),
            short=short(verdict, say),
            width=round(max(check.points, check.penalty, self._total / 28), 2),
            share=_share(verdict),
            one=self.summary.one(verdict),
            open=outcome in (*_WRONG, Outcome.GRADER_PROBLEM),
            fix=outcome in TO_FIX,
            idea=check.concept if check.concept in IDEAS else "",
            expected=say.text(check.requirement, self.grade.language),
        )
        if self.summary.kept(verdict):
            view.lead, view.one, view.expected = [say.say("page.kept")], "", ""
            view.open = False
            return view
        view.remarks = self._said([r for r in verdict.remarks if r.code not in GATHERED])
        if outcome in _WRONG:
            self._failed(view, verdict)
        elif outcome is Outcome.PASSED:
            last = shown_attempt(verdict)
            seconds = say.number(last.seconds, 1) if last and last.seconds >= 0.05 else None
            view.lead = [say.say("page.passed", seconds=seconds)]
        elif outcome is Outcome.BLOCKED:
            view.lead = [say.say("page.not-run-long")]
            titles = self.summary.titles(verdict.blocked_by)
            view.links = [(anchor(i), t) for i, t in zip(verdict.blocked_by, titles, strict=True)]
        elif outcome is Outcome.GRADER_PROBLEM:
            found = self._said(verdict.findings)
            view.lead = [*found, say.say("page.no-points-taken"), say.say("page.tell-teacher")]
            view.open = not self.grade.problem
            view.code_word = verdict.findings[0].code if verdict.findings else ""
        else:
            view.lead = [say.say("page.not-reached")]
        return view

    def _said(self, findings: Sequence[Finding], part: str = "happened") -> list[str]:
        distinct = [*{repr((f.code, f.facts)): f for f in findings}.values()]
        said = list(dict.fromkeys(s for f in distinct[:SENTENCES] if (s := self.summary.finding(f, part))))
        more = len(distinct) - SENTENCES
        return said if more <= 0 else [*said, self.say.say("sides.more", count=more)]

    def _failed(self, view: CheckView, verdict: Verdict) -> None:
        say, check, language = self.say, verdict.check, self.grade.language
        first = verdict.findings[0] if verdict.findings else Finding("unknown")
        attempt = shown_attempt(verdict)
        view.happened = self.summary.finding(first, "happened")
        view.evidence = evidence(verdict, attempt, say)
        view.why = say.text(check.why, language)
        where = self.reasons.where(verdict)
        view.spot = self.summary.spot(replace(first, where=where))
        view.printed = bool(where and not where.recorded)
        view.recorded = self.summary.recorded(verdict, where)
        view.where = (
            self.reasons.advice(verdict) or self.summary.finding(first, "where") or say.text(check.hint, language)
        )
        view.also = [s for s in self._said(verdict.findings[1:]) if s != view.happened]
        words = ("grade", shown_folder(self.grade.submission), "--only", check.id)
        view.command = [shlex.quote(word) for word in words]
        view.code_word = first.code
        same = {repr((first.code, first.facts)), self.reasons.known(verdict)} - {""}
        view.open = not (same & self._seen or self.grade.problem)  # a reason that stands open above stays closed here
        self._seen |= same
        allowed = self._allowance.of_next(is_open=view.open)
        for room in (NONE,) if self.bare else self._allowance.rooms(allowed):
            self._shown(view, verdict, attempt, room)
            if view.size <= allowed or room is NONE:
                self._allowance.take(view.size, room)
                break

    def _shown(self, view: CheckView, verdict: Verdict, attempt: Attempt | None, room: Room) -> None:
        """The evidence, as much as there is room for."""
        say, findings = self.say, verdict.findings
        spot = self.reasons.where(verdict)
        view.left_out = not room.whole
        view.code = excerpt(spot, caption(spot, say, view.code_word), around=room.around) if spot else None
        view.drawn = view.errors = view.output = None
        view.threads, view.threads_more, view.sides = [], "", []
        view.attempts = self._attempts(view, verdict, attempt, room)
        if attempt is None or not room.steps:
            return
        transcript = attempt.transcript
        play = transcript.play or verdict.check.play
        if room.rows:
            view.drawn = drawing(transcript, play, findings, verdict.remarks, say, view.id, view.title, rows=room.rows)
        events = judged_events(transcript)
        errors, output = (printed(events, kind) for kind in (Kind.ERRORS, Kind.OUTPUT))
        view.errors = listing(errors, spot, say, most=room.lines) if errors else None
        view.output = listing(output, spot, say, most=room.lines // (3 if errors else 2)) if output else None
        view.threads, view.threads_more = standing(transcript.threads, say, room.threads)
        view.sides = sides(transcript, verdict.reference, play, findings, say, most=room.steps)
        if len(view.sides) == 1 and not view.drawn:
            view.sides = []  # “the server listens: it did not” has been said
        view.reference = verdict.reference is not None

    def _attempts(self, view: CheckView, verdict: Verdict, shown: Attempt | None, room: Room) -> list[Try]:
        """Each attempt, if there were several; of an unsteady check also what travelled in those not shown above."""
        say, tries = self.say, []
        for number, attempt in enumerate(verdict.attempts if len(verdict.attempts) > 1 else (), 1):
            found = attempt.findings
            made = Try(
                name=say.say("page.attempt", number=number),
                tone=TONES[attempt.outcome],
                word=say.say(f"outcome.{attempt.outcome.value}"),
                took=say.say("page.took", seconds=say.number(attempt.seconds, 1)),
                said=self.summary.finding(found[0], "one") if found else "",
            )
            if verdict.outcome is Outcome.UNSTEADY and attempt is not shown and room.again:
                uid, title = f"{view.id}.{number}", f"{view.title}, {made.name}"
                play = attempt.transcript.play or verdict.check.play
                made = replace(
                    made,
                    drawn=drawing(attempt.transcript, play, found, attempt.remarks, say, uid, title, rows=room.again),
                )
            tries.append(made)
        return tries


def _share(verdict: Verdict) -> float:
    """Of a check's points, how many hundredths were earned; of a penalty, how many were not taken."""
    check = verdict.check
    if check.penalty:
        return round(100 * max(0.0, min(1.0, 1 + verdict.earned / check.penalty)), 1)
    return round(100 * max(0.0, min(1.0, verdict.earned / check.points)), 1) if check.points else 0.0

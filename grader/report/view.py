"""One check as the page shows it: everything that the template needs, already in words or drawn.

A template only places things. What is shown, in which order, and what is left out is decided here: a passed check is one
sentence; a failed one has the four answers, then its evidence from the closest to the fullest (code, drawing, what the
server printed, its threads, both transcripts); a check that was not run says why.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from grader.model import Attempt, Evidence, Finding, Grade, Kind, Outcome, Transcript, Verdict
from grader.report.code import Standing, caption, excerpt, standing
from grader.report.layout import NARROW_COLUMNS
from grader.report.printed import listing, printed
from grader.report.reasons import Reasons
from grader.report.rows import CAP, COLUMNS, judged_events, picture
from grader.report.seq import draw, key
from grader.report.sides import Side, sides
from grader.report.summary import TO_FIX, TONES, Summary, plain
from grader.results import shown_folder
from grader.trim import shown_attempt

OF_THE_PROCESS = (
    "exited",
    "exited-early",
    "never-listens",
    "wrong-port",
    "refused",
    "did-not-stop",
    "still-listens",
    "agent-killed",
)
"""Findings that rest on what the system says of a process or a port, not on what came over a connection."""
OF_ABSENCE = (
    "never-came",
    "not-closed",
    "not-accepted",
    "not-read",
    "lost",
    "never-listens",
    "did-not-stop",
    "timed-out",
)
"""Findings that something did not happen: these rest on a proof that it never will, or on a deadline."""
IDEAS = ("server", "client", "socket", "host", "port", "thread")


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt in a list of several."""

    name: str
    tone: str
    word: str
    took: str
    said: str


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
    recorded: str = ""
    """About the second run from which the spot is."""
    where: str = ""
    also: list[str] = field(default_factory=list)
    code: Markup | None = None
    drawing: Markup | None = None
    legend: Markup | None = None
    drawn_note: str = ""
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


def anchor(check: str) -> str:
    """The id of a check as the id of an element: what can stand in a link."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", check).strip("-") or "check"


class Checks:
    """The checks of one grade, viewed one after the other."""

    def __init__(self, grade: Grade, summary: Summary, *, rows: int = CAP) -> None:
        self.grade, self.summary, self.say, self.rows = grade, summary, summary.say, rows
        self.reasons = Reasons(grade, summary)
        self._seen: set[str] = set()
        self._total = sum(v.check.points for v in grade.verdicts)

    def view(self, verdict: Verdict) -> CheckView:
        """The view of one check."""
        check, outcome, say = verdict.check, verdict.outcome, self.say
        view = CheckView(
            id=anchor(check.id),
            title=self.summary.title(verdict),
            tone=TONES[outcome],
            word=self.summary.word(verdict),
            points=self._points(verdict),
            short=f"{say.number(verdict.earned) if _judged(verdict) else '–'}/{say.number(check.points)}",
            width=round(max(check.points, self._total / 28), 2),
            share=round(100 * max(0.0, min(1.0, verdict.earned / check.points)), 1) if check.points else 0.0,
            one=self.summary.one(verdict),
            open=outcome in (Outcome.FAILED, Outcome.UNSTEADY, Outcome.GRADER_PROBLEM),
            fix=outcome in TO_FIX,
            idea=check.concept if check.concept in IDEAS else "",
            expected=say.text(check.requirement, self.grade.language),
        )
        if self.summary.kept(verdict):
            view.lead, view.one, view.expected = [say.say("page.kept")], "", ""
            view.open = False
            return view
        view.remarks = self._said(verdict.remarks)
        if outcome in (Outcome.FAILED, Outcome.UNSTEADY):
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

    def _points(self, verdict: Verdict) -> str:
        earned = self.say.number(verdict.earned) if _judged(verdict) else "–"
        return self.say.say("page.points-of", earned=earned, possible=plain(verdict.check.points))

    def _said(self, findings: Sequence[Finding], part: str = "happened") -> list[str]:
        return list(dict.fromkeys(s for f in findings if (s := self.summary.finding(f, part))))

    def _failed(self, view: CheckView, verdict: Verdict) -> None:
        say, check, language = self.say, verdict.check, self.grade.language
        first = verdict.findings[0] if verdict.findings else Finding("unknown")
        attempt = shown_attempt(verdict)
        view.happened = self.summary.finding(first, "happened")
        view.evidence = self._evidence(verdict, attempt)
        view.why = say.text(check.why, language)
        where = self.reasons.where(verdict)
        view.recorded = self.summary.recorded(verdict, where)
        view.spot = self.summary.spot(replace(first, where=where))
        view.where = (
            self.reasons.advice(verdict) or self.summary.finding(first, "where") or say.text(check.hint, language)
        )
        view.also = [s for s in self._said(verdict.findings[1:]) if s != view.happened]
        view.code = excerpt(where, caption(where, say, first.code)) if where else None
        words = ("grade", shown_folder(self.grade.submission), "--only", check.id)
        view.command = [shlex.quote(word) for word in words]
        view.code_word = first.code
        if len(verdict.attempts) > 1:
            view.attempts = [self._try(n, a) for n, a in enumerate(verdict.attempts, 1)]
        same = {repr((first.code, first.facts)), self.reasons.known(verdict)} - {""}
        view.open = not (same & self._seen or self.grade.problem)  # a reason that stands open above stays closed here
        self._seen |= same
        if attempt:
            self._shown(view, verdict, attempt)

    def _shown(self, view: CheckView, verdict: Verdict, attempt: Attempt) -> None:
        say, transcript, findings = self.say, attempt.transcript, verdict.findings
        play = transcript.play or verdict.check.play
        if self.rows:
            wide, narrow = (
                picture(transcript, play, findings, verdict.remarks, say, cap=self.rows, columns=most)
                for most in (COLUMNS, NARROW_COLUMNS)
            )
            if wide and narrow:
                view.drawing = draw(wide, narrow, _program(transcript), view.id, view.title, say)
                view.legend = key(wide.rows, say)
                if wide.total > len(wide.clients):
                    view.drawn_note = say.say("page.diagram-some", total=wide.total)
        spot = findings[0].where if findings else None
        events = judged_events(transcript)
        errors, output = (printed(events, kind) for kind in (Kind.ERRORS, Kind.OUTPUT))
        view.errors = listing(errors, spot, say) if errors else None
        view.output = listing(output, spot, say, most=12 if errors else 24) if output else None
        view.threads, view.threads_more = standing(transcript.threads, say)
        view.sides = sides(transcript, verdict.reference, play, findings, say)
        if len(view.sides) == 1 and not view.drawing:
            view.sides = []  # “the server listens: it did not” has been said
        view.reference = verdict.reference is not None

    def _try(self, number: int, attempt: Attempt) -> Try:
        said = self.summary.finding(attempt.findings[0], "one") if attempt.findings else ""
        return Try(
            name=self.say.say("page.attempt", number=number),
            tone=TONES[attempt.outcome],
            word=self.say.say(f"outcome.{attempt.outcome.value}"),
            took=self.say.say("page.took", seconds=self.say.number(attempt.seconds, 1)),
            said=said,
        )

    def _evidence(self, verdict: Verdict, attempt: Attempt | None) -> str:
        """How we know, in plain words; for a deadline, how long it was waited."""
        code = verdict.findings[0].code if verdict.findings else ""
        if code in OF_THE_PROCESS and verdict.evidence is Evidence.SEEN:
            return self.say.say("evidence.seen-process")
        if code not in OF_ABSENCE and verdict.evidence is not Evidence.NONE:
            return self.say.say("evidence.seen")  # what came was seen, whatever another finding rests on
        seconds = None
        if verdict.evidence is Evidence.DEADLINE and attempt:
            waited = _waited(attempt.transcript)
            seconds = self.say.number(waited, 1) if waited else None
        return self.say.say(f"evidence.{verdict.evidence.value}", seconds=seconds)


def _judged(verdict: Verdict) -> bool:
    return verdict.outcome not in (None, Outcome.GRADER_PROBLEM)


def _waited(transcript: Transcript) -> float:
    """The longest time for which something was awaited in vain: from what was done last until it was given up."""
    longest, done = 0.0, 0.0
    for event in transcript.events:
        if event.kind is Kind.GAVE_UP:
            longest = max(longest, event.t - done)
        elif event.kind in (Kind.SENT, Kind.CONNECTED, Kind.CLOSED, Kind.CRASHED, Kind.HALF_CLOSED, Kind.SIGNALLED):
            done = event.t
    return round(longest, 1)


def _program(transcript: Transcript) -> str:
    """The name of the server's file, if its command names one."""
    argv = transcript.server.argv
    files = [a for a in argv[1:] if re.fullmatch(r"[\w./-]+\.[A-Za-z]\w*", a)]
    return (files[0] if files else argv[0] if argv else "").rsplit("/", 1)[-1]

"""A grade told in plain words: for every place where neither a page nor a drawing can go.

The sentences are those of the page, taken from the same views, so a comment in a gradebook never says anything else than
the page does. What a place may hold (Markdown, XML, a cell) is the business of the module that writes it: here everything
is text of whole lines, in which nothing is invisible.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.model import Grade, Outcome, SourceSpot, Verdict
from grader.report.code import caption
from grader.report.summary import SIGNS, TONES, Summary
from grader.report.sums import Sums, plain
from grader.report.view import Checks, CheckView
from grader.words import Sentences, cut, printable, printable_lines

LONGEST = 160
AROUND = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the answers to a failed check, such as what happened; `head` names it, and is empty for a plain sentence."""

    head: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """One check in words."""

    verdict: Verdict
    title: str
    sign: str
    word: str
    points: str
    """Earned and possible, such as 0/4."""
    one: str
    """Why it did not pass, in one line."""
    answers: tuple[Answer, ...]
    place: str
    """file:line in the student's code, where there is one."""
    code: tuple[str, ...]
    command: str
    """How to run just this check again; empty where there is nothing to try."""

    @property
    def short(self) -> str:
        """The first line of what is said: why it did not pass."""
        return self.one or next((a.text for a in self.answers), "")


class Teller:
    """A grade and the words for it."""

    def __init__(self, grade: Grade, lang: str, *, staff: bool = False) -> None:
        self.grade, self.say = grade, Sentences(lang)
        self.summary = Summary(grade, self.say, staff=staff)
        self.sums = Sums(grade, self.say, self.summary.title)

    @property
    def course(self) -> str:
        """What was graded."""
        return printable(self.say.text(self.grade.spec_title, self.grade.language) or self.grade.spec_id)

    @property
    def name(self) -> str:
        """Whose it is."""
        return printable(self.grade.submission.name)

    @property
    def total(self) -> str:
        """86 of 100 points."""
        grade = self.grade
        return self.say.say("text.total", earned=self.say.number(grade.earned), possible=plain(grade.possible))

    def notices(self) -> list[str]:
        """What stands above everything: why nothing ran, that not everything did, what could not be judged."""
        say, grade, notices = self.say, self.grade, []
        if grade.problem:
            said = [self.summary.finding(grade.problem, part) for part in ("one", "happened", "where")]
            notices.append(" ".join(dict.fromkeys(s for s in said if s)))
        if not grade.complete:
            count = len([v for v in grade.verdicts if v.outcome is None])
            text = say.say("page.incomplete-long", count=count, total=len(grade.verdicts))
            notices.append(f"{say.say('page.incomplete')}. {text}")
        notices += [self.summary.finding(notice, "happened") for notice in grade.notices]
        return [printable(n) for n in [*notices, *self.sums.sentences(), self.summary.withheld()] if n]

    def sentences(self) -> list[str]:
        """The whole in two sentences."""
        return [printable(s) for s in self.summary.sentences()]

    def first(self) -> list[str]:
        """What to fix first: the cause, its place in the code, what depends on it; empty if there is nothing."""
        first = self.summary.first()
        if first is None:
            return []
        titles = [title for _, title in first.checks]
        worth = self.say.say("text.explains", titles=titles, points=plain(first.points))
        return [printable(line) for line in (first.what, first.spot, worth) if line]

    def checks(self) -> list[Told]:
        """Every check, in the order of the spec."""
        views = Checks(self.grade, self.summary, bare=True)
        return [self._told(v, views.view(v)) for v in self.grade.verdicts]

    def _told(self, verdict: Verdict, view: CheckView) -> Told:
        tone = TONES[verdict.outcome]
        spot = verdict.findings[0].where if verdict.findings and not self.summary.kept(verdict) else None
        fixing = verdict.outcome in (Outcome.FAILED, Outcome.UNSTEADY) and bool(view.command)
        return Told(
            verdict=verdict,
            title=printable(view.title),
            sign=SIGNS[tone],
            word=view.word,
            points=view.short,
            one=printable(view.one),
            answers=tuple(Answer(head, printable(text)) for head, text in self._answers(view) if text),
            place=printable(f"{spot.file}:{spot.line}") if spot else "",
            code=tuple(_excerpt(spot, self.say)) if spot else (),
            command=printable(" ".join(view.command)) if fixing else "",
        )

    def _answers(self, view: CheckView) -> list[tuple[str, str]]:
        if view.lead or not view.happened:
            links = ", ".join(self.say.quote(title) for _, title in view.links)
            return [("", " ".join([*view.lead, f"{links}." if links else ""]).strip())]
        heads = {part: self.say.say(f"page.{part}") for part in ("happened", "expected", "why", "where")}
        return [
            (heads["happened"], " ".join(x for x in (view.happened, view.evidence) if x)),
            (heads["expected"], view.expected),
            (heads["why"], view.why),
            (heads["where"], " ".join(x for x in (view.spot, view.where) if x)),
        ]


def _excerpt(spot: SourceSpot, say: Sentences) -> Iterator[str]:
    """The lines around a place, the place marked, and under it what the runtime said there."""
    lines = [(n, text) for n, text in spot.excerpt if abs(n - spot.line) <= AROUND]
    wide = max((len(str(n)) for n, _ in lines), default=0)
    for number, text in lines:
        code = printable_lines(cut(text.expandtabs(4).replace("\n", " "), LONGEST))
        yield f"{'>' if number == spot.line else ' '} {number:>{wide}}  {code}".rstrip()
        if number == spot.line:
            yield f"{' ' * (wide + 4 + len(code) - len(code.lstrip()))}↑ {caption(spot, say)}"

"""The page of one submission: one UTF-8 file, complete without scripts, that never asks the network for anything.

Everything on it comes from the grade alone, so a page can be drawn again from results.json, in another language, without
running anything. What comes from a submission is hostile: `rendering.py` escapes it, markup is only made in `elements.py`.

A page of a hundred failed checks would be too large to open: `room.py` says how much evidence each may show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from markupsafe import Markup

from grader.model import GATHERED, Finding, Grade
from grader.report.about import Fact, about
from grader.report.elements import el
from grader.report.printed import Printed, listing
from grader.report.reasons import Reasons
from grader.report.rendering import render
from grader.report.student import student_view
from grader.report.summary import First, Summary
from grader.report.sums import Row, Sums, plain
from grader.report.view import IDEAS, Checks, CheckView, anchor
from grader.trim import trimmed
from grader.words import Sentences, printable_lines

LARGEST = 1_000_000
"""Bytes that a page may come to. One that would be larger is cut."""
FEW = 200
"""Checks on a page that is too large even without evidence."""
LINKS = 4
"""Checks that “Fix this first” names; of more, the first three, and how many more."""
SAID = ("talks", "talks-written", *GATHERED)
"""Notices that tell of no fault."""
OURS = ("reference-failed", "reference-ended", "no-tool", "no-sandbox", "grader-error", "interrupted", "no-time")
"""Problems of the grader or the machine: nobody's points are taken for them."""


class Cut(Enum):
    """What is left out of a page that would be too large."""

    NOTHING = 0
    EVIDENCE = 1
    CHECKS = 2


@dataclass(frozen=True, slots=True)
class Banner:
    """Something that stands above everything else: why nothing ran, or that not everything did."""

    head: str
    text: list[str]
    warn: bool = False
    said: bool = False
    """It is no fault: what was found out, or what is only remarked on."""
    pre: Markup | None = None


@dataclass(frozen=True, slots=True)
class Then:
    """One thing to fix after the first."""

    what: str
    spot: str
    printed: bool
    links: list[tuple[str, str]]
    more: str
    worth: str


@dataclass
class Page:
    """Everything that the template places."""

    lang: str
    title: str
    course: str
    name: str
    earned: str
    of: str
    checks: list[CheckView]
    summary: list[str]
    to_fix: int
    more: str = ""
    """How many checks are left out, if the page could not hold them all."""
    banners: list[Banner] = field(default_factory=list)
    aside: list[Banner] = field(default_factory=list)
    """What was remarked on and costs nothing: it comes after what is to be fixed."""
    withheld: str = ""
    comments: list[list[str]] = field(default_factory=list)
    """What the teacher has to say, in paragraphs."""
    sums: list[Row] = field(default_factory=list)
    sums_said: list[str] = field(default_factory=list)
    first: First | None = None
    first_explains: str = ""
    first_links: list[tuple[str, str]] = field(default_factory=list)
    first_worth: str = ""
    then: list[Then] = field(default_factory=list)
    joints: list[str] = field(default_factory=list)
    ideas: list[str] = field(default_factory=list)
    about: list[Fact] = field(default_factory=list)
    drawn: bool = False
    lost: bool = False
    """Whether the points bar has a hatched part, and whether it has an empty one."""
    unjudged: bool = False


def student_page(grade: Grade, lang: str, *, staff: bool = False, comments: Sequence[str] = ()) -> str:
    """The page of a grade. `staff` shows what hidden checks found; the student's page never does.

    `comments` are what the teacher has to say to everybody whose server fails like this one.
    """
    grade = trimmed(grade) if staff else student_view(trimmed(grade))
    say = Sentences(lang)
    page = ""
    for cut in Cut:
        page = render(
            "student.html.j2",
            _page(grade, say, comments, staff=staff, cut=cut),
            say,
            style="report.css",
            script="report.js",
        )
        if len(page) <= LARGEST / 2 or len(page.encode()) <= LARGEST:
            break
    return page


def _page(grade: Grade, say: Sentences, comments: Sequence[str], *, staff: bool, cut: Cut) -> Page:
    summary = Summary(grade, say, staff=staff)
    views = Checks(grade, summary, bare=cut is not Cut.NOTHING)
    checks = [views.view(v) for v in (grade.verdicts[:FEW] if cut is Cut.CHECKS else grade.verdicts)]
    for check in checks if grade.problem else ():
        check.one = ""  # the banner has said it
    course = say.text(grade.spec_title, grade.language) or grade.spec_id
    earned, possible = say.number(grade.earned), plain(grade.possible)
    sums = Sums(grade, say, summary.title)
    judged = possible > 0 or not grade.withheld
    page = Page(
        lang=say.lang,
        title=say.say("page.title", name=grade.submission.name, course=course, earned=earned, possible=possible),
        course=course,
        name=grade.submission.name,
        earned=earned if judged else "–",
        of=say.say("page.of-points", possible=possible if judged else plain(grade.withheld)),
        checks=checks,
        summary=summary.sentences(),
        to_fix=len([c for c in checks if c.fix]),
        more=say.say("page.more-checks", count=len(grade.verdicts) - FEW) if cut is Cut.CHECKS else "",
        banners=_banners(grade, summary),
        aside=[_notice(notice, summary) for notice in grade.notices if notice.code in GATHERED],
        withheld=summary.withheld(),
        comments=[text.split("\n\n") for text in comments],
        sums=sums.rows(),
        sums_said=sums.sentences(),
        ideas=[i for i in IDEAS if any(c.idea == i for c in checks)],
        about=about(grade, say),
        drawn=any(c.drawn for c in checks),
        lost=any(c.share < 100 and not c.unjudged for c in checks),
        unjudged=any(c.unjudged for c in checks),
    )
    if first := summary.first():
        page.first = first
        count, shown = len(first.checks), len(first.checks) if len(first.checks) <= LINKS else LINKS - 1
        page.first_links = [(anchor(i), t) for i, t in first.checks[:shown]]
        more = f" {say.say('grammar.and')} {say.say('grammar.more', count=count - shown)}."
        last = [", "] * (shown - 1) + [more] if shown < count else [f" {say.say('grammar.and')} "] * (count > 1) + ["."]
        page.joints = [", "] * (shown - len(last)) + last
        page.first_explains = say.say(
            "page.first-explains" if shown == count else "page.first-explains-many", count=count
        )
        page.first_worth = say.say(
            "page.first-worth" if count > 1 else "page.first-worth-one", points=plain(first.points)
        )
        page.then = [_then(other, say) for other in Reasons(grade, summary).then()]
    return page


def _then(other: First, say: Sentences) -> Then:
    count = len(other.checks)
    shown = count if count <= LINKS else LINKS - 1
    return Then(
        other.what,
        other.spot,
        other.printed,
        [(anchor(i), title) for i, title in other.checks[:shown]],
        say.say("grammar.more", count=count - shown) if shown < count else "",
        say.say("page.then-worth", points=plain(other.points)),
    )


def _banners(grade: Grade, summary: Summary) -> list[Banner]:
    say, banners = summary.say, []
    log = _build_log(grade, say) if grade.build and grade.build.status != 0 else None
    if grade.problem:
        parts = [summary.finding(grade.problem, part) for part in ("one", "happened", "where")]
        ours = grade.problem.code in OURS
        if ours:
            parts[2] = say.say("page.no-points-taken-all")
        banners.append(Banner(say.say("page.problem"), [p for p in dict.fromkeys(parts) if p], warn=ours, pre=log))
    elif log:
        banners.append(Banner(say.say("page.build-failed"), [], pre=log))
    banners += [_notice(notice, summary) for notice in grade.notices if notice.code not in GATHERED]
    pending = [v for v in grade.verdicts if v.outcome is None]
    if not grade.complete:
        counts = {"count": len(pending), "total": len(grade.verdicts)}
        banners.append(Banner(say.say("page.incomplete"), [say.say("page.incomplete-long", **counts)], warn=True))
    return banners


def _notice(notice: Finding, summary: Summary) -> Banner:
    parts = [summary.finding(notice, part) for part in ("happened", "where")]
    said = notice.code in SAID
    return Banner(summary.finding(notice, "one"), [p for p in parts if p], said=said)


def _build_log(grade: Grade, say: Sentences) -> Markup | None:
    """The command of the build, and what it printed."""
    if grade.build is None:
        return None
    lines = [Printed(0.0, line) for line in grade.build.log.splitlines()]
    command = el("p", el("code", printable_lines(grade.build.command)))
    return command + (listing(lines, None, say, clock=False) if lines else Markup())

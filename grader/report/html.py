"""The page of one submission: one UTF-8 file, complete without scripts, that never asks the network for anything.

Everything on it comes from the grade alone, so a page can be drawn again from results.json, in another language, without
running anything. What comes from a submission is hostile: the templates escape by themselves, every text passes
`_safe` (which shows what can't be seen), markup is only made in `elements.py`, and the policy in the page's head lets no
script run but ours, known by its hash.

A page of a hundred failed checks would be too large to open: the drawings shrink, step by step, until it fits.
"""

from __future__ import annotations

import base64
import hashlib
import shlex
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePath

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.model import Grade, ServerFacts
from grader.report.elements import el, prose
from grader.report.printed import Printed, listing
from grader.report.reasons import Reasons
from grader.report.rows import CAP
from grader.report.student import student_view
from grader.report.summary import First, Summary, plain
from grader.report.view import IDEAS, Checks, CheckView, anchor
from grader.trim import trimmed
from grader.words import Sentences, printable_lines

ROOM = 900_000
"""Bytes that a page may come to before its drawings are made smaller."""
LINKS = 4
"""Checks that “Fix this first” names; of more, the first three, and how many more."""
ROWS = (CAP, 26, 12, 0)
OURS = ("reference-failed", "no-tool", "no-sandbox", "grader-error", "interrupted")
"""Problems of the grader or the machine: nobody's points are taken for them."""


@dataclass(frozen=True, slots=True)
class Banner:
    """Something that stands above everything else: why nothing ran, or that not everything did."""

    head: str
    text: list[str]
    warn: bool = False
    pre: Markup | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of “About this report”."""

    name: str
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Then:
    """One thing to fix after the first."""

    what: str
    spot: str
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
    banners: list[Banner] = field(default_factory=list)
    withheld: str = ""
    first: First | None = None
    first_explains: str = ""
    first_links: list[tuple[str, str]] = field(default_factory=list)
    first_worth: str = ""
    then: list[Then] = field(default_factory=list)
    joints: list[str] = field(default_factory=list)
    ideas: list[str] = field(default_factory=list)
    about: list[Fact] = field(default_factory=list)
    drawn: bool = False


def student_page(grade: Grade, lang: str, *, staff: bool = False) -> str:
    """The page of a grade. `staff` shows what hidden checks found; the student's page never does."""
    grade = trimmed(grade) if staff else student_view(trimmed(grade))
    page = ""
    for rows in ROWS:
        page = _render(_page(grade, Sentences(lang), rows=rows, staff=staff), Sentences(lang))
        if len(page.encode()) <= ROOM:
            break
    return page


def _render(page: Page, say: Sentences) -> str:
    script, style = _asset("report.js"), _asset("report.css")
    template = _environment().get_template("student.html.j2")
    hashed = base64.b64encode(hashlib.sha256(f"\n{script}".encode()).digest()).decode()
    return template.render(p=page, say=say.say, prose=_prose, style=style, script=script, script_hash=hashed)


def warm() -> None:
    """Compile the templates, so that the first page is drawn as fast as the second."""
    for name in _environment().list_templates(extensions=["j2"]):
        _environment().get_template(name)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("grader.report"),
        autoescape=True,
        finalize=_safe,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


@lru_cache(maxsize=4)
def _asset(name: str) -> Markup:
    """A file of ours that is written into the page as it is."""
    text = files("grader.report").joinpath("templates", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704  not data: our own style sheet and script


def _safe(value: object) -> object:
    """What every expression of a template passes: text that can't be seen is shown; markup is ours already."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable_lines(value)


def _prose(text: str) -> Markup:
    return prose(printable_lines(text))


def _page(grade: Grade, say: Sentences, *, rows: int, staff: bool) -> Page:
    summary = Summary(grade, say, staff=staff)
    views = Checks(grade, summary, rows=rows)
    checks = [views.view(v) for v in grade.verdicts]
    course = say.text(grade.spec_title, grade.language) or grade.spec_id
    earned, possible = say.number(grade.earned), plain(grade.possible)
    page = Page(
        lang=say.lang,
        title=say.say("page.title", name=grade.submission.name, course=course, earned=earned, possible=possible),
        course=course,
        name=grade.submission.name,
        earned=earned,
        of=say.say("page.of-points", possible=possible),
        checks=checks,
        summary=summary.sentences(),
        to_fix=len([c for c in checks if c.fix]),
        banners=_banners(grade, summary),
        withheld=summary.withheld(),
        ideas=[i for i in IDEAS if any(c.idea == i for c in checks)],
        about=_about(grade, say),
        drawn=any(c.drawing for c in checks),
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
            parts[2] = say.say("page.no-points-taken")
        banners.append(Banner(say.say("page.problem"), [p for p in dict.fromkeys(parts) if p], warn=ours, pre=log))
    elif log:
        banners.append(Banner(say.say("page.build-failed"), [], pre=log))
    for notice in grade.notices:
        parts = [summary.finding(notice, part) for part in ("happened", "where")]
        banners.append(Banner(summary.finding(notice, "one"), [p for p in parts if p]))
    pending = [v for v in grade.verdicts if v.outcome is None]
    if not grade.complete:
        counts = {"count": len(pending), "total": len(grade.verdicts)}
        banners.append(Banner(say.say("page.incomplete"), [say.say("page.incomplete-long", **counts)], warn=True))
    return banners


def _build_log(grade: Grade, say: Sentences) -> Markup | None:
    """The command of the build, and what it printed."""
    if grade.build is None:
        return None
    lines = [Printed(0.0, line) for line in grade.build.log.splitlines()]
    command = el("p", el("code", printable_lines(grade.build.command)))
    return command + (listing(lines, None, say, clock=False) if lines else Markup())


def _about(grade: Grade, say: Sentences) -> list[Fact]:
    """All that somebody needs to repeat this grading."""
    run = grade.run
    served = [a.transcript.server for v in grade.verdicts for a in v.attempts if a.transcript.server.argv]
    facts = [Fact(say.say("page.about-submission"), grade.submission.name, _digest(grade.submission.digest, say))]
    if grade.build:
        facts.append(Fact(say.say("page.about-build"), grade.build.command))
    if served:
        facts.append(Fact(say.say("page.about-started"), _command(served[0]), _port(served[0], say)))
    facts.append(Fact(say.say("page.about-spec"), grade.spec_id, _digest(grade.spec_digest, say)))
    if run.reference_digest:
        facts.append(Fact(say.say("page.about-reference"), "", _digest(run.reference_digest, say)))
    rung = say.say(f"rung.{run.rung}") if say.has(f"rung.{run.rung}") else ""
    facts.append(Fact(say.say("page.about-sandbox"), run.rung, " · ".join(x for x in (rung, run.rung_why) if x)))
    facts.append(Fact(say.say("page.about-run"), run.id, say.say("page.about-seed", seed=run.seed)))
    facts.append(Fact(say.say("page.about-versions"), "", " · ".join(f"{k} {v}" for k, v in run.versions.items())))
    took = say.say("page.took", seconds=say.number(run.seconds, 1))
    facts.append(Fact(say.say("page.about-date"), "", f"{run.started[:16].replace('T', ' ')}, {took}"))
    return facts


def _digest(digest: str, say: Sentences) -> str:
    short = digest.rsplit(":", 1)[-1]
    return say.say("page.digest", digest=short if len(short) < 14 else f"{short[:6]}…{short[-4:]}") if short else ""


def _command(server: ServerFacts) -> str:
    """The server's command without the folders of the machine it ran on."""
    words = [PurePath(a).name if a.startswith("/") and len(a) > 1 else a for a in server.argv]
    return shlex.join(words)


def _port(server: ServerFacts, say: Sentences) -> str:
    if server.listening and server.listening != server.port:
        return say.say("page.about-port-other", port=server.port, listening=server.listening)
    return say.say("page.about-port", port=server.port) if server.port else ""

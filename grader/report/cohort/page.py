"""The page of a class: one file, complete without scripts, that never asks the network for anything. It names students.

From the whole to the single one: numbers; what a person has to look at before grades go out; what changed since the last
grading; how the points lie and which checks are hard; what most got wrong and which ideas it belongs to; who fails alike;
and everybody beside every check. All of it is drawn from grades, so it can be drawn again without running anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from grader.model import Cohort, Member
from grader.report.cohort.alike import Cluster, clusters
from grader.report.cohort.comments import Comments, idle, meant
from grader.report.cohort.counts import Hard, Wrong, hardest, ideas, wrongs
from grader.report.cohort.figures import Figures, figures, histogram
from grader.report.cohort.look import brief, look
from grader.report.cohort.matrix import Column, alphabetical, columns, link, rows
from grader.report.cohort.reasons import Why
from grader.report.cohort.regraded import Regraded, regraded
from grader.report.elements import join
from grader.report.rendering import render
from grader.report.sums import plain
from grader.words import Sentences

FIRST, FIRST_REASONS = 8, 12
"""Checks and clusters, and reasons, that are seen at once; the rest is behind a line that opens."""
NAMED = 6
"""Names in a line; the rest of them is behind a line that opens."""
FEW_CHECKS = 4
"""Checks that are named of one that changed."""
MOST_NAMES, MOST_LINES, MOST_CELLS = 200, 100, 30_000
"""What a class of thousands has of each: names of one line, lines of one list, cells of the table. The rest is counted."""
COLUMNS_UPRIGHT = 10
"""With more checks than these their names stand on end, or the table would be wider than any screen."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list: how many, what, who, and what else there is to it."""

    count: int
    what: str
    names: list[Markup] = field(default_factory=list)
    more: list[Markup] = field(default_factory=list)
    code: str = ""
    where: str = ""
    command: Sequence[str] = ()
    printed: str = ""
    comments: list[str] = field(default_factory=list)
    number: int | None = None
    """By which the script finds its rows in the table."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line with a bar: so many of so many."""

    name: str
    share: float
    told: str
    id: str = ""
    lines: list[str] = field(default_factory=list)


@dataclass
class Page:
    """Everything that the template places."""

    lang: str
    course: str
    title: str
    graded: str
    figures: list[tuple[str, str]]
    left_out: str
    look: list[Line]
    moved: list[Line]
    scores: Markup | None
    hard: list[Bar]
    wrong: list[Line]
    ideas: list[Bar]
    understood: str
    alike: list[Line]
    alone: str
    idle: str
    example: str
    columns: list[Column]
    total: str
    rows: Markup
    count: int
    not_all: str
    """Whom the table leaves out, if it would be too large."""
    upright: bool
    files: Sequence[str]
    first: int = FIRST
    most: int = FIRST_REASONS


def class_page(cohort: Cohort, lang: str, *, files: Sequence[str] = ()) -> str:
    """The page of these submissions. `files` are those beside it that hold the same for a gradebook or a script."""
    say = Sentences(lang)
    return render("class.html.j2", _page(cohort, say, files), say, style="report.css class.css", script="class.js")


def _page(cohort: Cohort, say: Sentences, files: Sequence[str]) -> Page:
    members = alphabetical(cohort.members)
    course = say.text(cohort.spec_title, cohort.language) or cohort.spec_id
    numbers, heads, looks = figures(members), columns(cohort, say), look(cohort, say)
    reasons, hard, alike = wrongs(members), hardest(members), clusters(members)
    index = {w.why.key: n for n, w in enumerate(reasons)}
    human = len({id(e) for line in looks for e in line.members})
    shown = _shown(members, [m for line in looks for m in line.members], MOST_CELLS // max(1, len(heads)))
    concepts = ideas(members)
    nobody = [say.say(f"idea.{i.name}.about") for i in concepts if i.of and not i.stumbled]
    titles = {h.id: h.title for h in heads}
    unused = idle(cohort.comments, members)
    alone = len({id(e) for w in reasons for e in w.members}) - sum(len(c.members) for c in alike)
    return Page(
        lang=say.lang,
        course=course,
        title=say.say("class.title", course=course),
        graded=_graded(cohort, say),
        figures=_figures(members, numbers, human, say),
        left_out=say.say("class.left-out", count=numbers.left_out) if numbers.left_out else "",
        look=[
            Line(len(x.members), x.what, *_names(x.members, say), command=x.command, printed=x.printed)
            for x in looks[:MOST_LINES]
        ],
        moved=[_moved(g, say) for g in regraded(cohort, say)],
        scores=histogram(numbers, say) if numbers.scores else None,
        hard=[_hard(h, titles, say) for h in hard],
        wrong=[_wrong(w, index, titles, say) for w in reasons[:MOST_LINES]],
        ideas=[
            Bar(say.say(f"idea.{i.name}.name"), i.share, say.say("class.of", count=i.stumbled, total=i.of),
                lines=[_frequent(w, titles, say) for w in i.reasons[:2]])
            for i in concepts if i.stumbled
        ],
        understood=say.say("class.understood", about=nobody) if nobody else "",
        alike=[_cluster(c, cohort.comments, titles, say) for c in alike[:MOST_LINES]],
        alone=say.say("class.alone", count=alone) if alone else "",
        idle=say.say("class.idle", keys=unused) if unused else "",
        example=reasons[0].why.key if reasons else "",
        columns=heads,
        total=say.number(numbers.total),
        rows=rows(shown, heads, index, say),
        count=len(shown),
        not_all=say.say("class.not-all", count=len(shown), total=len(members)) if len(shown) < len(members) else "",
        upright=len(heads) > COLUMNS_UPRIGHT,
        files=files,
    )  # fmt: skip


def _shown(members: list[Member], first: list[Member], most: int) -> list[Member]:
    """Whom the table holds: everybody, else those to look at, then those with the fewest points."""
    if len(members) <= most:
        return members
    fewest = sorted(members, key=lambda m: m.grade.earned)
    chosen = {m.place: m for m in [*first, *fewest][: most * 2]}
    return alphabetical(list(chosen.values())[:most])


def _graded(cohort: Cohort, say: Sentences) -> str:
    run = cohort.run
    minutes, seconds = divmod(round(run.seconds), 60)
    took = say.say("class.took", seconds=seconds, **({"minutes": minutes} if minutes else {})) if run.seconds else None
    return say.say("class.graded", date=run.started[:16].replace("T", " "), took=took)


def _figures(members: Sequence[Member], numbers: Figures, human: int, say: Sentences) -> list[tuple[str, str]]:
    told = [(str(len(members)), say.say("class.submissions", count=len(members)))]
    if numbers.median is not None and numbers.mean is not None:
        told.append((say.number(numbers.median, 1), say.say("class.median", total=plain(numbers.total))))
        told.append((say.number(numbers.mean, 1), say.say("class.mean")))
        told.append((str(numbers.full), say.say("class.full")))
    return [*told, (str(human), say.say("class.human", count=human))]


def _names(members: Sequence[Member], say: Sentences) -> tuple[list[Markup], list[Markup]]:
    return _some([link(m) for m in members[:MOST_NAMES]], len(members) - MOST_NAMES, say)


def _some(names: list[Markup], uncounted: int, say: Sentences) -> tuple[list[Markup], list[Markup]]:
    """The names that are seen at once, and those behind a line that opens; never one alone."""
    if uncounted > 0:
        names = [*names, escape(say.say("grammar.more", count=uncounted))]
    shown = len(names) if len(names) <= NAMED + 1 else NAMED
    return names[:shown], names[shown:]


def _moved(group: Regraded, say: Sentences) -> Line:
    told = [
        join(
            [link(m.member), f" {m.points} ({', '.join(m.checks[:FEW_CHECKS])}{', …' * (len(m.checks) > FEW_CHECKS)})"]
        )
        for m in group.moved[:MOST_NAMES]
    ]
    return Line(len(group.moved), group.why, *_some(told, len(group.moved) - MOST_NAMES, say))


def _hard(hard: Hard, titles: dict[str, str], say: Sentences) -> Bar:
    check = hard.verdict.check
    return Bar(titles[check.id], hard.share, say.say("class.of", count=hard.passed, total=hard.of), check.id)


def told(why: Why, say: Sentences) -> str:
    """A reason in a few words."""
    return brief(why.code, dict(why.facts), say) + (f": {why.about}" if why.about else "")


def _wrong(wrong: Wrong, index: dict[str, int], titles: dict[str, str], say: Sentences) -> Line:
    why = wrong.why
    where = titles.get(why.check, "")
    return Line(
        len(wrong.members),
        told(why, say),
        *_names(wrong.members, say),
        code=why.key,
        where=where,
        number=index[why.key],
    )


def _frequent(wrong: Wrong, titles: dict[str, str], say: Sentences) -> str:
    return say.say("class.reason-of", what=told(wrong.why, say), count=len(wrong.members))


def _cluster(cluster: Cluster, comments: Comments, titles: dict[str, str], say: Sentences) -> Line:
    what = [told(w, say) + (f" ({titles.get(w.check, w.check)})" if w.check else "") for w in cluster.reasons]
    return Line(
        len(cluster.members),
        " · ".join(what),
        *_names(cluster.members, say),
        code=cluster.key,
        comments=meant(comments, cluster.members[0].grade),
    )

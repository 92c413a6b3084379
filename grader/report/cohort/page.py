"""The page of a class: one file, complete without scripts, that never asks the network for anything. It names students.

From the whole to the single one: numbers; what a person has to look at before grades go out; what changed since the last
grading; how the points lie and which checks are hard; what most got wrong and which ideas it belongs to; who fails alike;
and everybody beside every check. All of it is drawn from grades, so it can be drawn again without running anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from grader.report.cohort.alike import Cluster, clusters
from grader.report.cohort.comments import Comment, idle, meant
from grader.report.cohort.counts import Hard, Wrong, hardest, ideas, wrongs
from grader.report.cohort.entry import Entry, Why
from grader.report.cohort.figures import Figures, figures, histogram
from grader.report.cohort.look import brief, look
from grader.report.cohort.matrix import Column, alphabetical, columns, link, rows
from grader.report.cohort.regraded import Regraded, regraded
from grader.report.elements import join
from grader.report.rendering import render
from grader.report.summary import plain
from grader.words import Sentences

FIRST = 8
"""Checks, reasons and clusters that are seen at once; the rest is behind a line that opens."""
NAMED = 6
"""Names in a line; the rest of them is behind a line that opens."""
FEW_CHECKS = 4
"""Checks that are named of one that changed."""
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
    upright: bool
    files: Sequence[str]
    first: int = FIRST


def class_page(
    entries: Sequence[Entry], lang: str, *, comments: Sequence[Comment] = (), files: Sequence[str] = ()
) -> str:
    """The page of these submissions. `files` are those beside it that hold the same for a gradebook or a script."""
    say = Sentences(lang)
    return render("class.html.j2", _page(alphabetical(entries), say, comments, files), say, style="report.css class.css", script="class.js")  # fmt: skip


def _page(entries: Sequence[Entry], say: Sentences, comments: Sequence[Comment], files: Sequence[str]) -> Page:
    first = entries[0].grade if entries else None
    course = (say.text(first.spec_title, first.language) or first.spec_id) if first else ""
    numbers, heads, looks = figures(entries), columns(entries, say), look(entries, say)
    reasons, hard, alike = wrongs(entries), hardest(entries), clusters(entries)
    index = {w.why.key: n for n, w in enumerate(reasons)}
    human = len({id(e) for line in looks for e in line.entries})
    started = max((e.grade.run.started for e in entries), default="")
    concepts = ideas(entries)
    nobody = [say.say(f"idea.{i.name}.about") for i in concepts if i.of and not i.stumbled]
    titles = {h.id: h.title for h in heads}
    unused = idle(comments, entries)
    alone = len({id(e) for w in reasons for e in w.entries}) - sum(len(c.entries) for c in alike)
    return Page(
        lang=say.lang,
        course=course,
        title=say.say("class.title", course=course),
        graded=say.say("class.graded", date=started[:16].replace("T", " ")),
        figures=_figures(entries, numbers, human, say),
        left_out=say.say("class.left-out", count=numbers.left_out) if numbers.left_out else "",
        look=[
            Line(len(x.entries), x.what, *_names(x.entries), command=x.command, printed=x.printed) for x in looks
        ],
        moved=[_moved(g) for g in regraded(entries, say)],
        scores=histogram(numbers, say) if numbers.scores else None,
        hard=[_hard(h, titles, say) for h in hard],
        wrong=[_wrong(w, index, titles, say) for w in reasons],
        ideas=[
            Bar(say.say(f"idea.{i.name}.name"), i.share, say.say("class.of", count=i.stumbled, total=i.of),
                lines=[_frequent(w, titles, say) for w in i.reasons[:2]])
            for i in concepts if i.stumbled
        ],
        understood=say.say("class.understood", about=nobody) if nobody else "",
        alike=[_cluster(c, comments, titles, say) for c in alike],
        alone=say.say("class.alone", count=alone) if alone else "",
        idle=say.say("class.idle", keys=[c.key for c in unused]) if unused else "",
        example=reasons[0].why.key if reasons else "",
        columns=heads,
        total=say.number(numbers.total),
        rows=rows(entries, heads, index, say),
        count=len(entries),
        upright=len(heads) > COLUMNS_UPRIGHT,
        files=files,
    )  # fmt: skip


def _figures(entries: Sequence[Entry], numbers: Figures, human: int, say: Sentences) -> list[tuple[str, str]]:
    told = [(str(len(entries)), say.say("class.submissions", count=len(entries)))]
    if numbers.median is not None and numbers.mean is not None:
        told.append((say.number(numbers.median, 1), say.say("class.median", total=plain(numbers.total))))
        told.append((say.number(numbers.mean, 1), say.say("class.mean")))
        told.append((str(numbers.full), say.say("class.full")))
    return [*told, (str(human), say.say("class.human", count=human))]


def _names(entries: Sequence[Entry]) -> tuple[list[Markup], list[Markup]]:
    return _some([link(e) for e in entries])


def _some(names: list[Markup]) -> tuple[list[Markup], list[Markup]]:
    """The names that are seen at once, and those behind a line that opens; never one alone."""
    shown = len(names) if len(names) <= NAMED + 1 else NAMED
    return names[:shown], names[shown:]


def _moved(group: Regraded) -> Line:
    told = [
        join([link(m.entry), f" {m.points} ({', '.join(m.checks[:FEW_CHECKS])}{', …' * (len(m.checks) > FEW_CHECKS)})"])
        for m in group.moved
    ]
    return Line(len(told), group.why, *_some(told))


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
        len(wrong.entries), told(why, say), *_names(wrong.entries), code=why.key, where=where, number=index[why.key]
    )


def _frequent(wrong: Wrong, titles: dict[str, str], say: Sentences) -> str:
    return say.say("class.reason-of", what=told(wrong.why, say), count=len(wrong.entries))


def _cluster(cluster: Cluster, comments: Sequence[Comment], titles: dict[str, str], say: Sentences) -> Line:
    what = [told(w, say) + (f" ({titles.get(w.check, w.check)})" if w.check else "") for w in cluster.reasons]
    return Line(
        len(cluster.entries),
        " · ".join(what),
        *_names(cluster.entries),
        code=cluster.key,
        comments=meant(comments, cluster.entries[0].grade, say),
    )

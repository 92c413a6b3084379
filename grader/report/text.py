"""The same findings for the terminal: one line a check, why it did not pass, and what to fix first; 80 columns.

Colour only repeats what a sign and a word say already, and rich leaves it out where nobody wants it (NO_COLOR, a pipe).
Everything is placed as `Text`, never as markup: a server's name for itself may be “[red]”.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.constrain import Constrain
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from grader.model import GATHERED, Grade
from grader.report.reasons import Reasons
from grader.report.student import student_view
from grader.report.summary import SIGNS, TONES, First, Summary
from grader.report.sums import Sums, plain, short
from grader.words import Sentences, printable

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, RenderableType, RenderResult

WIDTH = 80
STYLES = {"pass": "green", "fail": "red", "unsteady": "yellow", "notrun": "dim", "problem": "magenta"}


def terminal(grade: Grade, lang: str, page: str | None = None, *, staff: bool = False) -> RenderableType:
    """What `grade` prints. `page` is where the page was written."""
    say = Sentences(lang)
    grade = grade if staff else student_view(grade)
    summary = Summary(grade, say, staff=staff)
    parts: list[RenderableType] = [Constrain(part, WIDTH) for part in _parts(grade, summary)]
    if page:
        parts.append(Text(say.say("text.page", path=page), overflow="fold"))
    return Ragged(Group(*parts))


class Ragged:
    """Something drawn without the blanks that fill its lines: they are in the way of whoever copies, compares or searches."""

    def __init__(self, drawn: RenderableType) -> None:
        self.drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self.drawn, options, pad=False):
            while line and not line[-1].text.strip():
                line.pop()
            if line:
                line[-1] = Segment(line[-1].text.rstrip(), line[-1].style)
            yield from line
            yield Segment.line()


def as_text(grade: Grade, lang: str, *, staff: bool = False) -> str:
    """The same as a text without colour, for a file."""
    console = Console(width=WIDTH, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(terminal(grade, lang, staff=staff))
    return captured.get()


def _parts(grade: Grade, summary: Summary) -> list[RenderableType]:
    say = summary.say
    parts: list[RenderableType] = [_head(grade, summary), Text()]
    for banner in _banners(grade, summary):
        parts += [Padding(banner, (0, 0, 1, 0))]
    if grade.verdicts:
        parts += [_table(grade, summary), Text()]
    if first := summary.first():
        titles = [title for _, title in first.checks]
        body = [Text(say.say("page.first"), style="bold"), Text(first.what)]
        body += [Text(first.evidence)] if first.evidence else []
        body += [Text(printable(first.spot), style="cyan")] if first.spot else []
        body.append(Text(say.say("text.explains", titles=titles, points=plain(first.points)), style="dim"))
        parts += [Padding(Group(*body), (0, 0, 1, 2)), *_then(Reasons(grade, summary).then(), say)]
    aside = [Text(summary.finding(notice, "happened")) for notice in grade.notices if notice.code in GATHERED]
    parts += [Padding(remark, (0, 0, 1, 2)) for remark in aside]
    parts += _sums(Sums(grade, say, summary.title))
    if withheld := summary.withheld():
        parts += [Text(withheld, style="magenta"), Text()]
    return parts


def _sums(sums: Sums) -> list[RenderableType]:
    """How the points add up, where a reader could not tell from the checks."""
    parts: list[RenderableType] = []
    if rows := sums.rows():
        table = Table.grid(expand=True, padding=(0, 2, 0, 0))
        table.add_column(ratio=1, overflow="fold")
        table.add_column(justify="right", no_wrap=True)
        for row in rows:
            table.add_row(Text(printable(row.name)), Text(row.value))
        parts += [table, Text()]
    if said := sums.sentences():
        parts += [Text(printable(" ".join(said))), Text()]
    return parts


def _then(others: list[First], say: Sentences) -> list[RenderableType]:
    """What to fix after the first thing, each with its line and the checks that it stands behind."""
    if not others:
        return []
    body: list[RenderableType] = [Text(say.say("page.then"), style="bold")]
    for other in others:
        titles = [title for _, title in other.checks]
        said = [Text(other.what), *([Text(printable(other.spot), style="cyan")] if other.spot else [])]
        said.append(Text(say.say("text.explains", titles=titles, points=plain(other.points)), style="dim"))
        row = Table.grid(padding=(0, 1, 0, 0))
        row.add_row(Text("•"), Group(*said))
        body.append(row)
    return [Padding(Group(*body), (0, 0, 1, 2))]


def _head(grade: Grade, summary: Summary) -> Table:
    say = summary.say
    head = Table.grid(expand=True, padding=(0, 1))
    head.add_column(ratio=1, overflow="fold")
    head.add_column(justify="right", no_wrap=True)
    course = say.text(grade.spec_title, grade.language) or grade.spec_id
    name = Text(printable(grade.submission.name), style="bold").append(f"  {printable(course)}", style="dim not bold")
    total = say.say("text.total", earned=say.number(grade.earned), possible=plain(grade.possible))
    head.add_row(name, Text(total, style="bold"))
    return head


def _banners(grade: Grade, summary: Summary) -> list[Text]:
    say = summary.say
    banners = []
    if grade.problem:
        said = [s for s in (summary.finding(grade.problem, part) for part in ("one", "happened", "where")) if s]
        banners.append(Text(" ".join(dict.fromkeys(said)), style="red"))
    loud = [notice for notice in grade.notices if notice.code not in GATHERED]
    banners += [Text(summary.finding(notice, "happened"), style="yellow") for notice in loud]
    if not grade.complete:
        pending = len([v for v in grade.verdicts if v.outcome is None])
        text = say.say("page.incomplete-long", count=pending, total=len(grade.verdicts))
        banners.append(Text(f"{say.say('page.incomplete')}. {text}", style="yellow"))
    return banners


def _table(grade: Grade, summary: Summary) -> Table:
    table = Table.grid(expand=True, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    before = ""
    for verdict in grade.verdicts:
        tone, one = TONES[verdict.outcome], printable(summary.one(verdict))
        said = Text(printable(summary.title(verdict)))
        if one and one != before:  # the same reason is said once
            said.append("\n").append(one, style="dim")
        before = one
        outcome = Text(f"{SIGNS[tone]} {summary.word(verdict)}", style=STYLES[tone])
        table.add_row(outcome, said, Text(short(verdict, summary.say)))
    return table

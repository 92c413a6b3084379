"""What is seen while a class is graded: on a terminal how far it is and the worst news first; elsewhere a line for each.

The estimate is by what the gradings took so far, as many at a time as run now. What is hardest to believe is shown first,
because somebody may want to look at it while the rest goes on: grader problems, servers that never started, few points.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Self

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from grader.model import Cohort, Member, Notice, Outcome
from grader.report.summary import Summary
from grader.report.sums import plain
from grader.words.plain import printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from grader.course.class_grading import News
    from grader.course.executor import Executor
    from grader.words.sentences import Sentences

WORST = 8
"""Members that are shown while the grading runs, and problems that are named at its end."""
A_SECOND = 4
"""How often a second the display is drawn anew."""


class ClassLive:
    """A context in which `heard` may be called with each piece of news."""

    def __init__(self, console: Console, say: Sentences, total: int, executor: Executor) -> None:
        self._console = console
        self._say = say
        self._total = total
        self._executor = executor
        self._began = time.monotonic()
        self._running: dict[str, float] = {}
        self._seconds: list[float] = []
        self._members: list[Member] = []
        self._kept = 0
        self._notices: list[str] = []
        self._live = Live(console=console, get_renderable=self._drawn, refresh_per_second=A_SECOND, transient=True)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def heard(self, news: News) -> None:
        """One more piece of news."""
        from grader.course.class_grading import Graded, Planned
        from grader.course.executor import Begun

        if isinstance(news, Planned):
            self._kept = news.kept
            self._line(self._say.say("cli.class-planned", todo=news.todo, kept=news.kept))
        elif isinstance(news, Begun):
            self._running[news.job.place] = time.monotonic()
            if news.again:
                self._line(self._say.say("cli.class-again", name=news.job.name))
        elif isinstance(news, Graded):
            self._running.pop(news.member.place, None)
            self._seconds.append(news.seconds)
            self._members.append(news.member)
            self._line(f"{self._count():>{len(self._count(self._total))}}  {self._about(news.member)}")
        else:
            self._notices.append(self._notice(news.notice))
            self._line(self._notices[-1])

    def conclude(self, cohort: Cohort, page: str) -> None:
        """What is said when all is done."""
        say, grades = self._say, cohort.grades
        graded = len(self._members)
        if grades:
            median = plain(round(statistics.median(g.earned for g in grades), 2))
            possible = plain(round(sum(c.points for c in cohort.checks), 2))
            facts = {
                "count": len(grades),
                "graded": graded,
                "kept": len(grades) - graded,
                "median": median,
                "possible": possible,
            }
            self._console.print(Text(say.say("cli.class-graded", **facts), style="bold"), soft_wrap=True)
        worst = [m for m in sorted(cohort.members, key=_badness) if _badness(m)[0] < FEW_POINTS]
        for member in worst[:WORST]:
            self._console.print(Text(f"  {self._about(member)}", style=_style(member)), soft_wrap=True)
        if len(worst) > WORST:
            self._console.print(f"  {say.say('grammar.more', count=len(worst) - WORST)}")
        if self._console.is_terminal:
            for notice in self._notices:
                self._console.print(Text(notice, style="yellow"), soft_wrap=True)
        self._console.print(Text(say.say("cli.class-page", path=page), overflow="fold"), soft_wrap=True)

    def _notice(self, notice: Notice) -> str:
        """What befell the run as a whole, in a sentence."""
        return self._say.say(f"notice.{notice.code}", **notice.facts)

    def _line(self, text: str) -> None:
        """A line of its own where there is no terminal, so that a log shows how far it came."""
        if not self._console.is_terminal:
            self._console.print(Text(text), soft_wrap=True)

    def _count(self, done: int | None = None) -> str:
        return f"{self._kept + len(self._members) if done is None else done}/{self._total}"

    def _about(self, member: Member) -> str:
        """One submission in a line: whose, the points, and what stands behind those that are missing."""
        grade = member.grade
        summary = Summary(grade, self._say, staff=True)
        total = sum(v.check.points for v in grade.verdicts)
        points = self._say.say("cli.points-of", earned=plain(grade.earned), possible=plain(round(total, 2)))
        problem = next((v for v in grade.verdicts if v.outcome is Outcome.GRADER_PROBLEM), None)
        first = summary.first()
        if problem is not None:
            why = f"{summary.word(problem)}: {summary.one(problem)}"
        elif grade.problem is not None:
            why = summary.finding(grade.problem, "one")
        else:
            why = first.what if first else ""
        return "  ".join(x for x in (printable(grade.submission.name), points, why) if x)

    def _drawn(self) -> RenderableType:
        done = self._kept + len(self._members)
        bar = ProgressBar(total=max(1, self._total), completed=done, width=30)
        facts = {"done": done, "total": self._total, "running": len(self._running), "left": self._left()}
        head = Table.grid(padding=(0, 2))
        head.add_row(bar, Text(self._say.say("cli.class-progress", **facts)))
        now = time.monotonic()
        running = [f"{printable(place)} {now - since:.0f} s" for place, since in self._running.items()]
        parts: list[RenderableType] = [head, Text("  ".join(running), style="dim", no_wrap=True, overflow="ellipsis")]
        parts += [Text(notice, style="yellow") for notice in self._notices[-2:]]
        worst = sorted(self._members, key=_badness)[:WORST]
        parts += [Text(self._about(m), style=_style(m), no_wrap=True, overflow="ellipsis") for m in worst]
        return Group(*parts)

    def _left(self) -> int | None:
        """Minutes that are left; None as long as nobody can know."""
        if not self._seconds:
            return None
        todo = self._total - self._kept - len(self._members)
        return max(1, round(todo * statistics.mean(self._seconds) / max(1, self._executor.width) / 60))


FEW_POINTS = 2


def _badness(member: Member) -> tuple[int, float]:
    """Where a member stands in the order of what to look at first."""
    outcomes = {v.outcome for v in member.grade.verdicts}
    rank = 0 if Outcome.GRADER_PROBLEM in outcomes else 1 if Outcome.PASSED not in outcomes else FEW_POINTS
    return rank, member.grade.earned


def _style(member: Member) -> str:
    return ("magenta", "red", "")[_badness(member)[0]]

"""The numbers of a class: how many, what points, and how the points lie.

A submission with a grader problem has a number that may still change, so it is in none of these: it is counted apart, and
named where a person is asked to look. The same goes for one whose grading was interrupted.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.model import Grade, Member, Outcome
from grader.report.elements import el
from grader.report.sums import plain
from grader.words import Sentences

BINS, SIDE = 10, 18
WIDE, HIGH, TOP, FLOOR = 520, 370, 30, 340


@dataclass(frozen=True, slots=True)
class Figures:
    """What the points of a class come to. `left_out` is how many are not in them."""

    total: float
    scores: tuple[float, ...]
    left_out: int

    @property
    def median(self) -> float | None:
        """The points that half of them reach."""
        return statistics.median(self.scores) if self.scores else None

    @property
    def mean(self) -> float | None:
        """The points of all, shared equally."""
        return statistics.fmean(self.scores) if self.scores else None

    @property
    def full(self) -> int:
        """How many have every point."""
        return sum(s >= self.total for s in self.scores)

    def bins(self) -> list[int]:
        """How many lie in each tenth of the points; whoever has all of them is in the last."""
        counts = [0] * BINS
        for score in self.scores:
            counts[max(0, min(BINS - 1, int(BINS * score / self.total + 1e-9)))] += 1
        return counts


def figures(members: Sequence[Member]) -> Figures:
    """The numbers of these submissions."""
    total = max((e.grade.possible for e in members), default=0.0)
    scores = tuple(e.grade.earned for e in members if settled(e.grade, total) and total)
    return Figures(total, scores, len(members) - len(scores))


def settled(grade: Grade, total: float) -> bool:
    """Whether the points of a grade are final, and out of as many as the others’.

    A check that was withdrawn for everybody changes nobody's place: then the total is smaller for all.
    """
    pending = any(v.outcome is None for v in grade.verdicts)
    withheld = any(v.outcome is Outcome.GRADER_PROBLEM for v in grade.verdicts) and grade.possible < total
    return not (pending or withheld or not grade.complete)


def histogram(numbers: Figures, say: Sentences) -> Markup:
    """Columns with their counts above them, and the edges of the tenths below."""
    counts = numbers.bins()
    step, most = (WIDE - 2 * SIDE) / BINS, max(*counts, 1)
    drawn: list[Markup] = []
    for n, count in enumerate(counts):
        x, height = 10 + n * step, (FLOOR - TOP) * count / most
        if count:
            height = max(height, 3)
            drawn.append(el("rect", x=_px(x + 3), y=_px(FLOOR - height), width=_px(step - 6), height=_px(height), rx=2))
            drawn.append(el("text", count, x=_px(x + step / 2), y=_px(FLOOR - height - 7), class_="count"))
    edges = [numbers.total * n / BINS for n in range(BINS + 1)]
    drawn.append(el("line", x1=SIDE - 4, x2=WIDE - SIDE + 4, y1=FLOOR + 0.5, y2=FLOOR + 0.5))
    drawn += [el("text", say.number(e, 1), x=_px(SIDE + n * step), y=FLOOR + 21) for n, e in enumerate(edges)]
    told = [
        say.say("class.bin", least=plain(round(edges[n], 1)), most=plain(round(edges[n + 1], 1)), count=count)
        for n, count in enumerate(counts)
        if count
    ]
    label = f"{say.say('class.scores')}. {', '.join(told)}."
    return el("svg", drawn, class_="hist", viewBox=f"0 0 {WIDE} {HIGH}", role="img", aria_label=label)


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

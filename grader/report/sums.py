"""How the points add up, where they do not simply: gates, penalties, bonus, groups, milestones, marks by hand.

A number that a reader can't get by adding up the checks is explained in a sentence, in every report. What a person has
still to give is a box: no sum counts it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.model import Grade, Manual, Outcome, Verdict
from grader.words import Sentences


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a group, a milestone, or a mark that a person gives (`box`)."""

    name: str
    value: str
    kind: str
    note: str = ""

    @property
    def box(self) -> bool:
        """Whether there is something to write in."""
        return self.kind == "manual"


class Sums:
    """The sums of one grade, in one language."""

    def __init__(self, grade: Grade, say: Sentences, title: Callable[[Verdict], str]) -> None:
        self._grade, self._say, self._title = grade, say, title

    def sentences(self) -> list[str]:
        """What explains the grade beyond the sum of its checks."""
        say, grade = self._say.say, self._grade
        said = []
        taken = [v for v in grade.verdicts if v.earned < 0]
        if taken:
            points = plain(-round(sum(v.earned for v in taken), 2))
            said.append(say("sums.taken", points=points, titles=[self._title(v) for v in taken]))
        bonus = plain(round(sum(v.earned for v in grade.verdicts if v.check.bonus), 2))
        if bonus:
            said.append(say("sums.bonus", points=bonus))
        lowest = min((v.check.gate for v in grade.shut if v.check.gate is not None), default=None)
        if lowest is not None:
            titles = [self._title(v) for v in grade.shut]
            come_to = plain(max(0.0, grade.before_gates))
            said.append(say("sums.gate", titles=titles, most=plain(lowest), points=come_to))
        elif grade.before_gates < 0:
            said.append(say("sums.floor"))
        if given := [one for one in grade.manual if one.given is not None]:
            points = plain(round(sum(one.given or 0.0 for one in given), 2))
            said.append(say("sums.given", points=points, titles=self._titles(given)))
        if missing := [one for one in grade.manual if one.given is None]:
            points = plain(sum(one.points for one in missing))
            said.append(say("sums.manual", points=points, titles=self._titles(missing)))
        return said

    def rows(self) -> list[Row]:
        """Groups, milestones and boxes; none where the checks are all there is."""
        return [*self._groups(), *self._milestones(), *self._boxes()]

    def _groups(self) -> list[Row]:
        rows = []
        for group in self._grade.groups:
            inside = [v for v in self._grade.verdicts if v.check.group == group.id]
            judged = [v for v in inside if v.outcome is not Outcome.GRADER_PROBLEM and not v.check.bonus]
            earned = self._say.number(round(sum(v.earned for v in inside), 2))
            possible = plain(round(sum(v.check.points for v in judged), 2))
            rows.append(Row(self._named(group.title, group.id), self._of(earned, possible), "group"))
        return rows

    def _milestones(self) -> list[Row]:
        rows = []
        for one in self._grade.milestones:
            inside = [v for v in self._grade.verdicts if v.check.id in one.checks]
            passed = len([v for v in inside if v.outcome is Outcome.PASSED])
            key = "sums.reached" if self._grade.reached(one) else "sums.not-reached"
            value = self._say.say(key, passed=passed, total=len(inside))
            rows.append(Row(self._named(one.title, one.id), value, "milestone"))
        return rows

    def _boxes(self) -> list[Row]:
        return [
            Row(
                self._named(one.title, one.id),
                self._of("____" if one.given is None else self._say.number(one.given), plain(one.points)),
                "manual" if one.given is None else "mark",
                self._say.text(one.requirement, self._grade.language),
            )
            for one in self._grade.manual
        ]

    def _titles(self, several: list[Manual]) -> list[str]:
        return [self._named(one.title, one.id) for one in several]

    def _named(self, title: object, otherwise: str) -> str:
        return (self._say.text(title, self._grade.language) if isinstance(title, dict) else "") or otherwise

    def _of(self, earned: str, possible: float) -> str:
        return self._say.say("page.points-of", earned=earned, possible=possible)


def short(verdict: Verdict, say: Sentences) -> str:
    """The points in the narrowest form: 12/20, +2/+2 for a bonus, −5/−5 for a penalty."""
    check = verdict.check
    judged = verdict.outcome not in (None, Outcome.GRADER_PROBLEM)
    earned = say.number(verdict.earned).replace("-", "−") if judged else "–"
    if check.penalty:
        return f"{earned}/−{say.number(check.penalty)}"
    sign = "+" if check.bonus else ""
    return f"{sign if judged else ''}{earned}/{sign}{say.number(check.points)}"


def long(verdict: Verdict, say: Sentences) -> str:
    """The points in words."""
    check = verdict.check
    judged = verdict.outcome not in (None, Outcome.GRADER_PROBLEM)
    if check.penalty:
        return say.say("sums.penalty", taken=plain(-verdict.earned), points=plain(check.penalty))
    earned = say.number(verdict.earned) if judged else "–"
    key = "sums.of-bonus" if check.bonus else "page.points-of"
    return say.say(key, earned=earned, possible=plain(check.points))


def plain(number: float) -> float | int:
    """3 for 3.0, so that “1 point” is said in the singular."""
    return int(number) if number == int(number) else number

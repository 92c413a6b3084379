"""Everybody beside every check: a table with one row a submission, small enough for six hundred of them.

A cell says how a check ended by a sign for the eye and by a word for whoever does not see it: the word stands in the cell,
and the style sheet puts the sign in its place. So the table reads well aloud, copied into a spreadsheet, and without any
style. What was lost is a number, and needs no sign.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup

from grader.model import Cohort, Member, Outcome, Verdict
from grader.report.cohort.reasons import name, page, whys
from grader.report.elements import el, join
from grader.report.sums import plain
from grader.words import Sentences


@dataclass(frozen=True, slots=True)
class Column:
    """A check at the head of the table."""

    id: str
    title: str
    points: float | int


def alphabetical(members: Sequence[Member]) -> list[Member]:
    """By name as a person sorts: Álvaro before Beto, ana beside Ana."""
    return sorted(members, key=lambda m: (_folded(name(m)), m.place))


def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def columns(cohort: Cohort, say: Sentences) -> list[Column]:
    """Every check of the spec, in its order, then those that only an older grade has."""
    checks = {c.id: c for c in cohort.checks}
    checks |= {v.check.id: v.check for g in cohort.grades for v in g.verdicts if v.check.id not in checks}
    return [Column(c.id, say.text(c.title, cohort.language) or c.id, plain(c.points)) for c in checks.values()]


def rows(members: Sequence[Member], heads: Sequence[Column], numbers: Mapping[str, int], say: Sentences) -> Markup:
    """The body of the table. `numbers` gives each reason that can be asked for its number."""
    cells = _Cells(say)
    return join([_row(member, heads, numbers, cells) for member in members], "\n")


def _row(member: Member, heads: Sequence[Column], numbers: Mapping[str, int], cells: _Cells) -> Markup:
    grade = member.grade
    verdicts = {v.check.id: v for v in grade.verdicts}
    known = [str(numbers[w.key]) for w in whys(grade) if w.key in numbers]
    nothing = not grade.possible and grade.withheld
    score = "–" if nothing else cells.say.number(grade.earned)
    return el(
        "tr",
        el("th", link(member), scope="row"),
        el("td", score, class_="sc"),
        [cells.of(verdicts.get(h.id)) for h in heads],
        data_w=" ".join(known) or None,
    )


def link(member: Member) -> Markup:
    """A name that leads to the page of the submission. A name may hold anything, so all but slashes is quoted."""
    return el("a", name(member), href=quote(page(member)))


class _Cells:
    """The cells of one language; those that are equal are made once."""

    def __init__(self, say: Sentences) -> None:
        self.say = say
        self._made = lru_cache(maxsize=4096)(self._make)

    def of(self, verdict: Verdict | None) -> Markup:
        """The cell of a check, empty where a submission was not asked it."""
        if verdict is None:
            return el("td")
        lost = round((0.0 if verdict.check.bonus else verdict.check.points) - verdict.earned, 2)
        passed = sum(a.outcome is Outcome.PASSED for a in verdict.attempts)
        return self._made(verdict.outcome, lost, passed, len(verdict.attempts))

    def _make(self, outcome: Outcome | None, lost: float, passed: int, tries: int) -> Markup:
        word = self.say.say(f"outcome.{outcome.value if outcome else 'none'}")
        if outcome is Outcome.UNSTEADY and tries:
            return el("td", el("b", f"{passed}/{tries}"), " ", word, class_="u")
        if outcome in (Outcome.FAILED, Outcome.UNSTEADY):
            return el("td", el("b", f"−{self.say.number(lost)}" if lost > 0 else "✗"), " ", word, class_="f")
        kinds = {Outcome.PASSED: "p", Outcome.BLOCKED: "s", Outcome.GRADER_PROBLEM: "e", None: "n"}
        return el("td", word, class_=kinds[outcome])

"""What lies between two grades, said in 80 columns: first the whole, then the checks that ended differently, with why.

Signs and words carry everything; there is no colour, so that the text is the same in a terminal, a file and a message.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from grader.model import Outcome
from grader.report.diff import Change, Difference, Reason
from grader.report.registry import pending
from grader.report.summary import SIGNS, TONES, Summary
from grader.words import Sentences, printable

WIDTH = 80
INDENT = 8


def as_text(difference: Difference, lang: str, *, staff: bool = False) -> str:
    """The text of a comparison. Whether the grades are the student's view is decided before."""
    return "\n".join(_Said(difference, Sentences(lang), staff=staff).lines()) + "\n"


def of_some(difference: Difference, lang: str, *, staff: bool = False) -> str:
    """The text about some checks only, while the others have not run: how each ended, and how many ended as before."""
    return "\n".join(_Said(difference, Sentences(lang), staff=staff).changes()) + "\n"


@dataclass(frozen=True, slots=True)
class _Key:
    """What is said of a change: how the check ended before and after, why it did not pass, and what stands behind it."""

    ended: str
    why: str
    reasons: tuple[Reason, ...]


class _Said:
    def __init__(self, difference: Difference, say: Sentences, *, staff: bool) -> None:
        self.difference, self.say = difference, say
        self.old, self.new = (Summary(g, say, staff=staff) for g in (difference.old, difference.new))

    def lines(self) -> list[str]:
        return [*self._head(), "", *self._wrapped(" ".join(self._circumstances())), "", *self.changes()]

    def changes(self) -> list[str]:
        lines: list[str] = []
        for key, changes in self._groups().items():
            lines += [*self._group(key, changes), ""]
        return [*lines, *self._wrapped(self.say.say("diff.same", count=self.difference.same))]

    def _head(self) -> list[str]:
        say, old, new = self.say, self.difference.old, self.difference.new
        name = printable(new.submission.name)
        names = name if name == printable(old.submission.name) else f"{printable(old.submission.name)} → {name}"
        then, now = (f"{say.number(g.earned)}/{say.number(g.possible)}" for g in (old, new))
        whole = not (pending(old) or pending(new))
        gained = _signed(self.difference.gained, say) if whole else None
        points = say.say("diff.points", old=then, new=now, gained=gained)
        dates = say.say("diff.dates", old=_minute(old.run.started), new=_minute(new.run.started))
        return [*self._wrapped(f"{names}  {points}"), *self._wrapped(dates)]

    def _circumstances(self) -> list[str]:
        """What is another between the two runs, else that nothing is."""
        say, difference = self.say, self.difference
        said = [self._reason(reason) for reason in difference.changed]
        if not said:
            seeds = [g.run.seed for g in (difference.old, difference.new)]
            other = {"old": seeds[0], "new": seeds[1]} if seeds[0] != seeds[1] else {}
            said = [say.say("diff.nothing", **other)]
        if pending(difference.old) or pending(difference.new):
            said.append(say.say("diff.incomplete"))
        return said

    def _reason(self, reason: Reason, count: int = 1) -> str:
        runs = [g.run for g in (self.difference.old, self.difference.new)]
        told: dict[str, object] = {"count": count}
        if reason is Reason.GRADER:
            told |= dict(zip(("old", "new"), (r.versions.get("grade") for r in runs), strict=True))
        if reason is Reason.MACHINE:
            words = [
                ", ".join([*(v for k, v in r.versions.items() if k in ("python", "system")), r.rung]) for r in runs
            ]
            told |= {"old": words[0], "new": words[1]}
        return self.say.say(f"diff.{reason.value}", **told)

    def _groups(self) -> dict[_Key, list[Change]]:
        """The changes, those of which the same can be said together."""
        groups: dict[_Key, list[Change]] = {}
        for change in self.difference.changes:
            ended = " → ".join(
                f"{SIGNS[TONES[v.outcome]]} {summary.word(v)}"
                for summary, v in ((self.old, change.before), (self.new, change.after))
                if v is not None
            )
            groups.setdefault(_Key(ended, self._why(change), change.reasons), []).append(change)
        return groups

    def _group(self, key: _Key, changes: list[Change]) -> list[str]:
        verdicts = [v for c in changes for v in (c.before, c.after)]
        gained = ""
        if all(v is None or v.outcome not in (None, Outcome.GRADER_PROBLEM) for v in verdicts):
            gained = _signed(sum(c.gained for c in changes), self.say)
        lines = [f"{gained:<{INDENT - 1}} {key.ended}"]
        for change in changes:
            verdict = change.after or change.before
            if verdict is not None:
                summary = self.new if change.after else self.old
                lines += self._wrapped(printable(summary.title(verdict)), INDENT)
        blocked = any(c.after and c.after.outcome is Outcome.BLOCKED for c in changes)
        reasons = () if blocked and key.why else key.reasons  # “it needs …” says why already
        said = " ".join([key.why] * bool(key.why) + self._reasons(reasons, len(changes)))
        return [*lines, *self._wrapped(said, INDENT + 2)]

    def _reasons(self, reasons: tuple[Reason, ...], count: int) -> list[str]:
        """Why, as far as it has not been said above for all of them."""
        return [self._reason(r, count) for r in reasons if r not in self.difference.changed]

    def _why(self, change: Change) -> str:
        """Why the check did not pass in the new run."""
        after = change.after
        if after is None or after.outcome in (Outcome.PASSED, None):
            return ""
        return printable(self.new.one(after))

    @staticmethod
    def _wrapped(text: str, indent: int = 0) -> list[str]:
        return textwrap.wrap(
            text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * indent, break_on_hyphens=False
        )


def _signed(points: float, say: Sentences) -> str:
    """Points with their sign: +4, -2, and = where there is nothing between."""
    points = round(points, 2)
    return f"{'+' if points > 0 else ''}{say.number(points)}" if points else "="


def _minute(started: str) -> str:
    return printable(started[:16].replace("T", " "))

"""github: a step summary, Markdown that a workflow appends to the file named by GITHUB_STEP_SUMMARY.

GitHub takes 1024 KiB a step, and throws away the whole summary when it is longer. So the text is made of pieces that are
whole in themselves (a table, one folded check), and what does not fit is left out and counted: first the details, those
of the last submissions before those of the first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.model import Grade, Outcome
from grader.report.exports.markdown import escaped, head, in_html
from grader.report.registry import Order
from grader.report.summary import TO_FIX
from grader.report.told import Teller, Told
from grader.words import Sentences

LIMIT = 1024 * 1024
ROOM = LIMIT - 24 * 1024
"""What is ours of it: a step may have written something before."""


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The summary."""
    say = Sentences(order.lang)
    tellers = [Teller(grade, order.lang, staff=order.staff) for grade in grades]
    checks = [teller.checks() for teller in tellers]
    budget = _Budget(ROOM)
    tables = [_table(teller, told) for teller, told in zip(tellers, checks, strict=True)]
    tables = [table for table in tables if budget.takes(table)]
    pieces: list[str] = []
    missing = 0
    for table, told in zip(tables, checks, strict=False):
        details = [_detail(t, say) for t in told if t.verdict.outcome in (*TO_FIX, Outcome.GRADER_PROBLEM)]
        fitting = [detail for detail in details if budget.takes(detail)]
        missing += len(details) - len(fitting)
        pieces += [table, *fitting]
    if missing or len(tables) < len(grades):
        left_out = say.say("export.left-out", checks=missing or None, grades=len(grades) - len(tables) or None)
        pieces.append(f"{escaped(left_out)}\n\n")
    return "".join(pieces)


class _Budget:
    """The bytes that are left. What comes first is served first; once something did not fit, nothing more does."""

    def __init__(self, room: int) -> None:
        self._room = room

    def takes(self, piece: str) -> bool:
        self._room -= len(piece.encode())
        return self._room >= 0


def _table(teller: Teller, checks: Sequence[Told]) -> str:
    say = teller.say
    names = [say.say(f"text.{name}") for name in ("outcome", "check", "points")]
    rows = [f"| {' | '.join(map(escaped, names))} |", "|---|---|---:|"]
    rows += [f"| {t.sign} {escaped(t.word)} | {escaped(t.title)} | {escaped(t.points)} |" for t in checks]
    return "\n\n".join([*head(teller), "\n".join(rows)]) + "\n\n"


def _detail(told: Told, say: Sentences) -> str:
    parts = [f"<details><summary>{told.sign} {in_html(told.title)} ({told.points})</summary>"]
    parts += [f"**{escaped(a.head)}.** {escaped(a.text)}" if a.head else escaped(a.text) for a in told.answers]
    if told.code:
        parts.append(_fenced([told.place, *told.code]))
    if told.command:
        parts += [escaped(say.say("page.try")) + ":", _fenced([told.command])]
    return "\n\n".join([*parts, "</details>"]) + "\n\n"


def _fenced(lines: Sequence[str]) -> str:
    """Lines as they are, between fences that are longer than any in them."""
    longest = max((len(run) for text in lines for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *lines, fence])

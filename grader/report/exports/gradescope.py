"""gradescope: /autograder/results/results.json, as Gradescope's autograder specification has it.

Everything is plain text (`text`), so nothing of a submission is taken for markup. Students see this file, so a hidden check
shows its outcome only; drawn for staff, it shows all of it and is marked `hidden`, which Gradescope keeps from students
(with their total, see docs/REPORTS.md). A check that could not be judged is worth 0 of 0 there: neither earned nor lost.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from grader.model import Grade, Outcome
from grader.report.exports.cells import number
from grader.report.registry import Order
from grader.report.told import Teller, Told


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The results of the one grade."""
    grade = grades[0]
    teller = Teller(grade, order.lang, staff=order.staff)
    paragraphs = [*teller.notices(), " ".join(teller.sentences())]
    if first := teller.first():
        paragraphs.append("\n".join([teller.say.say("page.first"), *(f"  {line}" for line in first)]))
    if rows := teller.sums.rows():
        paragraphs.append("\n".join(f"{row.name}: {row.value}" for row in rows))
    results = {
        "score": number(grade.earned),
        "execution_time": number(grade.run.seconds),
        "output": "\n\n".join(p for p in paragraphs if p),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "run": grade.run.id,
            "complete": grade.complete,
            "submission": grade.submission.digest,
            "spec": grade.spec_digest,
        },
        "tests": [_test(told, count, order) for count, told in enumerate(teller.checks(), 1)],
    }
    return json.dumps(results, indent=1) + "\n"


def _test(told: Told, count: int, order: Order) -> dict[str, object]:
    verdict = told.verdict
    withheld = verdict.outcome is Outcome.GRADER_PROBLEM
    test: dict[str, object] = {
        "name": told.title,
        "number": str(count),
        "score": number(verdict.earned),
        "max_score": 0 if withheld or verdict.check.bonus else number(verdict.check.points),
        "output": _output(told),
        "tags": [verdict.check.concept] if verdict.check.concept else [],
        "visibility": "hidden" if verdict.check.hidden and order.staff else "visible",
        "extra_data": {"check": verdict.check.id, "outcome": verdict.outcome.value if verdict.outcome else None},
    }
    if verdict.outcome in (Outcome.PASSED, Outcome.FAILED):
        test["status"] = verdict.outcome.value
    return test


def _output(told: Told) -> str:
    lines = [f"{told.word} ({told.points})", *([told.one] if told.one else [])]
    for answer in told.answers:
        if answer.text != told.one:
            lines += ["", answer.head, answer.text] if answer.head else ["", answer.text]
    if told.code:
        lines += ["", told.place, *told.code]
    if told.command:
        lines += ["", told.command]
    return "\n".join(lines)

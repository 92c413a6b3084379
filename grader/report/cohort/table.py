"""A class for a spreadsheet and for a script: the same that the page says, one row or one object a submission."""

from __future__ import annotations

import json
from typing import Any

from grader.model import Cohort, Member
from grader.report.cohort.reasons import judged, name, page, whys
from grader.report.exports.cells import Cell, number, written
from grader.words import printable

SCHEMA = 1


def as_csv(cohort: Cohort) -> str:
    """One row a submission: points in all, and points in each check. What was not judged is an empty cell, not a zero."""
    checks = [c.id for c in cohort.checks]
    rows: list[list[Cell]] = [["submission", "place", "earned", "possible", "complete", *checks]]
    for member in cohort.members:
        grade, verdicts = member.grade, {v.check.id: v for v in member.grade.verdicts}
        found = [verdicts.get(c) for c in checks]
        earned: list[Cell] = [number(v.earned) if v and judged(v) else None for v in found]
        whole = "yes" if grade.complete and not grade.withheld else "no"
        who = [printable(name(member)), printable(member.place)]
        rows.append([*who, number(grade.earned), number(grade.possible), whole, *earned])
    return written(rows)


def as_json(cohort: Cohort) -> str:
    """The class without evidence; that stands in each submission's own results.json."""
    run = cohort.run
    plain = {
        "schema": SCHEMA,
        "spec": {"id": cohort.spec_id, "title": dict(cohort.spec_title), "digest": cohort.spec_digest},
        "run": {"started": run.started, "seconds": run.seconds, "jobs": run.jobs, "argv": [*run.argv]},
        "checks": [
            {"id": c.id, "title": dict(c.title), "points": c.points, "concept": c.concept} for c in cohort.checks
        ],
        "submissions": [_plain(m) for m in cohort.members],
    }
    text = json.dumps(plain, ensure_ascii=False, indent=1)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _plain(member: Member) -> dict[str, Any]:
    grade = member.grade
    return {
        "name": name(member),
        "place": member.place,
        "page": page(member),
        "earned": grade.earned,
        "possible": grade.possible,
        "withheld": grade.withheld,
        "complete": grade.complete,
        "reasons": [w.key for w in whys(grade)],
        "outcomes": {v.check.id: v.outcome.value if v.outcome else None for v in grade.verdicts},
    }

"""The pages of one submission, as files: the student's, and the staff's where it shows more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.model import Grade
from grader.report import html, rendering

rendering.warm()  # whoever imports this is going to draw, perhaps in a copy of its process that would else do it again


def pages(grade: Grade, lang: str, comments: Sequence[str] = ()) -> Mapping[str, str]:
    """The names of the files and their text."""
    drawn = {"report.html": html.student_page(grade, lang, comments=comments)}
    if any(v.check.hidden for v in grade.verdicts):
        drawn["staff.html"] = html.student_page(grade, lang, staff=True, comments=comments)
    return drawn

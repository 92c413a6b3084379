"""Every way in which a grade can be drawn, by name: what `--to` and `grade report` may ask for.

A report is a function from a grade and a language to the text of one file. The modules that draw are imported when a
report is asked for: jinja2 alone would double the time of `grade --help`.
"""

from __future__ import annotations

from collections.abc import Callable

from grader.model import Grade
from grader.registry import Registry

Report = Callable[[Grade, str], str]

REPORTS: Registry[Report] = Registry("report")
FILES = {"html": "report.html", "text": "report.txt", "json": "results.json"}
"""Under which name a report is filed."""


@REPORTS.add("html")
def html(grade: Grade, lang: str) -> str:
    """The page: one HTML file that needs nothing else."""
    from grader.report.html import student_page

    return student_page(grade, lang)


@REPORTS.add("text")
def text(grade: Grade, lang: str) -> str:
    """What the terminal shows, without colour."""
    from grader.report.text import as_text

    return as_text(grade, lang)


@REPORTS.add("json")
def json(grade: Grade, lang: str) -> str:
    """The record of the grading, from which the others can be drawn again."""
    from grader.results import dump

    return dump(grade)

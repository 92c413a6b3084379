"""What is written about a class as a whole: its page, its tables, and the teacher's comments on the students' pages.

A comment is put on a page by drawing the page again from its results; nothing is run for it. Which page carries which
comments is kept in a file, so that only those are drawn whose comments are other ones now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from grader import results
from grader.course import store
from grader.course.marks import Marks, marked
from grader.errors import UsageError
from grader.model import Cohort

PAGE, TABLE, RECORD = "index.html", "grades.csv", "class.json"
CARRIED = ".commented.json"
LARGEST = 1 << 20


def comments_in(out: Path) -> Mapping[str, str]:
    """The teacher's comments beside the class page; none where there is no such file. Raises UsageError where it is none."""
    from grader.report.cohort.comments import FILE, read

    path = out / FILE
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST)
        return read(data.decode("utf-8-sig"), str(path))
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise UsageError("unreadable-file", path=str(path), why=problem.strerror) from problem
    except UnicodeDecodeError as problem:
        raise UsageError("bad-comments", path=str(path), why=str(problem)) from problem


def write_class(cohort: Cohort, out: Path, language: str, comments: Mapping[str, str]) -> Path:
    """Write all of it; returns the page."""
    from grader.report.cohort.page import class_page
    from grader.report.cohort.table import as_csv, as_json

    cohort = replace(cohort, comments=comments)
    _comment(cohort, out, language)
    store.write(out / TABLE, as_csv(cohort))
    store.write(out / RECORD, as_json(cohort))
    store.write(out / PAGE, class_page(cohort, language, files=(TABLE, RECORD)))
    return out / PAGE


def with_marks(cohort: Cohort, out: Path, language: str, comments: Mapping[str, str], marks: Marks) -> Cohort:
    """The class with what a person has given, which then stands in the results and on the pages of each, too."""
    from grader.report.cohort.comments import meant
    from grader.report.pages import pages

    members = []
    for member in cohort.members:
        bare = marked(member.grade, marks, member.place)
        members.append(replace(member, grade=bare))
        if bare.manual == member.grade.manual:
            continue
        folder = out / member.place
        try:
            grade = results.load((folder / "results.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # somebody took it away meanwhile
        grade = replace(grade, manual=bare.manual)
        for name, text in pages(grade, language, meant(comments, grade)).items():
            store.write(folder / name, text)
        store.write(folder / "results.json", results.dump(grade))
    return replace(cohort, members=tuple(members))


def _comment(cohort: Cohort, out: Path, language: str) -> None:
    """Have each page carry the comments that are meant for its student, and no other."""
    from grader.report.cohort.comments import meant
    from grader.report.pages import pages

    before = _carried(out)
    now: dict[str, str] = {p: d for p, d in before.items() if p not in {m.place for m in cohort.members}}
    for member in cohort.members:
        said = meant(cohort.comments, member.grade)
        digest = hashlib.sha256("\0".join(said).encode()).hexdigest()[:16] if said else ""
        folder = out / member.place
        carries = before[member.place] if member.place in before and _has_some(folder) else ""
        if digest:
            now[member.place] = digest
        if digest == carries:
            continue
        try:
            grade = results.load((folder / "results.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # somebody took it away meanwhile
        for name, text in pages(grade, language, said).items():
            store.write(folder / name, text)
    if now != before:
        store.write(out / CARRIED, json.dumps(now, indent=0) + "\n")


def _has_some(folder: Path) -> bool:
    """Whether a page has comments: one that was drawn by a later grading of a single submission has none."""
    try:
        return b'id="the-comment"' in (folder / "report.html").read_bytes()
    except OSError:
        return False


def _carried(out: Path) -> dict[str, str]:
    """Which comments each page carries."""
    try:
        plain = json.loads((out / CARRIED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(place): str(digest) for place, digest in plain.items()} if isinstance(plain, dict) else {}

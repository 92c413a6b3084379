"""`grade report`: results of gradings drawn again, in any language, without running anything."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import results
from grader.cli.codes import GRADED, USAGE
from grader.cli.formats import for_staff, known, put
from grader.errors import UsageError
from grader.model import Grade
from grader.report.each import Each
from grader.report.registry import REPORTS, Order, draw
from grader.words.sentences import Sentences

RESULTS = "results.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stood on the command line."""

    results: tuple[str, ...]
    to: str | None
    out: str | None
    lang: str | None
    view: str | None
    roster: str | None
    worksheet: str | None
    column: str
    out_of: float | None
    incomplete: bool
    diff: str | None


def report_again(wanted: Wanted, locale_language: str) -> int:
    """Read, draw, write; returns the exit code."""
    language = wanted.lang or locale_language
    try:
        if wanted.to:
            known(wanted.to)
        paths = found(wanted.results)
        report = REPORTS.get(wanted.to or "text")
        bare = [read(path, bare=len(paths) > 1) for path in paths]
        language = wanted.lang or bare[0].language or locale_language
        if wanted.diff is not None:
            put(_compared(wanted, bare, language), Path(wanted.out) if wanted.out else None)
        elif len(paths) > 1 and not report.many and wanted.out:
            _drawn_each(wanted, paths, bare, language)
        else:
            whole = len(paths) > 1 and report.evidence
            _drawn(wanted, Each(paths, read) if whole else bare, language)
    except UsageError as problem:
        print(Sentences(language).say(f"cli.{problem.code}", **problem.facts), file=sys.stderr)
        return USAGE
    return GRADED


def found(given: Sequence[str]) -> list[Path]:
    """The results files in what was named: the files themselves, and those of a folder or of its folders."""
    paths: list[Path] = []
    for name in given:
        path = Path(name)
        if path.is_dir():
            inside = [path / RESULTS] if (path / RESULTS).is_file() else sorted(path.glob(f"*/{RESULTS}"))
            if not inside:
                raise UsageError("no-results", path=name)
            paths += inside
        else:
            paths.append(path)
    return paths


def read(path: Path, *, bare: bool = False) -> Grade:
    """The grade in a results file, or, of a class, what is told of all in one file. Raises UsageError where there is none."""
    try:
        grade = (results.load_bare if bare else results.load)(path.read_text(encoding="utf-8"))
        return _with_marks(grade, path) if grade.manual else grade
    except OSError as problem:
        raise UsageError("results-unreadable", path=str(path), why=problem.strerror) from problem
    except (ValueError, AttributeError, RecursionError) as problem:
        raise UsageError("results-unreadable", path=str(path), why=str(problem)[:200]) from problem


def _with_marks(grade: Grade, path: Path) -> Grade:
    """What a person has given since, if it stands beside the results or beside their folder."""
    from grader.course.marks import FILE, marked, marks_in

    folders = [f for f in (path.absolute().parent, path.absolute().parent.parent) if (f / FILE).is_file()]
    return marked(grade, marks_in(folders[0], grade.manual), path.absolute().parent.name) if folders else grade


def _drawn(wanted: Wanted, grades: Sequence[Grade], language: str) -> None:
    """All of them in one file, or on standard output."""
    name = wanted.to or "text"
    out = Path(wanted.out) if wanted.out else None
    if out is not None and (out.is_dir() or str(wanted.out).endswith("/")):
        out /= REPORTS.get(name).file
    put(draw(name, grades, _order(wanted, language)), out)
    if out is not None:
        print(Sentences(language).say("cli.written", path=str(out)), file=sys.stderr)


def _drawn_each(wanted: Wanted, paths: Sequence[Path], bare: Sequence[Grade], language: str) -> None:
    """Each in a file of its own; one after the other is read as a whole, so a large class needs no more memory."""
    name, out = wanted.to or "text", Path(str(wanted.out))
    order = _order(wanted, language)
    for folder, at in _folders(bare).items():
        put(draw(name, [read(paths[at])], order), out / folder / REPORTS.get(name).file)
    print(Sentences(language).say("cli.written", path=str(out)), file=sys.stderr)


def _order(wanted: Wanted, language: str) -> Order:
    name = wanted.to or "text"
    return Order(language, for_staff(name, wanted.view), _list(wanted), wanted.column, wanted.out_of, wanted.incomplete)


def _folders(grades: Sequence[Grade]) -> dict[str, int]:
    """A folder's name for each grade: its own, as far as that can be one, and never the same twice."""
    named: dict[str, int] = {}
    for at, grade in enumerate(grades):
        name = re.sub(r"[^\w .@+-]+", "-", grade.submission.name).strip(" .-") or "submission"
        free = next(n for n in (name, *(f"{name}-{i}" for i in range(2, len(grades) + 2))) if n not in named)
        named[free] = at
    return named


def _list(wanted: Wanted) -> str | None:
    """The text of the roster or the worksheet, whichever was given. Gradebooks write UTF-8, spreadsheets what they like."""
    if wanted.roster and wanted.worksheet:
        raise UsageError("two-lists")
    path = wanted.roster or wanted.worksheet
    if not path:
        return None
    try:
        data = Path(path).read_bytes()
    except OSError as problem:
        raise UsageError("unreadable-file", path=path, why=problem.strerror) from problem
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _compared(wanted: Wanted, grades: Sequence[Grade], language: str) -> str:
    """What lies between the earlier results and these."""
    from grader.report.diff import difference
    from grader.report.diff_text import as_text
    from grader.report.student import student_view

    if wanted.to not in (None, "text"):
        raise UsageError("diff-is-text", format=wanted.to)
    if len(grades) > 1:
        raise UsageError("diff-one", count=len(grades))
    (old,) = [read(path) for path in found([str(wanted.diff)])[:1]]
    new = grades[0]
    staff = wanted.view == "staff"
    if not staff and old.submission.name != new.submission.name:
        raise UsageError("diff-other-student", old=old.submission.name, new=new.submission.name)
    if not staff:
        old, new = student_view(old), student_view(new)
    return as_text(difference(old, new), language, staff=staff)

"""Reports that are wished for on the command line, and where they go: to a file, or to standard output alone.

Standard output belongs to at most one report, byte for byte, so that a script can read it; whatever else there is to say
goes to standard error then.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.registry import nearest

if TYPE_CHECKING:
    from grader.model import Grade


@dataclass(frozen=True, slots=True)
class Wish:
    """One report that is wanted; without a file it is printed."""

    name: str
    file: Path | None


def wished(formats: Sequence[str]) -> list[Wish]:
    """The reports named by `--format NAME` or `--format NAME=FILE`. Raises UsageError where that can't be done."""
    if not formats:
        return []
    from grader.report.registry import REPORTS, Roster

    wishes = []
    for given in formats:
        name, _, file = given.partition("=")
        known(name)
        if REPORTS.get(name).roster is Roster.MUST:
            raise UsageError("format-with-list", format=name)
        wishes.append(Wish(name, Path(file) if file else None))
    printed = [wish for wish in wishes if wish.file is None]
    if len(printed) > 1:
        raise UsageError("two-on-stdout", name=printed[1].name)
    return wishes


def known(name: str) -> None:
    """See that there is such a report. Raises UsageError, with the nearest name."""
    from grader.report.registry import REPORTS

    if name not in REPORTS:
        near = nearest(name, list(REPORTS))
        raise UsageError("unknown-format", name=name, **({"nearest": near} if near else {}))


def fulfil(wishes: Sequence[Wish], grades: Sequence[Grade], lang: str, view: str | None, *, incomplete: bool) -> None:
    """Draw what is wished for of grades just made. Raises UsageError where a gradebook should not have it."""
    if not wishes:
        return
    from grader.report.registry import Order, draw

    for wish in wishes:
        put(draw(wish.name, grades, Order(lang, for_staff(wish.name, view), incomplete=incomplete)), wish.file)


def for_staff(name: str, view: str | None) -> bool:
    """Whether a report is drawn for staff: as asked, else as it is meant."""
    from grader.report.registry import REPORTS

    return REPORTS.get(name).staff if view is None else view == "staff"


def put(text: str, file: Path | None) -> None:
    """Write a report to its file, or to standard output as it is: no line's end is changed."""
    if file is not None:
        from grader.course.store import write

        write(file, text)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()

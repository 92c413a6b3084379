"""Errors that the server printed while it went on: what it ran out of, and lines at which a thread broke."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.course.causes.cases import Case, Cases, named, place
from grader.model import Cause, Kind

OUT_OF = (
    ("descriptor-leak", re.compile(r"Too many open files|\bEMFILE\b"), 250),
    ("thread-leak", re.compile(r"can't start new thread|unable to create (?:new )?native thread|EAGAIN.*uv_thread_create"), 100),
)  # fmt: skip
"""The code, what a runtime prints, and how many clients an honest server serves within the limits of the sandbox.

The limits are 1024 descriptors and 512 threads: four descriptors, or five threads, for each client.
"""


def leaks(cases: Cases) -> Iterator[Cause]:
    """It ran out of descriptors, or of threads, with few clients there: it keeps those of clients that have gone."""
    for code, said, honest in OUT_OF:
        found = [c for c in cases.left if said.search(c.errors) and len(c.here) <= honest]
        if found:
            best = found[0]
            facts = {"clients": len(best.here), "connected": best.count(Kind.CONNECTED).total()}
            yield named(code, found, facts, next((c.finding.where for c in found if c.finding.where), None))


def error_in_a_thread(cases: Cases) -> Iterator[Cause]:
    """An error that the server printed came up in one line: one cause for each line, and for all checks that it shows in."""
    by_line: dict[object, list[Case]] = {}
    for case in cases.left:
        if case.raised:
            by_line.setdefault(place(case.raised), []).append(case)
    for found in by_line.values():
        if where := found[0].raised:
            yield named("error-came-up", found, {"error": where.says, "line": where.line, "who": found[0].who}, where)

r"""junit: XML as test reporters read it (GitLab, Jenkins, GitHub actions, IDEs).

A submission is a testsuite, a check a testcase named by its id, which stays the same in every language and year. Failed and
unsteady checks are failures; a grader problem is an error, for it says nothing about the server; what needs another check,
or did not run, is skipped. There is no schema that all readers share: only elements and attributes that all of them know
are used, in the order in which the strictest wants them, and points stand among the suite's properties. What is illegal
in XML is left out, even escaped; bytes of a student that print nothing have become text like \x1b long before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.model import Evidence, Grade, Kind, Outcome
from grader.report.exports.cells import number
from grader.report.printed import printed
from grader.report.registry import Order
from grader.report.told import Teller, Told
from grader.trim import shown_attempt
from grader.words import printable_lines

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
MOST = 200
"""Lines of a server's output that are kept: the last ones."""


def draw(grades: Sequence[Grade], order: Order) -> str:
    """The XML."""
    suites = [_suite(Teller(grade, order.lang, staff=order.staff)) for grade in grades]
    root = Element("testsuites", {"name": "grade", **_sums(suites)})
    root.extend(suites)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def legal(text: str) -> str:
    """The text without the characters that no XML may hold."""
    return _ILLEGAL.sub("", text)


def _suite(teller: Teller) -> Element:
    grade = teller.grade
    started = grade.run.started[:19]
    suite = Element("testsuite", {"name": legal(teller.name), "timestamp": legal(started)})
    properties = SubElement(suite, "properties")
    told = teller.checks()
    facts = [("spec", grade.spec_id), ("earned", number(grade.earned)), ("possible", number(grade.possible))]
    for name, value in [*facts, *((f"points:{t.verdict.check.id}", t.points) for t in told)]:
        SubElement(properties, "property", {"name": legal(name), "value": legal(str(value))})
    suite.extend(_case(t, grade) for t in told)
    suite.attrib.update(_counts(suite))
    return suite


def _case(told: Told, grade: Grade) -> Element:
    verdict = told.verdict
    attempt = shown_attempt(verdict)
    seconds = sum(a.seconds for a in verdict.attempts)
    case = Element(
        "testcase", {"name": legal(verdict.check.id), "classname": legal(grade.spec_id), "time": f"{seconds:.3f}"}
    )
    said = {"message": legal(f"{told.title}: {told.short}")}
    code = verdict.findings[0].code if verdict.findings else verdict.outcome.value if verdict.outcome else ""
    if verdict.outcome in (Outcome.FAILED, Outcome.UNSTEADY):
        SubElement(case, "failure", {**said, "type": legal(code)}).text = legal(_body(told))
    elif verdict.outcome is Outcome.GRADER_PROBLEM:
        SubElement(case, "error", {**said, "type": legal(code)}).text = legal(_body(told))
    elif verdict.outcome is not Outcome.PASSED:
        SubElement(case, "skipped", said)
    if attempt and verdict.outcome in (Outcome.FAILED, Outcome.UNSTEADY) and verdict.evidence is not Evidence.NONE:
        for name, kind in (("system-out", Kind.OUTPUT), ("system-err", Kind.ERRORS)):
            lines = [line.text for line in printed(attempt.transcript.events, kind)][-MOST:]
            if lines:
                SubElement(case, name).text = legal(printable_lines("\n".join(lines)))
    return case


def _body(told: Told) -> str:
    lines = [f"{a.head}: {a.text}" if a.head else a.text for a in told.answers]
    if told.code:
        lines += ["", told.place, *told.code]
    return "\n".join([*lines, *(["", told.command] if told.command else [])])


def _counts(suite: Element) -> dict[str, str]:
    """How many cases a suite has, and of what kind."""
    cases = suite.findall("testcase")
    tally = {name: sum(c.find(tag) is not None for c in cases) for name, tag in _TAGS.items()}
    seconds = sum(float(c.get("time", "0")) for c in cases)
    return {"tests": str(len(cases)), **{n: str(c) for n, c in tally.items()}, "time": f"{seconds:.3f}"}


def _sums(suites: Sequence[Element]) -> dict[str, str]:
    sums = {name: str(sum(int(s.get(name, "0")) for s in suites)) for name in ("tests", *_TAGS)}
    return {**sums, "time": f"{sum(float(s.get('time', '0')) for s in suites):.3f}"}


_TAGS = {"failures": "failure", "errors": "error", "skipped": "skipped"}

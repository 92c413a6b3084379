"""Two transcripts of one check side by side: where does the submission first differ from the reference?

For checks that say `same_as_reference`: what the clients get from the reference is what they are to get. After each act
the conductor waits until the server is quiet, so what a client gets belongs to one act and is compared act by act. What
no protocol promises is not held against anybody: the numbers of ports, clocks and dates, and the order of lines that
several clients have set off at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from grader.judge.findings import evidence
from grader.judge.happened import CLOSES, END
from grader.judge.show import shown
from grader.judge.speech import Speech
from grader.model import Check, Evidence, Finding, Kind, Line, Spec, Transcript

PASSING = (
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "<date>"),
    (re.compile(r"\b\d{1,2}:\d\d(:\d\d)?([.,]\d+)?\b"), "<time>"),
    (re.compile(r"\b(3[2-9]\d{3}|[45]\d{4}|60\d{3})\b"), "<port>"),
)
"""What differs from run to run: dates, clocks, and the ports that the system gives to clients."""


class Got(NamedTuple):
    """One thing that a client got: a line as it is compared and as it came, or the end of the connection (no line)."""

    alike: str
    line: str | None
    event: int


Parts = dict[tuple[int, str], list[Got]]
"""What each client got after each act, by the act's step and the client's name."""


def first_difference(
    check: Check, spec: Spec, own: Transcript, reference: Transcript
) -> tuple[Finding, Evidence] | None:
    """The first thing that some client got otherwise than from the reference, and what that rests on."""
    (mine, waited), (theirs, _) = _parts(spec, own), _parts(spec, reference)
    for step, who in sorted({*mine, *theirs}):
        line = check.play[step]
        got, wanted = mine.get((step, who), []), theirs.get((step, who), [])
        alone = len(line.who) < 2 and line.block is None
        for came, due in zip_longest(*_unlike(got, wanted, in_order=alone)):
            return _finding(who, line, came, due), Evidence.SEEN if came else waited.get(step, Evidence.SEEN)
    return None


def _unlike(got: Sequence[Got], wanted: Sequence[Got], *, in_order: bool) -> tuple[list[Got], list[Got]]:
    """What remains of both when what is alike is left out: from the first difference on, or whatever the order."""
    if in_order:
        alike = 0
        while alike < min(len(got), len(wanted)) and got[alike].alike == wanted[alike].alike:
            alike += 1
        return list(got[alike:]), list(wanted[alike:])
    due = list(wanted)
    surplus = []
    for one in got:
        match = next((d for d in due if d.alike == one.alike), None)
        if match is None:
            surplus.append(one)
        else:
            due.remove(match)
    return surplus, due


def _finding(who: str, line: Line, came: Got | None, due: Got | None) -> Finding:
    facts: dict[str, object] = {"who": [who], "after": line.text}
    events = () if came is None else (came.event,)
    if came is not None and came.line is None:
        return Finding("was-closed", {"who": [who]}, events)
    if due is not None and due.line is None:
        return Finding("not-closed", {"who": [who]}, events)
    if came is None or due is None:
        code = "reference-got-more" if came is None else "reference-got-less"
        return Finding(code, {**facts, "text": shown((came or due or Got("", "", 0)).line or "")}, events)
    return Finding("reference-differs", {**facts, "text": shown(due.line or ""), "got": shown(came.line or "")}, events)


def _parts(spec: Spec, transcript: Transcript) -> tuple[Parts, dict[int, Evidence]]:
    """What was got after each act, and how the wait after it ended."""
    parts, waited = Parts(), dict[int, Evidence]()
    speech = Speech(spec)
    since: list[tuple[str, Got]] = []
    for index, event in enumerate(transcript.events):
        if event.note == END:
            break
        if event.kind is Kind.RECEIVED:
            text, _ = speech.read(event.data, event.who)
            since.append((event.who, Got(_alike(text), text, index)))
        elif event.kind in CLOSES:
            since.append((event.who, Got("", None, index)))
        elif event.kind is Kind.NOTED and event.note == "settled":
            since.clear()  # what the implicit joins brought belongs to no act of the play
        elif event.kind is Kind.WAITED and event.step is not None:
            waited[event.step] = evidence(event.note)
            for who, got in since:
                parts.setdefault((event.step, who), []).append(got)
            since.clear()
    return parts, waited


def _alike(text: str) -> str:
    for pattern, name in PASSING:
        text = pattern.sub(name, text)
    return text

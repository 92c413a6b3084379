"""What was found: the judgement on one attempt, and what a check in Python found by itself.

The latter stands in the transcript, as everything does on which a verdict rests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grader.model import Event, Evidence, Finding, Kind, Outcome, Transcript

FOUND = "found"
"""The note of an event whose text is a finding of the check's own."""
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Judged:
    """What one attempt came to. `transcript` has the step at each message that met one."""

    outcome: Outcome
    evidence: Evidence
    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    transcript: Transcript


def found_by_check(events: Iterable[Event]) -> Iterator[Finding]:
    """The findings that the check's function has written down."""
    for index, event in enumerate(events):
        if event.note == FOUND and event.kind is Kind.NOTED:
            yield Finding("not-as-asked", {"text": event.data.decode("utf-8", "replace")[:LONGEST]}, (index,))

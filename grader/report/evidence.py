"""How a verdict is known, in plain words: seen on the wire, reported by the system, proven by quiet, or by a deadline."""

from __future__ import annotations

from grader.model import Attempt, Evidence, Kind, Transcript, Verdict
from grader.words import Sentences

OF_THE_PROCESS = (
    "exited",
    "exited-early",
    "never-listens",
    "wrong-port",
    "port-not-printed",
    "other-port-printed",
    "refused",
    "did-not-stop",
    "still-listens",
    "agent-killed",
)
"""Findings that rest on what the system says of a process or a port, not on what came over a connection."""
OF_ABSENCE = (
    "never-came",
    "not-closed",
    "not-accepted",
    "not-read",
    "lost",
    "never-listens",
    "did-not-stop",
    "timed-out",
)
"""Findings that something did not happen: these rest on a proof that it never will, or on a deadline."""


def evidence(verdict: Verdict, attempt: Attempt | None, say: Sentences) -> str:
    """How we know, in plain words; for a deadline, how long it was waited."""
    code = verdict.findings[0].code if verdict.findings else ""
    if code in OF_THE_PROCESS and verdict.evidence is Evidence.SEEN:
        return say.say("evidence.seen-process")
    if code not in OF_ABSENCE and verdict.evidence is not Evidence.NONE:
        return say.say("evidence.seen")  # what came was seen, whatever another finding rests on
    seconds = None
    if verdict.evidence is Evidence.DEADLINE and attempt:
        waited = _waited(attempt.transcript)
        seconds = say.number(waited, 1) if waited else None
    return say.say(f"evidence.{verdict.evidence.value}", seconds=seconds)


def _waited(transcript: Transcript) -> float:
    """The longest time for which something was awaited in vain: from what was done last until it was given up."""
    longest, done = 0.0, 0.0
    for event in transcript.events:
        if event.kind is Kind.GAVE_UP:
            longest = max(longest, event.t - done)
        elif event.kind in (Kind.SENT, Kind.CONNECTED, Kind.CLOSED, Kind.CRASHED, Kind.HALF_CLOSED, Kind.SIGNALLED):
            done = event.t
    return round(longest, 1)

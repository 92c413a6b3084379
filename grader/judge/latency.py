"""How quickly a server answers, held against the reference beside it.

Milliseconds mean nothing on a machine that somebody else also uses; how many times longer than the reference, in the
same run, means something. Two numbers tell it: what half of the answers took, and what 99 of 100 took. The time that the
server or the grader spent ready to run, but without a processor, is taken off each answer, and what is quick enough for
anybody never counts. What is left rests on clocks: such a failure is tried again, and counts for nothing if it then passes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.judge.timing import delay_of
from grader.model import Check, Finding, Kind, Transcript, Verb

TAIL = 10
"""So many times what never counts for half of the answers never counts for 99 of 100."""


def too_slow(check: Check, own: Transcript, reference: Transcript) -> Finding | None:
    """Half of the answers, or 99 of 100, took too many times longer than with the reference."""
    if check.latency is None:
        return None
    half, tail, least = check.latency
    mine, theirs = answers(check, own), answers(check, reference)
    if not mine or not theirs:
        return None
    for share, times, free in ((0.5, half, least), (0.99, tail, least * TAIL)):
        took, needs = 1000 * at(mine, share), 1000 * at(theirs, share)
        if took > max(free, times * needs):
            facts = {"percent": round(100 * share), "took": _ms(took), "reference": _ms(needs), "times": _plain(times)}
            return Finding("slow-answers", facts)
    return None


def answers(check: Check, transcript: Transcript) -> list[float]:
    """Seconds from each message that the play sends to the first that comes after it, in rising order."""
    expected = {line.step for line in check.play if line.part == "play" and line.verb is Verb.EXPECT}
    sent_by = {line.step for line in check.play if line.part == "play" and line.verb is Verb.SEND}
    events = transcript.events
    times: list[float] = []
    sent: float | None = None
    for event in events:
        if event.kind is Kind.SENT and event.step in sent_by:
            sent = event.t
        elif event.kind is Kind.RECEIVED and event.step in expected and sent is not None and event.step is not None:
            times.append(max(0.0, event.t - sent - delay_of(events, event.step)))
            sent = None
    return sorted(times)


def at(times: Sequence[float], share: float) -> float:
    """The time within which this share of the answers came."""
    return times[math.ceil(share * len(times)) - 1]


def _ms(milliseconds: float) -> float:
    return round(milliseconds, 1)


def _plain(times: float) -> float | int:
    return int(times) if times == int(times) else times

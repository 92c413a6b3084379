"""How quickly a server answers: the measure of a deadline, where no silence can be proven.

A deadline that is a number of seconds is wrong on somebody's machine. Ten times what the reference needs there, in the
same run and beside the same load, is not: a server that has not answered by then will hardly answer later.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from grader.model import Kind, Transcript

ACTS = {Kind.SENT, Kind.CONNECTED, Kind.CLOSED, Kind.HALF_CLOSED, Kind.CRASHED}
LEAST, MOST = 0.5, 10.0
TIMES = 10
SHARE = 0.99


def answer_times(transcript: Transcript) -> list[float]:
    """Seconds from a client's act to each message that came before the next act, whoever received it."""
    times: list[float] = []
    acted: float | None = None
    for event in transcript.events:
        if event.kind in ACTS:
            acted = event.t
        elif event.kind is Kind.RECEIVED and acted is not None:
            times.append(event.t - acted)
    return times


def patience(transcripts: Iterable[Transcript]) -> float:
    """Seconds to wait for an answer: ten times what 99 of 100 answers took, but at least half a second, at most ten."""
    times = sorted(t for transcript in transcripts for t in answer_times(transcript))
    if not times:
        return LEAST
    slow = times[math.ceil(SHARE * len(times)) - 1]
    return min(MOST, max(LEAST, TIMES * slow))

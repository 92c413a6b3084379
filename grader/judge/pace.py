"""How quickly a server answers: the measure of a deadline, where no silence can be proven.

A deadline that is a number of seconds is wrong on somebody's machine. Ten times what the reference needs there, in the
same run and beside the same load, is not: a server that has not answered by then will hardly answer later.

Where a server spins, a check with three clients is not held against one with two hundred: what counts is what the reference
needed where no more was asked of it. One that waits for something has the patience of the whole spec, since it may rest
in a moment; and so has the last attempt, after which nothing is left to try.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from grader.model import SERVER, Kind, Transcript
from grader.trim import left_out

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


def patience(transcripts: Iterable[Transcript], where: Transcript | None = None) -> float:
    """Seconds to wait for an answer: ten times what 99 of 100 answers took, but at least half a second, at most ten.

    `where` is the reference's transcript of the check in which one waits: then those count that have no more clients and no
    more traffic, and what this one took is never lost among quicker ones. Without it all count.
    """
    if where is None:
        return _bounded(transcripts)
    most = _asked(where)
    return max(_bounded(t for t in transcripts if all(map(int.__le__, _asked(t), most))), _bounded([where]))


def _bounded(transcripts: Iterable[Transcript]) -> float:
    times = sorted(t for transcript in transcripts for t in answer_times(transcript))
    if not times:
        return LEAST
    slow = times[math.ceil(SHARE * len(times)) - 1]
    return min(MOST, max(LEAST, TIMES * slow))


def _asked(transcript: Transcript) -> tuple[int, int]:
    """How much a server is asked: the clients that there are, and the events, those too that were left out."""
    clients = {event.who for event in transcript.events} - {SERVER}
    return len(clients), sum(max(1, left_out(event)) for event in transcript.events)

"""What a check with `tiers` earns: the fastest of its attempts against the times of the spec.

The time is that of the play, joins apart: from its first act to the last thing that its clients saw, without what server or
grader waited for a processor. `2x` is twice what the reference took for the same play, on the same machine, in the same run.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.judge.timing import GRACE, delays
from grader.model import Attempt, Check, Finding, Kind, Transcript

SEEN = (Kind.RECEIVED, Kind.SERVER_CLOSED, Kind.SERVER_RESET, Kind.SENT, Kind.CONNECTED)


def tier(check: Check, passed: Sequence[Attempt], reference: Transcript | None) -> tuple[float, tuple[Finding, ...]]:
    """The points, and a remark that says how they came about."""
    took = min(seconds(attempt.transcript) for attempt in passed)
    unit = max(seconds(reference), GRACE) if reference is not None else GRACE
    facts: dict[str, object] = {"took": round(took, 3)}
    for one in check.tiers:
        most = one.limit * unit if one.of_reference else one.limit
        if took <= most + GRACE:
            if one is check.tiers[0]:
                return one.points, ()
            best = check.tiers[0].limit * (unit if check.tiers[0].of_reference else 1)
            return one.points, (Finding("tier", {**facts, "most": round(best, 3), "points": check.points}),)
    last = check.tiers[-1]
    most = last.limit * unit if last.of_reference else last.limit
    return 0.0, (Finding("too-slow", {**facts, "most": round(most, 3)}),)


def seconds(transcript: Transcript) -> float:
    """How long the play took."""
    first = next((line.step for line in transcript.play if line.part == "play"), 0)
    own = [event for event in transcript.events if event.step is not None and event.step >= first]
    if not own:
        return 0.0
    began = min(event.t for event in own)
    ended = max((e.t for e in transcript.events if e.kind in SEEN and e.t >= began), default=began)
    return max(0.0, ended - began - delays(transcript.events, first))

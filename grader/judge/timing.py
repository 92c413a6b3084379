"""Did a message come when it was due: not before some time, not after another.

The time counts from what stands before it: the last act of anybody, or the message before it of the same client. It is
taken in our clients, so what the server or the grader spent ready to run but without a processor is part of it. The
conductor measures that part; nobody loses a point for it, and a failure that is left rests on a deadline: it is tried
again, and counts for nothing if it then passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from grader.judge.show import shown
from grader.model import Event, Finding, Kind, Line

DELAY = "delay"
"""The first word of the note of an event that says how long server or grader waited for a processor at a line."""
WAITED = "waits"
"""The first word of the note of an event that ends a wait for time to pass."""
OVERSLEPT = "overslept"
"""The note of an event that says that such a wait took too long: a failure behind it counts for nobody."""
GRACE = 0.01
"""Seconds that a clock, a timer and a wake-up may be off."""
ACTS = {
    Kind.CONNECTED, Kind.SENT, Kind.CLOSED, Kind.HALF_CLOSED, Kind.CRASHED, Kind.FROZEN, Kind.THAWED, Kind.SIGNALLED,
    Kind.LISTENING,
}  # fmt: skip


def wait_note(time: str) -> str:
    """The note of the event that ends a wait for time to pass."""
    return f"{WAITED} {time}"


def overslept(events: Iterable[Event]) -> bool:
    """Whether time was to pass, and more of it passed than what comes behind can bear."""
    return any(event.kind is Kind.NOTED and event.note == OVERSLEPT for event in events)


def delay_note(step: int, seconds: float) -> str:
    """The note of such an event."""
    return f"{DELAY} {step} {seconds:.4f}"


def out_of_time(
    line: Line, who: str, text: str, events: Sequence[Event], step_of: Mapping[int, int], until: int
) -> Iterator[Finding]:
    """What came too early or too late of the messages with which this client met a line."""
    if line.within is None:
        return
    least, most = line.within
    slack = GRACE + delay_of(events, line.step)
    before: Event | None = None
    for index in range(until):
        event = events[index]
        met = index in step_of and event.who == who and event.kind is Kind.RECEIVED
        if met and step_of[index] == line.step and before is not None:
            took = event.t - before.t
            facts: dict[str, object] = {"who": [who], "text": shown(text), "took": _ms(took)}
            if took + slack < least:
                yield Finding("too-early", {**facts, "least": _ms(least)}, (index,))
                return
            if most is not None and took - slack > most:
                yield Finding("too-late", {**facts, "most": _ms(most)}, (index,))
                return
        acted = event.kind in ACTS or (event.kind is Kind.NOTED and event.note.startswith(f"{WAITED} "))
        if met or (acted and event.step is not None and event.step < line.step):
            before = event


def delay_of(events: Sequence[Event], step: int) -> float:
    """Seconds that server or grader waited for a processor at a line."""
    notes = [e.note.split(" ") for e in events if e.kind is Kind.NOTED and e.note.startswith(f"{DELAY} {step} ")]
    return max((float(note[2]) for note in notes), default=0.0)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def delays(events: Sequence[Event], first: int) -> float:
    """Seconds that server or grader waited for a processor at all the lines from this one on."""
    notes = (e.note.split(" ") for e in events if e.kind is Kind.NOTED and e.note.startswith(f"{DELAY} "))
    return sum(float(note[2]) for note in notes if int(note[1]) >= first)

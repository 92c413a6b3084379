"""The events of a transcript, looked up instead of searched.

A crowd that gets nothing leaves twenty thousand unmet lines and as many events. Whatever is asked once for each line has
to be answered without walking through the events, or a silent server takes minutes to judge.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from grader.judge.findings import evidence
from grader.judge.show import shown
from grader.judge.strays import STRAY
from grader.model import Event, Evidence, Kind
from grader.wire.parts import to_text

END = "end"
"""The note of the event after which nothing is judged: the grader closes its clients."""
UNFINISHED = "unfinished"
"""The note of the event that holds what had come of a message when nothing more came."""
IN_VAIN = "in-vain"
"""The note of the event after which a play went on though it was not proven that nothing more would come."""
CLOSES = (Kind.SERVER_CLOSED, Kind.SERVER_RESET)
GOES, COMES = {Kind.CLOSED, Kind.CRASHED, Kind.HALF_CLOSED, Kind.FROZEN}, {Kind.CONNECTED, Kind.THAWED}
RECEIVED, GAVE_UP, WAITED = Kind.RECEIVED, Kind.GAVE_UP, Kind.WAITED  # (see `judge/follow.py`)
Placed = tuple[int, Event]
"""An event with its index."""


class Happened:
    """What happened in one attempt. `end` is the index after which nothing is judged."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.end = next((i for i, e in enumerate(events) if e.note == END), len(events))
        self.gave_up = [(i, e) for i, e in enumerate(events) if e.kind is GAVE_UP]
        self._in_vain = next((i for i, e in enumerate(events) if e.note == IN_VAIN), len(events))
        self.at_step: dict[int, int] = {}
        """Where each line of the play was reached: its first event, but for those that say that it was given up."""
        self._given_up: dict[int | None, list[Placed]] = {}
        self._given_up_by: dict[tuple[int | None, str], list[Placed]] = {}
        self._comings: dict[str, list[Placed]] = {}
        self._begun: dict[str, str] = {}
        self.strays: dict[str, Placed] = {}
        """The first datagram of each client that came from another port than it had called."""
        for at, event in enumerate(events):
            if event.kind is RECEIVED and event.step is None:
                continue  # nearly all of a crowd's
            if event.kind is Kind.NOTED and event.note == UNFINISHED:
                self._begun[event.who] = shown(to_text(event.data))
            if event.kind is Kind.NOTED and event.note.startswith(STRAY):
                self.strays.setdefault(event.who, (at, event))
            if event.kind is Kind.GAVE_UP:
                self._given_up.setdefault(event.step, []).append((at, event))
                self._given_up_by.setdefault((event.step, event.who), []).append((at, event))
            elif event.step is not None:
                self.at_step.setdefault(event.step, at)
            if event.kind is Kind.CONNECTED or event.kind in CLOSES:
                self._comings.setdefault(event.who, []).append((at, event))

    def given_up(self, step: int | None, who: str | None = None) -> list[Placed]:
        """What was given up at a line of the play, by everybody or by one client."""
        return self._given_up.get(step, []) if who is None else self._given_up_by.get((step, who), [])

    def seen(self, at: int) -> Evidence:
        """What a message out of place proves. Behind a silence that was not proven, it may be one that was only late."""
        return Evidence.SEEN if at < self._in_vain else Evidence.DEADLINE

    def begun(self, who: str) -> str:
        """What a client had got of a message that never ended."""
        return self._begun.get(who, "")

    def last_exit(self, until: int) -> int:
        """Where the server that ran last before an event ended; the event itself where nobody saw an end."""
        exits = [i for i, e in enumerate(self.events) if e.kind is Kind.EXITED]
        return next((i for i in reversed(exits) if i < until), exits[0] if exits else until)

    def ended(self, until: int) -> list[int]:
        """The ends of the server since its latest start before an event."""
        began = max((i for i, e in enumerate(self.events[:until]) if e.kind is Kind.STARTED), default=0)
        return [i for i, e in enumerate(self.events[:until]) if i > began and e.kind is Kind.EXITED]

    def gone(self) -> set[str]:
        """The clients that had left by the end, or read nothing any more: nobody asks what is left for them."""
        gone: set[str] = set()
        for event in self.events[: self.end]:
            if event.kind in GOES:
                gone.add(event.who)
            elif event.kind in COMES:
                gone.discard(event.who)
        return gone

    def closed(self, who: str, until: int) -> list[int]:
        """The ends of a client's latest connection before an event."""
        ends: list[int] = []
        for at, event in self._comings.get(who, ()):
            if at >= until:
                break
            ends = [*ends, at] if event.kind in CLOSES else []
        return ends

    @functools.cached_property
    def last_wait(self) -> Evidence:
        """How the last wait ended."""
        return self.last_wait_before(self.end)

    def last_wait_before(self, until: int) -> Evidence:
        """How the last wait before an event ended."""
        notes = [e.note for e in self.events[:until] if e.kind is WAITED]
        return evidence(notes[-1]) if notes else Evidence.SEEN

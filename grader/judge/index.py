"""Where things stand among the events of a transcript: looked up, because a crowd that hears nothing asks twenty thousand times."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from grader.judge.findings import evidence
from grader.model import Event, Evidence, Kind

CLOSES = (Kind.SERVER_CLOSED, Kind.SERVER_RESET)


class Index:
    """The events up to `end` in which the judge looks for reasons, each kind where it is asked for."""

    def __init__(self, events: Sequence[Event], end: int) -> None:
        self.gave_up = [(i, e) for i, e in enumerate(events) if e.kind is Kind.GAVE_UP]
        self._stuck: dict[int | None, list[tuple[int, Event]]] = {}
        self._given_up: dict[tuple[int | None, str], list[int]] = {}
        self._not_accepted = {(e.step, e.who) for _, e in self.gave_up if e.note == "not-accepted"}
        self._connected: dict[str, list[int]] = {}
        self._closed: dict[str, list[int]] = {}
        for i, e in self.gave_up:
            self._stuck.setdefault(e.step, []).append((i, e))
            self._given_up.setdefault((e.step, e.who), []).append(i)
        waits = []
        for i, e in enumerate(events):
            if e.kind is Kind.CONNECTED:
                self._connected.setdefault(e.who, []).append(i)
            elif e.kind in CLOSES:
                self._closed.setdefault(e.who, []).append(i)
            elif e.kind is Kind.WAITED and i < end:
                waits.append(e.note)
        self.last_wait = evidence(waits[-1]) if waits else Evidence.SEEN

    def stuck(self, step: int) -> list[tuple[int, Event]]:
        """What the conductor gave up of a line."""
        return self._stuck.get(step, [])

    def given_up(self, step: int, who: str) -> tuple[int, ...]:
        """Where the conductor gave up a client's part of a line."""
        return tuple(self._given_up.get((step, who), ()))

    def not_accepted(self, step: int, who: str) -> bool:
        """Whether it gave it up because no program had taken the client's connection."""
        return (step, who) in self._not_accepted

    def closed(self, who: str, until: int) -> list[int]:
        """Where the server ended the connection that a client has at an event."""
        connected = self._connected.get(who, ())
        before = bisect_left(connected, until)
        began = connected[before - 1] if before else 0
        return [i for i in self._closed.get(who, ()) if began < i < until]

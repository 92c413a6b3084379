"""How much of what is waited for has come: a server that delivers slowly is not one that has fallen silent.

Forty messages that each take a while may together take longer than any deadline. What comes to those who wait counts, one
message for each that is waited for and no more, so that whoever talks without end extends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.clients.record import Record
from grader.model import Kind, Line


class Progress:
    """Counts the messages that have come to whoever waits, since this was made; at most as many as are waited for."""

    def __init__(self, record: Record, waiting: Sequence[tuple[Line, str]]) -> None:
        self._events = record.events
        self._names = {who for _, who in waiting}
        self._most = sum(line.times for line, _ in waiting)
        self._seen = len(self._events)
        self._came = 0

    def __call__(self) -> int:
        """How many it is now."""
        while self._seen < len(self._events) and self._came < self._most:
            event = self._events[self._seen]
            self._came += event.kind is Kind.RECEIVED and event.who in self._names
            self._seen += 1
        return self._came

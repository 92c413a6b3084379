"""How much has come: a server that delivers slowly is not one that has fallen silent.

Forty messages that each take a while may together take longer than any deadline. What comes to those who wait counts, one
message for each that is waited for and no more, so that whoever talks without end extends nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from grader.clients.record import Record
from grader.judge.pace import ACTS, MOST
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


class Deliveries:
    """What has come in a whole check. While it grows, whoever waits for silence goes on waiting, and takes none for it too early.

    Not for ever: as long as no more has come than one message to each client for each act, and in one wait for ten seconds.
    """

    def __init__(self, record: Record) -> None:
        self._events = record.events
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._seen = self._came = self._acts = 0

    def watched(self) -> Callable[[], int]:
        """For one wait that begins now: how much it is, 0 if that is not to count any more."""
        until = time.monotonic() + MOST

        def came() -> int:
            with self._lock:
                for event in self._events[self._seen :]:
                    self._seen += 1
                    self._came += event.kind is Kind.RECEIVED
                    if event.kind in ACTS:
                        self._acts += 1
                        self._names.add(event.who)
                counts = self._came <= self._acts * len(self._names) and time.monotonic() < until
                return self._came if counts else 0

        return came

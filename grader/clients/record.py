"""The record of one check: events with their times, in one order for all threads.

Every thread of a check writes here, and nothing else is kept. Whoever waits for something waits on `changed`, and looks
again at each event. Times are seconds since the record began; while the record is held, no time passes.
"""

from __future__ import annotations

import threading
import time

from grader.model import Event, Kind

ENDS = {Kind.SERVER_CLOSED, Kind.SERVER_RESET, Kind.EXITED}


class Record:
    """A growing list of events. `events` may be read at any time; entries are never changed."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ends = 0
        """How many of them are ends of a stream or of the server; counted, because every look asks, and a crowd has many events."""
        self.changed = threading.Condition()
        self._began = time.monotonic()
        self._held: float | None = None
        self._waiting = 0

    @property
    def now(self) -> float:
        """Seconds since the record began."""
        return (self._held or time.monotonic()) - self._began

    def hold(self) -> None:
        """Stop the clock: what is recorded from here to `go` happened before the check's turn came."""
        self._held = time.monotonic()

    def go(self) -> None:
        """Let the clock go on from where it was held, if it was."""
        with self.changed:  # what the server prints is recorded meanwhile
            if self._held is not None:
                self._began += time.monotonic() - self._held
                self._held = None

    def note(
        self, who: str, kind: Kind, data: bytes = b"", note: str = "", step: int | None = None, cut: int = 0
    ) -> int:
        """Record one event now; returns its index."""
        with self.changed:
            self.events.append(Event(self.now, who, kind, data, note, step, cut))
            self.ends += kind in ENDS
            if self._waiting:
                self.changed.notify_all()
            return len(self.events) - 1

    def note_all(self, who: str, kind: Kind, messages: list[bytes]) -> None:
        """Record several messages that arrived together. Whoever waits is woken by `wake`, once for many."""
        with self.changed:
            now = self.now
            self.events += [Event(now, who, kind, m) for m in messages]

    def wake(self) -> None:
        """Wake those who wait for events."""
        if self._waiting:
            with self.changed:
                self.changed.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Until there are more than `seen` events, or so many seconds have passed."""
        with self.changed:
            if len(self.events) > seen:
                return
            self._waiting += 1
            try:
                self.changed.wait(seconds)
            finally:
                self._waiting -= 1

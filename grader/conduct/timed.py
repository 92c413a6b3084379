"""Lines that are due at a certain time: how long they are waited for, and what of the waiting was nobody's fault."""

from __future__ import annotations

from collections.abc import Iterable

from grader.clients.record import Record
from grader.conduct.waiting import Waiter
from grader.judge.pace import LEAST
from grader.judge.timing import delay_note
from grader.model import SERVER, Kind, Line
from grader.stage.quiet import HORIZON


class Timed:
    """The lines of one wait, from its beginning, and the limits of that wait: None where no line has a time.

    Where the whole play is `measured`, every wait is noted.
    """

    def __init__(
        self, lines: Iterable[Line], waiter: Waiter, record: Record, *, crowd: bool, measured: bool = False
    ) -> None:
        waited_for = [*lines]
        self._lines = [line for line in waited_for if line.within is not None]
        self._noted = self._lines or waited_for[-1:] * measured
        self._record = record
        self._clock = waiter.clock(reading=crowd) if self._noted else None
        longest = sum(line.times * (line.within[1] or line.within[0]) for line in self._lines if line.within)
        self.deadline = longest + LEAST if self._lines else None
        self.horizon = longest + HORIZON if self._lines else None

    def note(self) -> None:
        """Record how long server or grader waited for a processor meanwhile."""
        if self._clock is not None:
            delay = self._clock.delayed()
            for line in self._noted:
                self._record.note(SERVER, Kind.NOTED, note=delay_note(line.step, delay))

"""A conductor that is told its play line by line: by a function of the spec's, or by a play with loops and values.

What it is told is performed, recorded and judged as the lines of any play are.
"""

from __future__ import annotations

from abc import abstractmethod

from grader.conduct.conductor import Conductor
from grader.judge.found import FOUND
from grader.judge.order import expects
from grader.model import SERVER, Evidence, Kind, Line


class LineByLine(Conductor):
    """Performs one check whose lines come while it is performed. The implicit joins are ordinary lines, and come first."""

    def _play(self) -> bool:
        return super()._play() and self._play_on()

    @abstractmethod
    def _play_on(self) -> bool:
        """Go on after the joins, by `go_on`; whether it was played to its end."""

    def go_on(self, lines: list[Line]) -> bool:
        """Lines that a function adds: expectations that are met together, or one act."""
        self._added += lines
        with self._follow_lock:
            self._follow.extend(lines)
        return self._met(lines) if expects(lines[0]) else self._do(lines[0])

    def message_of(self, step: int, who: str) -> str:
        """The message that met a line."""
        at = next((i for i, s in self._follow.step_of.items() if s == step and self._record.events[i].who == who), None)
        return "" if at is None else self._follow.text_at(self._record.events[at].data, who)

    def at_rest(self) -> bool:
        """Wait until nothing more can come; whether that was proven."""
        waited = self._waiter.quiet()
        self._pull()
        self._record.note(
            SERVER, Kind.WAITED, note=str(waited.evidence), step=self._added[-1].step if self._added else 0
        )
        return waited.evidence is not Evidence.DEADLINE

    def found(self, text: str) -> None:
        """A finding of the function's own."""
        self._record.note(SERVER, Kind.NOTED, text.encode("utf-8", "replace"), note=FOUND)

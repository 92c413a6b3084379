"""The lines that a server prints, cut out of its output as it comes, for the expectations of a play.

Standard output and the error output are two streams, each with lines of its own; a play asks for a line of either. A
prompt has no end of line: what has come of a line is a line for whoever it fits.
"""

from __future__ import annotations

from grader.judge.pairing import Message
from grader.model import Event, Kind
from grader.wire.match import to_text

STREAMS = (Kind.OUTPUT, Kind.ERRORS)
MOST, LAST = 64 << 10, 3


class Console:
    """Fed with a server's output, event by event."""

    def __init__(self) -> None:
        self._begun: dict[Kind, bytes] = {}
        self._at: dict[Kind, int] = {}
        self.last: list[str] = []
        """The last lines that were printed, at most three."""

    def feed(self, index: int, event: Event) -> list[Message]:
        """The lines that this event ends."""
        begun = b"" if event.cut else self._begun.get(event.kind, b"")
        *lines, rest = (begun + event.data).split(b"\n")
        self._begun[event.kind], self._at[event.kind] = rest[-MOST:], index
        found = [_message(index, line) for line in lines]
        self.last = [*self.last, *(m.text for m in found[-LAST:] if m.text)][-LAST:]
        return found

    def unended(self) -> dict[Kind, Message]:
        """What has come of lines that have not ended."""
        return {kind: _message(self._at[kind], rest) for kind, rest in self._begun.items() if rest}

    def take(self, message: Message) -> None:
        """An unended line has been taken: what comes next begins a new one."""
        for kind, begun in self.unended().items():
            if begun == message:
                self._begun[kind] = b""
                return


def _message(at: int, line: bytes) -> Message:
    text = to_text(line.rstrip(b"\r"))
    return Message(at, text, text)

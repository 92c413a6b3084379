"""Which line of a stack to show: not where the call stands, but where the program came to it.

A server sends everything through one small function, and a line in there tells its author nothing. For what was sent it is
the innermost line through which, in the whole recording, only messages of this form went; for other calls the line in the
innermost function in which the thread also was when it took its input in: there it decided what to do about it.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.course.streams import SENDS
from grader.model import CodeLine, Dialect, Recording, SocketCall, SourceSpot
from grader.wire.dialect import Wording

CALLERS = 3
Stack = Sequence[CodeLine]


def of_form(call: SocketCall, message: bytes, recording: Recording, dialect: Dialect) -> int | None:
    """The innermost place of a sending call's stack through which only messages of this one's form were sent."""
    read = _Forms(dialect)
    wanted = read.form(message)
    places = {(line.file, line.line) for line in call.stack}
    for other in recording.calls:
        if other.call not in SENDS or not other.data:
            continue
        common = places & {(line.file, line.line) for line in other.stack}
        if common and read.forms(other) != {wanted}:
            places -= common
    return next((n for n, line in enumerate(call.stack) if (line.file, line.line) in places), None)


class _Forms:
    """What is in the bytes of a call, by the forms of the dialect; a line without one stands for itself."""

    def __init__(self, dialect: Dialect) -> None:
        self._wording = Wording(dialect)
        self._known: dict[bytes, str] = {}

    def form(self, line: bytes) -> str:
        line = line.rstrip(b"\r\n")
        if line not in self._known:
            text = line.decode("utf-8", "surrogateescape")
            said = self._wording.read(text)
            self._known[line] = said.form if said else text
        return self._known[line]

    def forms(self, call: SocketCall) -> set[str]:
        whole = call.count == len(call.data)
        lines = call.data.split(b"\n")
        rest = lines.pop()
        if rest and whole:
            lines.append(rest)
        return {self.form(line) for line in lines} or {""}


def parted(stack: Stack, other: Stack) -> int | None:
    """Where two stacks part, as a place in the first: the line in the innermost function that both were in."""
    found = None
    for place in range(1, min(len(stack), len(other)) + 1):
        one, two = stack[-place], other[-place]
        if (one.file, one.function, one.first) != (two.file, two.function, two.first):
            break
        found = len(stack) - place
        if one.line != two.line:
            break
    return found


def way_to(word: str, stack: Stack, at: int) -> SourceSpot | None:
    """The line at a place of a stack; `via` is the line of the call itself, where that is another."""
    if not stack:
        return None
    via = ((stack[0].file, stack[0].line),) if at else ()
    return SourceSpot(stack[at].file, stack[at].line, recorded=word, via=via)


def call_itself(word: str, call: SocketCall, says: str = "") -> SourceSpot | None:
    """The line of the call itself; `via` are the lines that it was called from."""
    if not call.stack:
        return None
    own, *callers = call.stack
    via = tuple((c.file, c.line) for c in callers[:CALLERS])
    return SourceSpot(own.file, own.line, says=says, recorded=word, via=via)

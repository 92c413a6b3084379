"""What the flight recorder saw: the socket calls of one server, each with the lines of code that led to it.

A recording is made in a second run, outside the grade, by means that the server could tamper with. It tells a story and
proves nothing: a finding may get a line from it, never an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of the submission on a call's stack. `first` is where its function begins (0 unknown)."""

    file: str
    line: int
    function: str
    first: int = 0


@dataclass(frozen=True, slots=True)
class SocketCall:
    """One call on one socket, in the order in which the calls ended.

    `call` is a word: accept, recv, peek, send, sendall, sendmsg, shutdown, close (wished for), closed (done), detach, or
    read (a coroutine got what the loop had received before). `count` is the number of bytes, None where there is none to
    tell; `data` their beginning. `made` is the socket that an accept gave. A call that did not `return` was still waiting
    when the server was ended. `stack` has the innermost line first, and is empty where no line of the submission was there.
    """

    t: float
    process: int
    thread: int
    call: str
    socket: str
    count: int | None = None
    data: bytes = b""
    error: str = ""
    made: str = ""
    stack: tuple[CodeLine, ...] = ()
    returned: bool = True


@dataclass(frozen=True, slots=True)
class Recording:
    """All calls of one run. `whole` is false when there was no more room: then nothing follows from what is missing."""

    calls: tuple[SocketCall, ...]
    peers: dict[str, str]
    """Of each socket, the address at its other end, if it is known."""
    whole: bool = True


class RecorderState(StrEnum):
    """What came of recording a failed check."""

    POINTED = "pointed"
    SILENT = "silent"
    """It was recorded, and shows no line that could be pointed at."""
    DIFFERENT = "different"
    """Recorded, the server behaved in another way: the recording was dropped."""
    NOTHING = "nothing"
    """No call was recorded: the program does not go through Python's sockets, or hides that it does."""
    NO_TOOL = "no-tool"
    NO_WAY = "no-way"
    """There is no way to record programs of this kind."""
    NO_LINES = "no-lines"
    """The program tells no line numbers: it was built without them."""
    TOO_LONG = "too-long"
    NO_TIME = "no-time"
    """What a recording may cost had been used up."""
    BROKEN = "broken"
    """The grader itself failed at it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A note about the recorded run of a check: what came of it, how many calls it saw, how long it took."""

    state: RecorderState
    calls: int = 0
    seconds: float = 0.0

    def plain(self) -> dict[str, object]:
        """As it stands in results.json."""
        return {"state": self.state.value, "calls": self.calls, "seconds": self.seconds}

    @classmethod
    def read(cls, plain: Mapping[str, Any] | None) -> Recorded | None:
        """What was written there. A state that this grader does not know says no more than that nothing was shown."""
        if not plain:
            return None
        known = plain.get("state") in set(RecorderState)
        state = RecorderState(plain["state"]) if known else RecorderState.SILENT
        return cls(state, plain.get("calls", 0), plain.get("seconds", 0.0))

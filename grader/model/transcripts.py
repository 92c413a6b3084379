"""What happened: the events of one check against one server. The only record of it, and the judge's only source."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from grader.model.lines import Line


class Kind(StrEnum):
    """What an event is. The first group is done by our clients, the second by the server, the third by the stage."""

    CONNECTED = "connected"
    SENT = "sent"
    CLOSED = "closed"
    HALF_CLOSED = "half-closed"
    CRASHED = "crashed"
    FROZEN = "frozen"
    THAWED = "thawed"

    RECEIVED = "received"
    REFUSED = "refused"
    SERVER_CLOSED = "server-closed"
    SERVER_RESET = "server-reset"
    OUTPUT = "output"
    ERRORS = "errors"

    STARTED = "started"
    TYPED = "typed"
    LISTENING = "listening"
    SIGNALLED = "signalled"
    EXITED = "exited"
    WAITED = "waited"
    GAVE_UP = "gave-up"
    NOTED = "noted"


class Event(NamedTuple):
    """One thing that happened, the only kind of record there is.

    `who` is a client or `SERVER`. `data` holds raw bytes of what travelled (for `SENT` and `RECEIVED` one message
    with its end); `cut` counts bytes left out of `data` to keep results small. `note` is a short machine-readable word
    (an exit status, a signal, the evidence of a wait). `step` ties the event to a line of the play. `says` is what a
    message says, where its bytes alone would tell nobody.
    """

    t: float
    who: str
    kind: Kind
    data: bytes = b""
    note: str = ""
    step: int | None = None
    cut: int = 0
    says: str = ""


@dataclass(frozen=True, slots=True)
class SourceSpot:
    """A line of the student's code and some lines around it: `excerpt` is ``((number, text), ...)``."""

    file: str
    line: int
    excerpt: tuple[tuple[int, str], ...] = ()
    says: str = ""
    """What the runtime printed there, such as ``ConnectionResetError: [Errno 104] Connection reset by peer``."""
    recorded: str = ""
    """What the flight recorder saw there, in a second run: a word such as ``sent``; empty where it was not asked."""
    via: tuple[tuple[str, int], ...] = ()
    """Other lines that belong to it, by the recorder's word: where the call itself stands, or what called it."""


@dataclass(frozen=True, slots=True)
class Thread:
    """What one thread of the server was doing when it was looked at: `doing` is a word such as ``recv``.

    `spot` is the innermost line of the student's code that it stood in, `calls` the lines that this one was called from,
    the nearest first. `holds` are the locks that it held, each where it was taken (`says` names the lock), and `wants`
    is the lock that it waited for. Two threads speak of the same lock only where they give it the same name.
    """

    name: str
    doing: str
    of_client: str | None = None
    unread: int = 0
    spot: SourceSpot | None = None
    calls: tuple[SourceSpot, ...] = ()
    holds: tuple[SourceSpot, ...] = ()
    wants: str = ""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """How the server of one transcript was run and how it ended. Ports are numbers inside the sandbox.

    `port` is the one on which it had to listen; 0: any would do.
    """

    argv: tuple[str, ...] = ()
    port: int = 0
    listening: int | None = None
    ready_after: float | None = None
    exit_status: int | None = None
    caught: tuple[SourceSpot, ...] = ()
    """An error that it caught without a word: the line where it came up (`says` is the error), and the line that caught
    it. Seen when the server was started once more, outside the grade."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """All events of one check against one server, in the order in which they were recorded."""

    check: str
    subject: str
    """`submission` or `reference`."""
    seed: int
    events: tuple[Event, ...]
    play: tuple[Line, ...] = ()
    server: ServerFacts = field(default_factory=ServerFacts)
    threads: tuple[Thread, ...] = ()
    """The server's threads when the play ended early."""

"""The nouns of the project: what a spec says, what happened on the wire, and what it is worth.

Everything here is a frozen value. A `Spec` is what an instructor wrote; a `Transcript` is the only record of what
happened between one server and the clients of one check; a `Verdict` is a claim about a transcript, with its evidence;
a `Grade` is all verdicts of one submission. Nothing in this module runs, reads or draws anything, so each value can be
made by hand in a test, kept in `results.json`, and drawn again years later.

Times are seconds since the check began (monotonic clock, taken in our clients). What travelled is `bytes` until the
moment of display. Texts for people (`Words`) carry every language that the spec has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

Words = Mapping[str, str]
"""A text for people, by language code: ``{"en": "Chat server", "es": "Servidor de chat"}``."""

Facts = Mapping[str, object]
"""The plain values (text, numbers, lists of them) with which a sentence is filled in."""

SERVER = "server"
"""The name under which the server under test appears in plays and events."""


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNSTEADY = "unsteady"
    BLOCKED = "blocked"
    GRADER_PROBLEM = "grader-problem"


class Evidence(StrEnum):
    """What a verdict rests on, from strongest to weakest."""

    SEEN = "seen"
    QUIET = "quiet"
    FENCE = "fence"
    DEADLINE = "deadline"
    NONE = "none"


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
    LISTENING = "listening"
    SIGNALLED = "signalled"
    EXITED = "exited"
    WAITED = "waited"
    GAVE_UP = "gave-up"
    NOTED = "noted"


class Verb(StrEnum):
    """What a line of a play does."""

    SEND = ">"
    SEND_RAW = ">>"
    EXPECT = "<"
    EXPECT_MAYBE = "<?"
    EXPECT_RAW = "<<"
    NOTHING = "nothing"
    SKIPS_TO = "skips to"
    CONNECTS = "connects"
    JOINS = "joins"
    LEAVES = "leaves"
    HALF_CLOSES = "half-closes"
    CRASHES = "crashes"
    FREEZES = "freezes"
    THAWS = "thaws"
    WAITS = "waits"
    IS_DISCONNECTED = "is disconnected"
    STILL_CONNECTED = "still connected"
    LISTENS = "listens"
    IS_RUNNING = "is running"
    GETS = "gets"
    STOPS = "stops"
    STARTS = "starts"
    RESTARTS = "restarts"
    SETTLES = "settles"
    """Not written by people: at quiet, every inbox is emptied (after each implicit join)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file: line and column count from 1."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Block:
    """A group of lines that stand indented under `together:` or `any order:`; `number` tells groups apart."""

    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a play, one act of one client, several clients, or the server.

    `step` is its index in the check's whole play, implicit joins included; `text` is what a person wrote;
    `argument` is what follows the mark, still with its placeholders and escapes.
    """

    step: int
    text: str
    who: tuple[str, ...]
    verb: Verb
    argument: str = ""
    times: int = 1
    block: Block | None = None
    part: str = "play"
    """`join` for the lines that greet the server on behalf of a client, `play` for the check's own."""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How this course words things: the templates with which laws and ready-made checks are written."""

    words: Mapping[str, str] = field(default_factory=dict)
    welcome: str | None = None
    joined: str | None = None
    heard: str | None = None
    left: str | None = None
    also: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    """What a client may write that is not a message to the others, such as ``/<*>``."""


@dataclass(frozen=True, slots=True)
class Check:
    """One graded behaviour, worth points. Without a play it is known by its texts only (read back from results)."""

    id: str
    title: Words
    points: float
    requirement: Words = field(default_factory=dict)
    why: Words = field(default_factory=dict)
    hint: Words = field(default_factory=dict)
    concept: str | None = None
    needs: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()
    race: bool = False
    attempts: int = 3
    clients: tuple[str, ...] = ()
    play: tuple[Line, ...] = ()
    leftovers_allowed: bool = False
    ignore: tuple[str, ...] = ()
    hidden: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """How a server is started: `run` with ``<port>`` where the port goes; `build` is run once before, if any."""

    run: str
    build: str | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """A course's protocol and its checks, as an instructor wrote them in one YAML file."""

    id: str
    title: Words
    language: str
    server: Command
    reference_folder: str
    reference: Command
    checks: tuple[Check, ...]
    framing: str = "line"
    encoding: str = "utf-8"
    dialect: Dialect = field(default_factory=Dialect)
    carried: frozenset[str] = frozenset()
    """The laws that some check of the spec carries: a breach costs that check, and is set aside in the others."""
    path: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's folder. `digest` is a hash of its content, so equal folders have equal digests."""

    name: str
    folder: str
    digest: str


class Event(NamedTuple):
    """One thing that happened, the only kind of record there is.

    `who` is a client or `SERVER`. `data` holds raw bytes of what travelled (for `SENT` and `RECEIVED` one message
    with its end); `cut` counts bytes left out of `data` to keep results small. `note` is a short machine-readable word
    (an exit status, a signal, the evidence of a wait). `step` ties the event to a line of the play.
    """

    t: float
    who: str
    kind: Kind
    data: bytes = b""
    note: str = ""
    step: int | None = None
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Thread:
    """What one thread of the server was doing when it was looked at: `doing` is a word such as ``recv``."""

    name: str
    doing: str
    of_client: str | None = None
    unread: int = 0
    spot: SourceSpot | None = None


@dataclass(frozen=True, slots=True)
class SourceSpot:
    """A line of the student's code and some lines around it: `excerpt` is ``((number, text), ...)``."""

    file: str
    line: int
    excerpt: tuple[tuple[int, str], ...] = ()
    says: str = ""
    """What the runtime printed there, such as ``ConnectionResetError: [Errno 104] Connection reset by peer``."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """How the server of one transcript was run and how it ended. Ports are numbers inside the sandbox."""

    argv: tuple[str, ...] = ()
    port: int = 0
    listening: int | None = None
    ready_after: float | None = None
    exit_status: int | None = None


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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that differs from what the protocol asks. `code` names it for ever; `events` are indices."""

    code: str
    facts: Facts = field(default_factory=dict)
    events: tuple[int, ...] = ()
    where: SourceSpot | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of one check, judged."""

    outcome: Outcome
    evidence: Evidence
    seconds: float
    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...]
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class Verdict:
    """The claim about one check: an outcome, the points, and everything that it rests on.

    `outcome` is None when the check did not run (an interrupted grading).
    """

    check: Check
    outcome: Outcome | None
    earned: float
    evidence: Evidence = Evidence.NONE
    blocked_by: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    findings: tuple[Finding, ...] = ()
    remarks: tuple[Finding, ...] = ()
    reference: Transcript | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason that explains several failed checks."""

    code: str
    explains: tuple[str, ...]
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Build:
    """What the build printed, and how it ended (`status` 0 is success)."""

    command: str
    status: int
    seconds: float
    log: str


@dataclass(frozen=True, slots=True)
class Run:
    """The circumstances of a grading: all that somebody needs to repeat it."""

    id: str
    started: str
    seconds: float
    seed: int
    argv: tuple[str, ...]
    rung: str
    rung_why: str
    versions: Mapping[str, str]
    reference_digest: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """Every verdict of one submission."""

    submission: Submission
    spec_id: str
    spec_title: Words
    spec_digest: str
    language: str
    verdicts: tuple[Verdict, ...]
    run: Run
    complete: bool = True
    causes: tuple[Cause, ...] = ()
    build: Build | None = None
    problem: Finding | None = None
    """Why nothing could be run at all: no server in the folder, or a grader problem that concerns every check."""

    @property
    def earned(self) -> float:
        """Points earned so far."""
        return round(sum(v.earned for v in self.verdicts), 2)

    @property
    def withheld(self) -> float:
        """Points of checks that ended in a grader problem: neither earned nor lost."""
        return round(sum(v.check.points for v in self.verdicts if v.outcome is Outcome.GRADER_PROBLEM), 2)

    @property
    def possible(self) -> float:
        """Points that could be earned in this run: all, but those withheld."""
        return round(sum(v.check.points for v in self.verdicts) - self.withheld, 2)

    @property
    def first_to_fix(self) -> Cause | None:
        """The cause that unlocks most points, its blocked checks included."""
        lost = {v.check.id: v.check.points - v.earned for v in self.verdicts}
        ranked = sorted(self.causes, key=lambda c: -sum(lost.get(i, 0.0) for i in c.explains))
        return ranked[0] if ranked else None

"""What can be done in a play, by whom, and when it makes sense: the vocabulary of the transcript grammar, as tables.

A client is always in one state, and every act says in which states it makes sense and which state it leads to:

    absent ──connects, joins──> here ──freezes──> frozen
                                 │  <──thaws────────┘
                                 ├──half-closes──> half-closed
                                 ├──leaves, crashes──> gone ──connects, joins──> here
                                 ├──is disconnected──> disconnected ──connects, joins──> here
                                 └──server (stops) or (restarts)──> cut off

A new act is a row here, a branch in `conduct` and a rule in `judge`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from grader.model import Verb


class State(StrEnum):
    """What is known of a client's connection at one point of a play."""

    ABSENT = "absent"
    HERE = "here"
    FROZEN = "frozen"
    HALF_CLOSED = "half-closed"
    DISCONNECTED = "disconnected"
    CUT_OFF = "cut off"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Rule:
    """In which states an act makes sense, and the state it leads to (None: the same)."""

    states: frozenset[State]
    becomes: State | None = None


MARKS = {verb.value: verb for verb in (Verb.SEND, Verb.SEND_RAW, Verb.EXPECT, Verb.EXPECT_MAYBE, Verb.EXPECT_RAW)}
RAW = frozenset({Verb.SEND_RAW, Verb.EXPECT_RAW})
SENDS = frozenset({Verb.SEND, Verb.SEND_RAW})
COMES = frozenset({Verb.CONNECTS, Verb.JOINS})
"""Acts whose text may be the number of a port: what stands there needs values, as what is sent does."""
EXPECTS = frozenset({Verb.EXPECT, Verb.EXPECT_MAYBE, Verb.EXPECT_RAW, Verb.SKIPS_TO})
TIMED = frozenset({Verb.EXPECT, Verb.EXPECT_RAW})
REPEATED = frozenset({Verb.SEND, Verb.EXPECT})

_ABSENT = frozenset({State.ABSENT, State.GONE, State.DISCONNECTED, State.CUT_OFF})
_READING = frozenset({State.HERE, State.HALF_CLOSED, State.CUT_OFF})
_OPEN = frozenset({State.HERE, State.FROZEN, State.HALF_CLOSED, State.CUT_OFF})

CLIENT_RULES: Mapping[Verb, Rule] = {
    Verb.SEND: Rule(frozenset({State.HERE, State.FROZEN})),
    Verb.SEND_RAW: Rule(frozenset({State.HERE, State.FROZEN})),
    Verb.EXPECT: Rule(_READING),
    Verb.EXPECT_MAYBE: Rule(_READING),
    Verb.EXPECT_RAW: Rule(_READING),
    Verb.SKIPS_TO: Rule(_READING),
    Verb.NOTHING: Rule(_READING | {State.DISCONNECTED}),
    Verb.CONNECTS: Rule(_ABSENT, State.HERE),
    Verb.JOINS: Rule(_ABSENT, State.HERE),
    Verb.ACCEPTS: Rule(_ABSENT, State.HERE),
    Verb.STARTS: Rule(_ABSENT, State.HERE),
    Verb.PRINTS: Rule(_READING),
    Verb.LEAVES: Rule(_OPEN | {State.DISCONNECTED}, State.GONE),
    Verb.HALF_CLOSES: Rule(frozenset({State.HERE}), State.HALF_CLOSED),
    Verb.CRASHES: Rule(_OPEN, State.GONE),
    Verb.FREEZES: Rule(frozenset({State.HERE}), State.FROZEN),
    Verb.THAWS: Rule(frozenset({State.FROZEN}), State.HERE),
    Verb.WAITS: Rule(frozenset(State) - {State.ABSENT}),
    Verb.SKIPS_THE_REST: Rule(_READING | {State.DISCONNECTED}),
    Verb.LOSES: Rule(frozenset({State.HERE})),
    Verb.DOUBLES: Rule(frozenset({State.HERE})),
    Verb.SWAPS: Rule(frozenset({State.HERE})),
    Verb.ACKNOWLEDGES: Rule(frozenset({State.HERE, State.FROZEN})),
    Verb.DOES_NOT_ACKNOWLEDGE: Rule(frozenset({State.HERE, State.FROZEN})),
    Verb.EXITS: Rule(_OPEN | {State.GONE}, State.GONE),
    Verb.IS_DISCONNECTED: Rule(_READING, State.DISCONNECTED),
    Verb.STILL_CONNECTED: Rule(frozenset({State.HERE, State.HALF_CLOSED})),
}

IN_WORDS: Mapping[State, str] = {
    State.ABSENT: "is not connected",
    State.HERE: "is connected",
    State.FROZEN: "is frozen and reads nothing",
    State.HALF_CLOSED: "has half-closed and sends nothing more",
    State.DISCONNECTED: "is disconnected",
    State.CUT_OFF: "lost its connection when the server stopped",
    State.GONE: "is gone",
}

WAY_OUT: Mapping[State, str] = {
    State.ABSENT: "Let it enter with {who} (connects) or {who} (joins).",
    State.HERE: "",
    State.FROZEN: "First comes {who} (thaws).",
    State.HALF_CLOSED: "",
    State.DISCONNECTED: "It comes back with {who} (connects) or {who} (joins).",
    State.CUT_OFF: "It comes back with {who} (connects) or {who} (joins).",
    State.GONE: "It comes back with {who} (connects) or {who} (joins).",
}

SERVER_RULES: Mapping[Verb, tuple[bool, bool]] = {
    Verb.LISTENS: (True, True),
    Verb.IS_RUNNING: (True, True),
    Verb.IS_TIDY: (True, True),
    Verb.GETS: (True, True),
    Verb.STOPS: (True, False),
    Verb.STARTS: (False, True),
    Verb.RESTARTS: (True, True),
    Verb.SEND: (True, True),
    Verb.PRINTS: (True, True),
    Verb.EXITS: (True, False),
}
"""Of each act of the server: whether it must run before, and whether it runs after."""

ENDS_CONNECTIONS = frozenset({Verb.STOPS, Verb.EXITS, Verb.RESTARTS})
OF_ANY_TIME = frozenset({Verb.PRINTS})
"""Of what a server prints, the last words may be asked for when it has ended."""

CLIENT_ACTS = {verb.value: verb for verb in CLIENT_RULES if verb.value not in MARKS}
SERVER_ACTS = {verb.value: verb for verb in SERVER_RULES if verb.value not in MARKS}
WITH_TEMPLATE = frozenset({Verb.SKIPS_TO, Verb.PRINTS})
WITH_STATUS = frozenset({Verb.EXITS})
WITH_PLACE = frozenset({Verb.CONNECTS, Verb.JOINS})
"""Acts that may say where to: `ana (connects to port2)`."""
WITH_SIGNAL = frozenset({Verb.GETS})
WITH_COUNT = frozenset({Verb.LOSES, Verb.DOUBLES})
WITH_TIME = frozenset({Verb.WAITS})
WITH_ARGUMENT = WITH_TEMPLATE | WITH_SIGNAL | WITH_PLACE | WITH_STATUS | WITH_COUNT | WITH_TIME
OF_DATAGRAMS = frozenset({Verb.LOSES, Verb.DOUBLES, Verb.SWAPS})
OF_ACKNOWLEDGING = frozenset({Verb.ACKNOWLEDGES, Verb.DOES_NOT_ACKNOWLEDGE})
"""Acts of clients whose protocol says what they answer by themselves."""
OF_NETWORKS = OF_DATAGRAMS | {Verb.WAITS}
"""Acts of a network between programs."""
OF_PROGRAMS = frozenset({Verb.EXITS, Verb.STARTS, Verb.PRINTS})
OF_CALLED = frozenset({Verb.ACCEPTS})
"""Acts of clients that the server under test calls; of these, the others' way to come in is none."""
NOT_OF_PROGRAMS = frozenset(
    {
        Verb.HALF_CLOSES,
        Verb.FREEZES,
        Verb.THAWS,
        Verb.IS_DISCONNECTED,
        Verb.STILL_CONNECTED,
        Verb.SEND_RAW,
        Verb.EXPECT_RAW,
    }
)
OF_CONNECTIONS = frozenset({Verb.HALF_CLOSES, Verb.IS_DISCONNECTED, Verb.STILL_CONNECTED})
SIGNALS = ("SIGTERM", "SIGINT")
IN_JOINS = frozenset({*MARKS.values(), Verb.NOTHING, Verb.SKIPS_TO, Verb.SKIPS_THE_REST, Verb.STILL_CONNECTED})
"""What a client may do while it joins."""
NOT_TOGETHER = frozenset({Verb.NOTHING, Verb.STILL_CONNECTED, Verb.SKIPS_THE_REST})
"""Acts that need everything to come to rest: where others act at the same moment, there is no such moment."""
PLURAL: Mapping[str, str] = {
    "skip the rest": "skips the rest", "wait": "waits", "do not acknowledge": "does not acknowledge",
}  # fmt: skip
"""Acts as they read when `all` do them."""


def singular(act: str) -> str:
    """An act as one client does it."""
    found = next((words for words in PLURAL if act == words or act.startswith(f"{words} ")), None)
    return PLURAL[found] + act[len(found) :] if found else act

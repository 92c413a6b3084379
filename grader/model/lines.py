"""One line of a play: who does what, or what is expected of whom, and where it stands in its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Words = Mapping[str, str]
"""A text for people, by language code: ``{"en": "Chat server", "es": "Servidor de chat"}``."""

Facts = Mapping[str, object]
"""The plain values (text, numbers, lists of them) with which a sentence is filled in."""

SERVER = "server"
"""The name under which the server under test appears in plays and events."""


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
    ACCEPTS = "accepts"
    JOINS = "joins"
    LEAVES = "leaves"
    HALF_CLOSES = "half-closes"
    CRASHES = "crashes"
    FREEZES = "freezes"
    THAWS = "thaws"
    WAITS = "waits"
    SKIPS_THE_REST = "skips the rest"
    LOSES = "loses"
    DOUBLES = "doubles"
    SWAPS = "swaps"
    ACKNOWLEDGES = "acknowledges"
    DOES_NOT_ACKNOWLEDGE = "does not acknowledge"
    IS_DISCONNECTED = "is disconnected"
    STILL_CONNECTED = "still connected"
    LISTENS = "listens"
    IS_RUNNING = "is running"
    GETS = "gets"
    STOPS = "stops"
    STARTS = "starts"
    PRINTS = "prints"
    EXITS = "exits"
    RESTARTS = "restarts"
    LET = "="
    """Not done to anybody: a value is computed (`model.scripts`)."""
    IS_TIDY = "is tidy"
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
    """`join` for the lines that greet the server on behalf of a client, `play` for the check's own; `turns` for those
    of several clients that speak at once and yet one by one: each begins when the one before has been read."""
    place: Place | None = None
    within: tuple[float, float | None] | None = None
    """Seconds between which a message is due, counted from what stands before it; None: no limit."""

"""How a server talks whose protocol a student invented: what was learned of it, and on what evidence.

Templates are written as in a play: ``<name>`` is who speaks, ``<password>`` that one's password, ``<text>`` what is said,
``<*>`` what changes from one time to the next, such as a clock. What can't be seen is escaped as in a string of Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.model.lines import Facts
from grader.model.transcripts import Event

SURE, LIKELY = "sure", "likely"
WRITTEN = "written"
"""The family of a dialect that somebody has written down."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A dialect: what a client sends to come in and to say something, and what the others get."""

    family: str
    """A row of the table of families."""
    framing: str = "none"
    """How a client marks the end of what it sends, or its length; one of `wire.envelope`."""
    hello: tuple[str, ...] = ()
    """What a client sends before it may speak, one piece after the other."""
    asked: str = ""
    """What the server says unasked to who connects."""
    say: str = "<text>"
    heard: str = "<text>"
    echo: bool = False
    names: str = "server"
    """Who puts the sender's name to a message: the `server`, the `client`, or `nobody`."""
    joined: str = ""
    left: str = ""
    announces: tuple[str, ...] = ()
    """The ways of leaving that the others are told of: `quit`, `close`, `reset`."""
    goodbye: str = ""
    marks: tuple[str, ...] = ()
    """What else is in the stream: `colours`, `clock`, `nul`, `newline`, `chatter`."""
    logins: Mapping[str, str] = field(default_factory=dict, hash=False)
    """The names that the server knows, each with its password (``<password>``), where it lets in nobody else."""
    idles: bool = False
    """Its timers were seen to go off, and nothing came of it."""
    confidence: str = SURE
    starts: int = 0
    seconds: float = 0.0
    proof: Mapping[str, tuple[Event, ...]] = field(default_factory=dict, hash=False)
    """What happened in the experiment that each line rests on."""

    @property
    def name_stands(self) -> str:
        """Where the sender's name stands in what the others get: `before` the text, `after` it, or `nowhere`."""
        if "<name>" not in self.heard or "<text>" not in self.heard:
            return "nowhere"
        return "before" if self.heard.index("<name>") < self.heard.index("<text>") else "after"


@dataclass(frozen=True, slots=True)
class Instead:
    """What a server is that can't be talked through: `code` is a finding's, `events` what it was seen from."""

    code: str
    facts: Facts = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    starts: int = 0
    seconds: float = 0.0

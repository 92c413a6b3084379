"""What a message that never came would have answered: bytes of a client, the end of a connection, or its beginning.

The play says it: the acts that stand right above the line that was not met. Where one of them sent a line that the
awaited text repeats, that line is meant; else the last of them. Where that is not clear, nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.course.streams import ENDINGS, Accounts, Connection
from grader.judge.order import EXPECTATIONS
from grader.model import Event, Finding, Kind, Line, Transcript, Verb

ACTS = {Kind.CONNECTED, Kind.SENT, *ENDINGS}
LOOKS = {*EXPECTATIONS, Verb.IS_DISCONNECTED, Verb.NOTHING, Verb.STILL_CONNECTED, Verb.SETTLES}


@dataclass(frozen=True, slots=True)
class Trigger:
    """An act of a client. `kind` is SENT with a stretch of its stream, CONNECTED, or one of the ways to leave.

    `wanted` is what should have come of it: a line, or (for a lost message) the end of one.
    """

    kind: Kind
    connection: Connection
    wanted: bytes
    start: int = 0
    end: int = 0

    @property
    def text(self) -> bytes:
        """The line that was sent, without its end."""
        return bytes(self.connection.sent[self.start : self.end]).strip(b"\r\n")

    def answered(self, sent: bytes) -> bool:
        """Whether some bytes that were sent hold what should have come."""
        return any(line.rstrip(b"\r").endswith(self.wanted) for line in sent.split(b"\n"))


def of_awaited(transcript: Transcript, accounts: Accounts, index: int) -> Trigger | None:
    """What the message would have answered for which an expectation waited in vain: `index` is of the event that says so."""
    gave_up = transcript.events[index]
    steps = _acts_above(transcript.play, gave_up.step)
    acts = [i for i, e in enumerate(transcript.events[:index]) if e.kind in ACTS and e.step in steps]
    if not acts:
        return None
    for act in reversed(acts):
        if transcript.events[act].kind is Kind.SENT:
            for trigger in reversed(_lines(accounts, act, transcript.events[act], gave_up.data)):
                if trigger.text and trigger.text in gave_up.data:
                    return trigger
    last = transcript.events[acts[-1]]
    connection = accounts.at(acts[-1])
    if connection is None:
        return None
    if last.kind is Kind.SENT:
        lines = _lines(accounts, acts[-1], last, gave_up.data)
        return lines[-1] if lines else None
    return Trigger(last.kind, connection, gave_up.data)


def of_lost(transcript: Transcript, accounts: Accounts, finding: Finding) -> Trigger | None:
    """The line that the law against loss says did not arrive; None if it was sent more than once."""
    text = str(finding.facts.get("text", "")).encode("utf-8", "surrogateescape")
    found = [
        t
        for i, e in enumerate(transcript.events)
        if e.kind is Kind.SENT and text and text in e.data
        for t in _lines(accounts, i, e, text)
        if t.text == text
    ]
    return found[0] if len(found) == 1 else None


def _acts_above(play: tuple[Line, ...], step: int | None) -> set[int]:
    """The steps of the acts that an expectation follows: those that stand together above it."""
    above = [line for line in play if step is not None and line.step < step]
    while above and above[-1].verb in LOOKS:
        above.pop()
    steps = set()
    while above and above[-1].verb not in LOOKS:
        steps.add(above.pop().step)
    return steps


def _lines(accounts: Accounts, index: int, event: Event, wanted: bytes) -> list[Trigger]:
    """The lines that end in what was sent; where there is none, the whole of it."""
    connection = accounts.at(index)
    if connection is None or index not in connection.sent_at:
        return []
    start = connection.sent_at[index]
    end = start + len(event.data)
    found = []
    begin = connection.sent.rfind(b"\n", 0, start) + 1  # the line may have begun in an earlier piece
    while (newline := connection.sent.find(b"\n", max(begin, start), end)) >= 0:
        found.append(Trigger(Kind.SENT, connection, wanted, begin, newline + 1))
        begin = newline + 1
    return found or [Trigger(Kind.SENT, connection, wanted, start, end)]

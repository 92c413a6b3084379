"""One transcript, looked up by the lines of the play: what happened at each of them, in words or in bytes.

A transcript is a list of events in time; the table of both servers goes by lines of the play. An event carries the step
it belongs to, where it has one. What ends a connection often has none: it belongs to the line that asks for it, among the
events between the client's acts before and after that line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.model import Event, Finding, Kind, Line, Transcript, Verb
from grader.report.rows import judged_events, message, signal_name
from grader.trim import left_out
from grader.words import Sentences

LONGEST = 96
ITEMS = 3
"""Messages of one line that are shown one by one."""

_DONE = {
    Kind.CONNECTED: "connected",
    Kind.CLOSED: "closed",
    Kind.HALF_CLOSED: "closed",
    Kind.CRASHED: "cut-off",
    Kind.FROZEN: "stopped-reading",
    Kind.THAWED: "reading-again",
    Kind.SERVER_CLOSED: "ended-by-server",
    Kind.SERVER_RESET: "reset-by-server",
    Kind.REFUSED: "refused",
    Kind.LISTENING: "running",
    Kind.EXITED: "ended",
    Kind.SIGNALLED: "got-signal",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened at a line: `who`, in words or bytes, and whether a finding is about it."""

    who: str
    text: str
    kind: Kind
    bad: bool = False


class Column:
    """One transcript, looked up by step."""

    def __init__(
        self, transcript: Transcript, findings: Sequence[Finding], lines: Sequence[Line], say: Sentences
    ) -> None:
        self.events = judged_events(transcript)
        self.say = say
        self.wrong = {i: f for f in reversed(findings) for i in f.events if i < len(self.events)}
        self.by_step: dict[int, list[int]] = {}
        for index, event in enumerate(self.events):
            if event.step is not None:
                self.by_step.setdefault(event.step, []).append(index)
        ended = any(e.kind is Kind.GAVE_UP for e in self.events)
        self.reached: float = max(self.by_step, default=-1) if ended else math.inf
        self.trimmed = any(left_out(e) for e in self.events)
        self.behind: dict[int, int] = {}
        """Messages that belong to no line, by index, and the line behind which they came: its step."""
        steps, last = {line.step for line in lines}, -1
        for index, event in enumerate(self.events):
            if event.step in steps:
                last = max(last, event.step or 0)
            elif event.kind is Kind.RECEIVED and event.step is None and last >= 0:
                self.behind[index] = last

    def loose(self, who: str, step: int) -> list[int]:
        """What a client got behind this line that belongs to no line."""
        return [i for i, at in self.behind.items() if at == step and self.events[i].who == who]

    def items(self, line: Line) -> list[Item]:
        indices = self.by_step.get(line.step, [])
        limit = LONGEST if len(indices) < ITEMS else LONGEST // 2
        found = [x for i in indices if (x := self.item(i, limit)) is not None]
        if line.verb is Verb.IS_DISCONNECTED and not found:
            found = [x for who in line.who for i in self._ends(who, line.step) if (x := self.item(i)) is not None]
        order = {who: n for n, who in enumerate(line.who)}
        return sorted(found, key=lambda x: order.get(x.who, len(order)))

    def _ends(self, who: str, step: int) -> list[int]:
        """The ends of a client's connection between what it did before and after this step."""
        acts = [(i, e.step) for i, e in enumerate(self.events) if e.who == who and e.step is not None]
        first = max((i for i, at in acts if at < step), default=-1)
        last = min((i for i, at in acts if at > step), default=len(self.events))
        ends = (Kind.SERVER_CLOSED, Kind.SERVER_RESET)
        return [i for i in range(first + 1, last) if self.events[i].who == who and self.events[i].kind in ends]

    def item(self, index: int, limit: int = LONGEST) -> Item | None:
        event = self.events[index]
        bad = index in self.wrong and event.kind is not Kind.SENT
        if event.kind in (Kind.SENT, Kind.RECEIVED):
            return Item(event.who, message(event, self.say, limit), event.kind, bad)
        if event.kind is Kind.GAVE_UP:
            return Item(event.who, self._gave_up(event), event.kind, bad=True)
        if event.kind in _DONE:
            return Item(event.who, self._done(event), event.kind, bad)
        return None

    def time(self, line: Line) -> str:
        at = self.by_step.get(line.step)
        return f"{self.say.clock(self.events[at[0]].t)} s" if at else self.say.say("sides.dash")

    def _gave_up(self, event: Event) -> str:
        key = f"seq.mark.{event.note.partition(' ')[0]}"
        if self.say.has(key):
            return self.say.say(key).removeprefix("✕ ")
        known = event.data or event.note in ("", "close")
        return self.say.say("sides.never" if known else "sides.not-reached")

    def _done(self, event: Event) -> str:
        name = _DONE[event.kind]
        status = int(event.note) if event.kind is Kind.EXITED and event.note.lstrip("-").isdigit() else None
        signal = signal_name(event.note) if event.kind is Kind.SIGNALLED else None
        if status is not None and status < 0:
            signal = signal_name(-status)
        return self.say.say(f"sides.{name}", signal=signal, status=status)
